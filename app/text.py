"""Text that people write: one form of it, what of it can be seen, how high its marks may stand.

`util.drop_invisible` and `util.is_visible` say the same in SQL; a test compares them character by character.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

# Takes no room of its own or looks like a blank, whatever its category: Unicode's default ignorables, the fillers of
# Hangul, the empty Braille pattern and musical head. https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
BLANK = "\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# Accents and other marks that stand on any letter.
ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# Those of scripts that set one or two by rule: Hebrew, Arabic, Thai, Lao.
POINTS = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u06e7\u06e8\u06ea-\u06ed\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
)
VISIBLE = re.compile(f"[^{BLANK}{INVISIBLE}{ACCENTS}]")
# More than three marks on one letter, four where a script sets them, write over the lines above and below.
TOWER = re.compile(f"([{ACCENTS}]{{3}})[{ACCENTS}]+|([{ACCENTS}{POINTS}]{{4}})[{ACCENTS}{POINTS}]+")
LINE_BREAK = re.compile("[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]")


def compose(value: Any) -> Any:
    """The same value with all its text in NFC: what a Mac writes in pieces becomes whole letters."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {compose(key): compose(item) for key, item in value.items()}
    if isinstance(value, list):
        return [compose(item) for item in value]
    return value


def is_visible(text: str) -> bool:
    """Whether anything of it can be seen."""
    return VISIBLE.search(text) is not None


def lower_towers(text: str) -> str:
    return text if text.isascii() else TOWER.sub(r"\1\2", text)


def name(text: str, most: int) -> str | None:
    """A name as it is kept, or None when it has no visible character, more than `most`, or a line break."""
    kept = lower_towers(text.strip())
    return kept if len(kept) <= most and is_visible(kept) and not LINE_BREAK.search(kept) else None


def title(text: str) -> str:
    """A title or tag as it is kept; empty when nothing of it can be seen."""
    kept = lower_towers(text.strip())
    return kept if is_visible(kept) else ""


def line(text: str) -> str:
    """A message or file name as one line; empty when nothing of it can be seen."""
    return title(" ".join(text.split()))
