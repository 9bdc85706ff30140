"""What everybody who is not signed in sees alike, kept in the cache: the home page's lists and videos' pages.

`media.drop_cached` names these keys, too, and drops them in the commit that changes a video. What changes by the
crowd (views, likes) may be as old as FRESH_SECONDS.
"""

from __future__ import annotations

from app.pg import videos
from app.pg.cache import Cache
from app.pg.pool import Database, encode_json

FRESH_SECONDS = 5.0
STALE_SECONDS = 60.0
# A ring that is lost with its process leaves other processes' near values; this bounds for how long.
NEAR_SECONDS = 2.0
# The first pages the home page asks for: order → entries. frontend/src/views/HomeView.vue.
HOME = {"newest": 24, "popular": 8}


def keys(id: str) -> list[str]:
    """To ring after a commit that changed a video."""
    return [f"video:{id}", *(f"videos:{sort}" for sort in HOME)]


def is_home(sort: str, owner: str | None, key: int | None, limit: int) -> bool:
    return owner is None and key is None and HOME.get(sort) == limit


async def home_list(cache: Cache, db: Database, sort: str) -> bytes:
    """A first page of public videos as JSON, ready to send."""

    async def build() -> bytes:
        return await videos.list_videos(db, None, sort, None, None, None, HOME[sort])

    return await cache.get_or_build(
        f"videos:{sort}", build, fresh_seconds=FRESH_SECONDS, stale_seconds=STALE_SECONDS, near_seconds=NEAR_SECONDS
    )


async def video(cache: Cache, db: Database, id: str) -> bytes:
    """A public or unlisted video as JSON, ready to send. Raises not_found."""

    async def build() -> bytes:
        return encode_json(await videos.get_video(db, id, None)).encode()

    return await cache.get_or_build(
        f"video:{id}", build, fresh_seconds=FRESH_SECONDS, stale_seconds=STALE_SECONDS, near_seconds=NEAR_SECONDS
    )
