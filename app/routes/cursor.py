"""Where the last page ended, as callers hand it back: made by util.cursor_text, read here."""

from __future__ import annotations

import base64
import binascii

from app.errors import AppError, invalid

LARGEST = 2**63 - 1


def read_cursor(text: str | None, sort: str) -> tuple[int | None, int | None]:
    """(key, id), (None, None) at the start. Raises invalid, also for a cursor of another sort order."""
    if text is None:
        return None, None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        name, key, id = raw.split(".")
        numbers = int(key), int(id)
    except (ValueError, binascii.Error, UnicodeError):
        raise wrong() from None
    if name != sort or any(not 0 <= n <= LARGEST for n in numbers):
        raise wrong()
    return numbers


def wrong() -> AppError:
    return invalid(cursor="is not one this list gave out")
