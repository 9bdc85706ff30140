"""What counts as text that can be seen, in Python and in SQL alike."""

from __future__ import annotations

import unicodedata

import pytest

from app import text
from app.pg.pool import Database
from app.routes.uploads import title_of

FAMILY = "👨\u200d👩\u200d👧"
# Taken by people for nothing at all, though some are letters by category.
UNSEEN = [
    "\u3164",
    "\u2800",
    "\u115f",
    "\uffa0",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u3000",
    "\u0301",
    "\U000e0041",
]


@pytest.mark.parametrize(
    "name", [f"{FAMILY} Kim", "علی\u200cرضا", "金\u3000城武", "भाग्यश्री", "ไม่ดี", "🏴\U000e0067\U000e007f", "é"]
)
def test_names_of_all_scripts_are_taken_as_they_are(name: str) -> None:
    assert text.name(f" {name}\u3000", 50) == name
    assert text.title(name) == text.line(name).replace(" ", "\u3000" if "\u3000" in name else " ") == name


@pytest.mark.parametrize("blank", UNSEEN)
def test_what_only_looks_like_text_is_none(blank: str) -> None:
    assert text.name(blank * 3, 50) is None
    assert (text.title(blank * 3), text.line(f"{blank}\n{blank}")) == ("", "")


def test_names_stay_on_a_line_and_within_their_length() -> None:
    assert [text.name(wrong, 5) for wrong in ("a\nb", "a\u2028b", "a\x85b", "abcdef", "")] == [None] * 5


@pytest.mark.parametrize(
    ("tower", "kept"),
    [
        ("Z" + "\u0301" * 48, "Z" + "\u0301" * 3),
        ("ก" + "\u0e47" * 30, "ก" + "\u0e47" * 4),
        ("ב" + "\u05b0" * 30 + "x", "ב" + "\u05b0" * 4 + "x"),
        ("Việt", "Việt"),
    ],
)
def test_marks_stand_no_higher_than_a_script_sets_them(tower: str, kept: str) -> None:
    assert (text.name(tower, 60), text.title(tower), text.line(tower)) == (kept, kept, kept)


def test_file_names_make_titles() -> None:
    assert title_of(f"{FAMILY}_여름 휴가.mp4") == f"{FAMILY} 여름 휴가"
    assert title_of("\u3164.mp4") == "Untitled"
    # Cut where an emoji would be joined to nothing.
    assert title_of("x" * 148 + FAMILY + ".mp4") == "x" * 148 + "👨"


def test_composing_reaches_every_text() -> None:
    pieces = unicodedata.normalize("NFD", "한글")
    assert text.compose({pieces: [pieces, 1, None, {"a": pieces}]}) == {"한글": ["한글", 1, None, {"a": "한글"}]}


async def test_sql_sees_the_same_characters(db: Database) -> None:
    # Planes that hold characters: the first three, and that of tags and private use.
    rows = await db.fetch(
        """select n, util.is_visible(chr(n)) as seen, util.drop_invisible('a' || chr(n) || 'b') = 'ab' as is_dropped
        from (select generate_series(1, 196607) union all select generate_series(917504, 983039)) as t(n)
        where n not between 55296 and 57343"""
    )
    wrong = [hex(row["n"]) for row in rows if row["seen"] != text.is_visible(chr(row["n"]))]
    assert wrong == []
    dropped = {chr(row["n"]) for row in rows if row["is_dropped"]}
    assert {c for c in dropped if text.is_visible(c)} == set()
    assert set(UNSEEN) - {"\u3000", "\u0301"} <= dropped
