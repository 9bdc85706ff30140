"""House rules a machine can check: length, forbidden calls, what the repository may not name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.env_example import example
from tests.house.files import ROOT, relative, tracked

CODE = (".py", ".ts", ".vue", ".sql", ".css")
MAXIMUM_LINES = 400


def offenders(pattern: str, files: list[Path], *but: str) -> list[str]:
    """Where a pattern stands, outside the files named."""
    found = []
    for path in files:
        if relative(path) in but:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{relative(path)}:{number}: {line.strip()[:100]}")
    return found


def under(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    return [p for p in tracked(*suffixes) if relative(p).startswith(folders)]


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {relative(p): len(p.read_text(encoding="utf-8").splitlines()) for p in tracked(*CODE)}
    assert {name: n for name, n in lengths.items() if n > MAXIMUM_LINES} == {}


def test_only_the_ring_notifies() -> None:
    sql = under("sql/", "app/", suffixes=(".sql", ".py"))
    assert offenders(r"\bpg_notify\s*\(|^\s*notify\s", sql, "sql/functions/rt/ring.sql") == []


def test_the_environment_is_read_in_config_only() -> None:
    # The laptop's supervisor hands its own environment on to the parts it starts.
    files = [p for p in under("app/") if not relative(p).startswith(("app/local/", "app/cli"))]
    assert offenders(r"os\.environ|os\.getenv", files, "app/config.py") == []


def test_sql_text_lives_in_pg_and_sql_only() -> None:
    files = [p for p in under("app/") if not relative(p).startswith(("app/pg/", "app/local/"))]
    assert offenders(r"""["']\s*(select|insert into|update|delete from)\s""", files, "app/routes/system.py") == []


def test_nothing_sleeps_or_is_skipped_or_unfinished() -> None:
    words = r"time\.sleep\(|pytest\.mark\.(skip|xfail)|pytest\.skip\(|\b(it|test|describe)\.skip\b|assert True\b"
    marks = r"TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error"
    files = under("app/", "tests/", "frontend/src/", "frontend/e2e/", suffixes=CODE)
    assert offenders(f"{words}|{marks}", files, "tests/house/test_files.py") == []


def test_no_html_is_written_by_hand() -> None:
    assert offenders(r"v-html|innerHTML", under("frontend/src/", suffixes=(".vue", ".ts"))) == []


def test_lock_files_name_no_registry() -> None:
    locks = [p for p in tracked() if re.search(r"lock|requirements|\.npmrc|pyproject|Makefile|Dockerfile", p.name)]
    assert offenders(r"https?://[^\s\"]*(pypi|npmjs|registry|simple/)|--(extra-)?index-url", locks) == []


def is_text(path: Path) -> bool:
    """Clips, pictures and captions in other encodings are not."""
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("word", [r"\.\./shared", r"(^|[^a-z.])/(work|root|home)/[a-z]"])
def test_the_repository_names_no_machine(word: str) -> None:
    texts = [p for p in tracked() if is_text(p)]
    assert offenders(word, texts, "tests/house/test_files.py", "Dockerfile") == []


def test_each_sql_function_says_what_who_and_which_errors() -> None:
    missing = []
    for path in under("sql/functions/", suffixes=(".sql",)):
        head = path.read_text(encoding="utf-8").splitlines()[:3]
        if len(head) < 3 or not all(line.startswith("-- ") for line in head):
            missing.append(relative(path))
    assert missing == []


def test_each_migration_is_immutable_text_without_functions() -> None:
    files = under("sql/migrations/", suffixes=(".sql",))
    assert files
    assert offenders(r"create (or replace )?(function|view|procedure)", files, *TRIGGER_MIGRATIONS) == []


# The cache's TTL trigger is the one trigger there is, and a trigger needs its function to stand before it.
TRIGGER_MIGRATIONS = ("sql/migrations/0001_engine.sql",)


def test_the_example_environment_equals_the_code() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
