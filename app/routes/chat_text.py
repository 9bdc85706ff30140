"""What a message's text is made of before any rule sees it: one line, and no towers of accents."""

from __future__ import annotations

import re

MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
# More than three marks on one letter write over the lines above and below.
TOWER = re.compile(f"({MARK}{{3}}){MARK}+")


def tidy(text: str) -> str:
    line = " ".join(text.split())
    return line if line.isascii() else TOWER.sub(r"\1", line)
