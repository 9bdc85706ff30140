"""docs/states.md names exactly the states that the tables' checks allow."""

from __future__ import annotations

import re

import pytest

from app.pg.pool import Database
from tests.house.files import ROOT

PAGE = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "heading"),
    [
        ("videos", "Videos"),
        ("video_qualities", "Renditions"),
        ("uploads", "Uploads"),
        ("lives", "Lives"),
        ("transcode_jobs", "Transcodes"),
    ],
)
async def test_states_are_those_the_table_allows(db: Database, table: str, heading: str) -> None:
    check = await db.fetchval(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = $1::regclass and conname = 'status_is_known'",
        table,
    )
    allowed = set(re.findall(r"'([a-z]+)'", check))
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z]+)`", section))
    assert allowed <= named, allowed - named
    # A table of states names no others; further tables of a section are about something else.
    rows = re.findall(r"^\| `([a-z]+)` \|", section.split("\n### ")[0].split("| reason |")[0], re.M)
    assert set(rows) <= allowed, set(rows) - allowed


def test_a_failure_has_words_and_a_button_only_where_trying_again_may_help() -> None:
    table = PAGE.split("| reason |")[1].split("\n\n")[0]
    reasons = dict(re.findall(r"^\| `([a-z_]+)` \|.*\| ([^|]+) \|$", table, re.M))
    assert len(reasons) > 10
    frontend = ROOT / "frontend/src"
    final = re.findall(r"'([a-z_]+)'", (frontend / "lib/video/reasons.ts").read_text().split("])")[0])
    assert set(final) == {reason for reason, again in reasons.items() if again == "no"}
    words = (frontend / "locales/en/video.ts").read_text().split("reasons: {")[1].split("},")[0]
    assert set(reasons) <= set(re.findall(r"^ +([a-z_]+):", words, re.M))
