"""The local mail catcher's HTTP surface: `GET /messages` → {items: [{id, from, to, subject, date, text}]}."""

from __future__ import annotations

import asyncio
import http.client
import json
import urllib.request
from typing import Any

from app.errors import unavailable

ANSWER_SECONDS = 5


async def messages(url: str) -> list[dict[str, Any]]:
    """Caught mails, newest first. Raises AppError("unavailable")."""
    try:
        return await asyncio.to_thread(_read, f"{url}/messages")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise unavailable() from error


def _read(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - a setting of ours
        found: list[dict[str, Any]] = json.load(answer)["items"]
        return found
