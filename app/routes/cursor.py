"""Where the last page ended, as callers hand it back: made by util.cursor_text, read here."""

from __future__ import annotations

import base64
import binascii
import re

from app.errors import AppError, invalid
from app.field_errors import field_error
from app.pg.ids import NUMBER

# How it is sorted, the key, the id. No list gives out longer numbers, and PostgreSQL can make times of them: so many
# microseconds end in the year 33658.
CURSOR = re.compile(f"([a-z]+)\\.({NUMBER.pattern})\\.({NUMBER.pattern})")


def read_cursor(text: str | None, sort: str) -> tuple[int | None, int | None]:
    """(key, id), (None, None) at the start. Raises invalid, also for a cursor of another sort order."""
    if text is None:
        return None, None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error, UnicodeError):
        raise wrong() from None
    parts = CURSOR.fullmatch(raw)
    if parts is None or parts[1] != sort:
        raise wrong()
    return int(parts[2]), int(parts[3])


def wrong() -> AppError:
    return invalid(cursor=field_error("cursor"))
