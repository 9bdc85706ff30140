"""Every code that SQL or Python raises is in the one table, and with the status it has there."""

from __future__ import annotations

import re

from app.errors import ERRORS, SQLSTATES
from tests.house.files import relative, tracked

IN_SQL = re.compile(r"util\.fail\(\s*(\d{3})\s*,\s*'([a-z_]+)'")
IN_PYTHON = re.compile(r"AppError\(\s*\"([a-z_]+)\"")


def test_codes_raised_in_sql_are_in_the_table() -> None:
    wrong = []
    for path in tracked(".sql"):
        for status, code in IN_SQL.findall(path.read_text(encoding="utf-8")):
            if ERRORS.get(code, (0, ""))[0] != int(status):
                wrong.append(f"{relative(path)}: {code} {status}")
    assert wrong == []


def test_codes_raised_in_python_are_in_the_table() -> None:
    files = [p for p in tracked(".py") if relative(p).startswith("app/")]
    used = {(relative(p), code) for p in files for code in IN_PYTHON.findall(p.read_text(encoding="utf-8"))}
    assert {(name, code) for name, code in used if code not in ERRORS} == set()


def test_every_code_is_used() -> None:
    text = "\n".join(
        p.read_text(encoding="utf-8")
        for p in tracked(".py", ".sql")
        if relative(p).startswith(("app/", "sql/functions/"))
    )
    unused = {code for code in ERRORS if not re.search(rf"[\"']{code}[\"']", text.replace(f'"{code}": (', ""))}
    assert unused <= set(SQLSTATES.values()), unused
