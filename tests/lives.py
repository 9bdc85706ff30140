"""Live broadcasts for tests, made and moved by the real SQL functions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.pg import lives
from app.pg.pool import Database

AHEAD_DAYS = 366
MAX_OPEN = 1000


@dataclass(frozen=True)
class MadeLive:
    number: int
    id: str

    @property
    def channel(self) -> str:
        return f"live:{self.id}"


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


async def make_live(
    db: Database,
    owner: int,
    title: str = "An evening",
    *,
    description: str = "",
    visibility: str = "public",
    scheduled_at: datetime | None = None,
    status: str = "scheduled",
) -> MadeLive:
    """A live that waits, is on air or is over."""
    made = await lives.create_live(
        db, owner, title, description, visibility, scheduled_at, (secrets.token_bytes(32), "abcd"), AHEAD_DAYS, MAX_OPEN
    )
    if status in ("live", "ended"):
        await lives.start_live(db, made["id"], owner)
    if status == "ended":
        await lives.end_live(db, made["id"], owner)
    return MadeLive(await db.fetchval("select id from lives where public_id = $1", made["id"]), made["id"])
