"""Videos for tests, left in the database as the pipeline leaves them; search and dates by the real function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.pg import videos
from app.pg.pool import Database

READY: dict[str, Any] = {
    "status": "ready",
    "processing_progress": 100,
    "attempt": 1,
    "hls_path": "1/hls/master.m3u8",
    "poster_path": "1/poster.jpg",
    "sprite_path": "1/thumbs/thumbs.vtt",
    "duration_seconds": 60.0,
    "width": 1280,
    "height": 720,
    "size_bytes": 1000,
}


@dataclass(frozen=True)
class MadeVideo:
    number: int
    id: str


async def make_video(
    db: Database,
    owner: int,
    title: str = "A walk",
    *,
    description: str = "",
    tags: list[str] | None = None,
    visibility: str = "public",
    **columns: Any,
) -> MadeVideo:
    """A playable video; `columns` are set as given (`hls_path=None, status="uploading"` for one on its way)."""
    values = READY | columns
    names = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(3, 3 + len(values)))
    row = await db.fetchrow(
        f"insert into videos (public_id, owner_id, title, {names}) values (util.random_id(), $1, $2, {places})"  # noqa: S608
        " returning id, public_id",
        owner,
        title,
        *values.values(),
    )
    assert row is not None
    await videos.update_video(db, row["public_id"], owner, title, description, tags or [], visibility)
    return MadeVideo(row["id"], row["public_id"])
