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
