"""Every action the audit log can hold has a sentence in every language of the console."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest

from app.routes.chat_types import AuditEntry
from tests.house.files import ROOT

ACTIONS = set(get_args(get_type_hints(AuditEntry)["action"]))


@pytest.mark.parametrize("language", ["en", "zh-TW", "ko"])
def test_every_action_has_its_sentence(language: str) -> None:
    text = (ROOT / f"frontend/src/locales/{language}/lives.ts").read_text(encoding="utf-8")
    block = text.split("  audit: {")[1].split("actions: {")[1].split("}," + "\n")[0]
    assert set(re.findall(r"^ {6}(\w+):", block, re.M)) == ACTIONS


def test_the_service_names_the_actions_the_functions_log() -> None:
    sql = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "sql" / "functions").rglob("*.sql"))
    logged = set(re.findall(r"chat\.log\([^,;]+, [^,;]+, '([a-z_]+)'", sql))
    assert logged, "no call of chat.log was read"
    assert logged <= ACTIONS, logged - ACTIONS
