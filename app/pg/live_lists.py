"""The first pages of public lives, which everybody sees alike, kept in the cache.

`live.drop_cached` names these keys, too, and drops them in the commit that changes a live. Numbers of viewers may be
as old as the page: a second of what is on air, which with the age of the numbers themselves stays under three.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.pg import lives
from app.pg.cache import Cache
from app.pg.pool import Database


@dataclass(frozen=True)
class Keep:
    """`limits`: the page sizes that the frontend asks for (useLives.ts, useLiveStrip.ts)."""

    limits: tuple[int, ...]
    fresh_seconds: float
    stale_seconds: float


LISTS = {
    # Never stale: what was on air when somebody last looked says nothing.
    "live": Keep((12, 24), 1.0, 0.0),
    "upcoming": Keep((6, 24), 5.0, 60.0),
    "past": Keep((24,), 5.0, 60.0),
}
# A ring that is lost with its process leaves other processes' near values; this bounds for how long.
NEAR_SECONDS = 1.0
# To ring after a commit that changed a live.
KEYS = [f"lives:{status}:{limit}" for status, keep in LISTS.items() for limit in keep.limits]


def is_kept(status: str, owner: str | None, key: int | None, limit: int) -> bool:
    return owner is None and key is None and limit in LISTS[status].limits


async def first_page(cache: Cache, db: Database, status: str, limit: int) -> bytes:
    """A first page as JSON, ready to send."""
    keep = LISTS[status]

    async def build() -> bytes:
        return await lives.list_lives(db, status, None, None, None, limit)

    return await cache.get_or_build(
        f"lives:{status}:{limit}",
        build,
        fresh_seconds=keep.fresh_seconds,
        stale_seconds=keep.stale_seconds,
        near_seconds=NEAR_SECONDS,
    )
