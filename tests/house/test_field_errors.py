"""What is wrong with an input is said by code: every code is in the one table and has its text in every language."""

from __future__ import annotations

import re

import pytest

from app.field_errors import FIELD_ERRORS
from tests.house.files import ROOT, relative, tracked

LANGUAGES = ["en", "zh-TW", "ko"]
IN_PYTHON = re.compile(r"field_error\(\s*\"([a-z_]+)\"")
CALL = re.compile(r"util\.fail\((.*?)\);", re.DOTALL)


def texts(language: str) -> dict[str, str]:
    source = (ROOT / f"frontend/src/locales/{language}/fields.ts").read_text(encoding="utf-8")
    return {code: text for code, _, text in re.findall(r"^  (\w+): (['\"])(.*)\2,$", source, re.MULTILINE)}


def params(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_text_with_its_parameters(language: str) -> None:
    known = texts(language)
    assert set(known) == set(FIELD_ERRORS)
    wrong = {code for code, text in known.items() if not params(text) <= params(FIELD_ERRORS[code])}
    assert wrong == set()


def test_codes_given_in_python_are_in_the_table_and_all_are_given() -> None:
    python = "\n".join(p.read_text(encoding="utf-8") for p in tracked(".py") if relative(p).startswith("app/"))
    assert set(IN_PYTHON.findall(python)) <= set(FIELD_ERRORS)
    everything = python + "\n".join(p.read_text(encoding="utf-8") for p in tracked(".sql"))
    outside = everything.replace((ROOT / "app/field_errors.py").read_text(encoding="utf-8"), "")
    assert {code for code in FIELD_ERRORS if not re.search(rf"[\"']{code}[\"']", outside)} == set()


def test_fields_of_sql_are_codes_of_the_table() -> None:
    found = 0
    for path in tracked(".sql"):
        for call in CALL.findall(path.read_text(encoding="utf-8")):
            # {"input": "code"}, jsonb_build_object('input', 'code') or … jsonb_build_object('code', 'code', …).
            named = re.findall(r"\{\"\w+\": \"([^\"]*)\"\}", call)
            named += re.findall(r"jsonb_build_object\('(?!code)\w+', '([^']*)'", call)
            named += re.findall(r"jsonb_build_object\(\s*'code', '([^']*)'", call)
            assert set(named) <= set(FIELD_ERRORS), relative(path)
            found += len(named)
            assert ("jsonb_build_object" in call or '{"' in call) == bool(named), relative(path)
    assert found, "no fields were read"
