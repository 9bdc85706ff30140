"""Outside events, stored once before anybody acts on them. Thin callers of schema inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.pg.queue import Runs


@dataclass(frozen=True)
class Stored:
    id: int
    source: str
    event_id: str
    body: Any


async def store(db: Runs, source: str, event_id: str, body: Any, *, queue: str, kind: str) -> bool:
    """Store an event and add the job that applies it (payload {"inbox_id"}); False when it was there. Ring after."""
    rows = await db.fetch("select inbox.store($1, $2, $3, $4, $5)", source, event_id, body, queue, kind)
    return bool(rows[0][0])


async def read(db: Runs, id: int) -> Stored | None:
    """The event, counting a try; None when it is applied."""
    rows = await db.fetch("select id, source, event_id, body from inbox.read($1)", id)
    return Stored(**dict(rows[0])) if rows else None


async def applied(db: Runs, id: int) -> bool:
    return bool((await db.fetch("select inbox.applied($1)", id))[0][0])


async def failed(db: Runs, id: int, error: str) -> None:
    await db.fetch("select inbox.failed($1, $2)", id, error)
