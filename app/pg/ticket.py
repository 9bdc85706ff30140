"""One-time tickets that open sockets; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from app.pg.queue import Runs

TICKET_BYTES = 24


@dataclass(frozen=True)
class Holder:
    user_id: int
    session_id: str


async def issue(db: Runs, user_id: int, session_id: str, ttl_seconds: float) -> str:
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    await db.fetch(
        "select rt.issue_ticket($1, $2, $3, make_interval(secs => $4))",
        hashed(ticket),
        user_id,
        session_id,
        ttl_seconds,
    )
    return ticket


async def take(db: Runs, ticket: str) -> Holder | None:
    """Whose it was; None when unknown, used or late."""
    rows = await db.fetch("select user_id, session_id from rt.take_ticket($1)", hashed(ticket))
    return Holder(rows[0]["user_id"], rows[0]["session_id"]) if rows else None


def hashed(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).digest()
