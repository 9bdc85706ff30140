"""Videos as viewers and owners meet them: one call per SQL function of sql/functions/media."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.pg.pool import Database

Json = dict[str, Any]


async def list_videos(
    db: Database, viewer: int | None, sort: str, owner: str | None, key: int | None, id: int | None, limit: int
) -> bytes:
    """A page of public videos as JSON, ready to send."""
    text: str = await db.fetchval(
        "select media.list_videos($1, $2, $3, $4, $5, $6)", viewer, sort, owner, key, id, limit
    )
    return text.encode()


async def search_videos(
    db: Database, viewer: int | None, q: str, sort: str, owner: str | None, key: int | None, id: int | None, limit: int
) -> bytes:
    """A page of what a text finds as JSON, ready to send."""
    text: str = await db.fetchval(
        "select media.search_videos($1, $2, $3, $4, $5, $6, $7)", viewer, q, sort, owner, key, id, limit
    )
    return text.encode()


async def list_followed(db: Database, viewer: int, key: int | None, id: int | None, limit: int) -> bytes:
    text: str = await db.fetchval("select media.list_followed($1, $2, $3, $4)", viewer, key, id, limit)
    return text.encode()


async def related(db: Database, video: str, viewer: int | None, limit: int) -> bytes:
    text: str = await db.fetchval("select media.related($1, $2, $3)", video, viewer, limit)
    return text.encode()


async def list_mine(db: Database, owner: int, status: str | None, id: int | None, limit: int) -> Json:
    page: Json = await db.fetchval("select media.list_mine($1, $2, $3, $4)", owner, status, id, limit)
    return page


async def stats(db: Database, owner: int) -> Json:
    totals: Json = await db.fetchval("select media.stats($1)", owner)
    return totals


async def get_video(db: Database, video: str, viewer: int | None) -> Json:
    """Raises not_found."""
    found: Json = await db.fetchval("select media.get_video($1, $2)", video, viewer)
    return found


async def update_video(
    db: Database,
    video: str,
    owner: int,
    title: str | None,
    description: str | None,
    tags: list[str] | None,
    visibility: str | None,
    publish_at: datetime | None = None,
    ahead_days: int = 0,
) -> Json:
    """Raises not_found, invalid."""
    changed: Json = await db.fetchval(
        "select media.update_video($1, $2, $3, $4, $5, $6, $7, $8)",
        video,
        owner,
        title,
        description,
        tags,
        visibility,
        publish_at,
        ahead_days,
    )
    return changed


async def plan_poster(db: Database, video: str, owner: int, path: str, hours: float) -> None:
    """What will lie at `path` is swept after so many hours unless it is shown then. Raises not_found."""
    await db.fetchval("select media.plan_poster($1, $2, $3, $4)", video, owner, path, hours)


async def set_poster(db: Database, video: str, owner: int, path: str) -> Json:
    """Raises not_found."""
    changed: Json = await db.fetchval("select media.set_poster($1, $2, $3)", video, owner, path)
    return changed


async def choose_frame(db: Database, video: str, owner: int, frame: int) -> Json:
    """Raises not_found."""
    changed: Json = await db.fetchval("select media.choose_frame($1, $2, $3)", video, owner, frame)
    return changed


async def shows_poster(db: Database, video: str, path: str) -> bool:
    return bool(await db.fetchval("select media.shows_poster($1, $2)", video, path))


async def publish_due(db: Database, limit: int) -> list[str]:
    """Publish what waited for its time; the ids of those videos."""
    ids: list[str] = await db.fetchval("select media.publish_due($1)", limit)
    return ids


async def delete_video(db: Database, video: str, owner: int, undo_seconds: int = 0) -> None:
    """Its files are removed after so many seconds. Raises not_found."""
    await db.fetchval("select media.delete_video($1, $2, $3)", video, owner, undo_seconds)


async def restore_video(db: Database, video: str, owner: int) -> Json:
    """Raises not_found, also when it is too late."""
    restored: Json = await db.fetchval("select media.restore_video($1, $2)", video, owner)
    return restored


async def playback(db: Database, video: str, viewer: int | None) -> Json:
    """Raises not_found."""
    paths: Json = await db.fetchval("select media.playback($1, $2)", video, viewer)
    return paths


async def is_open(db: Database, video: str) -> bool | None:
    """Whether files of a video need no token; None: nobody may have them."""
    answer: bool | None = await db.fetchval("select media.is_open($1)", video)
    return answer


async def page_card(db: Database, video: str) -> Json | None:
    """What a shared link tells, None when guests may not see the video."""
    card: Json | None = await db.fetchval("select media.page_card($1)", video)
    return card


async def like_video(db: Database, video: str, user: int) -> Json:
    """Raises not_found."""
    likes: Json = await db.fetchval("select media.like_video($1, $2)", video, user)
    return likes


async def unlike_video(db: Database, video: str, user: int) -> Json:
    """Raises not_found."""
    likes: Json = await db.fetchval("select media.unlike_video($1, $2)", video, user)
    return likes


async def record_view(db: Database, video: str, viewer: int | None, viewer_hash: bytes) -> int | None:
    """The video's number when this view counts, None when the viewer was counted lately. Raises not_found."""
    counted: int | None = await db.fetchval("select media.record_view($1, $2, $3)", video, viewer, viewer_hash)
    return counted


async def fold_views(db: Database, limit: int) -> int:
    """Move counted views into their videos, of `limit` at most; how many had some."""
    folded: int = await db.fetchval("select media.fold_views($1)", limit)
    return folded


async def fold_likes(db: Database, limit: int) -> int:
    """Move counted likes into their videos, of `limit` at most; how many had some."""
    folded: int = await db.fetchval("select media.fold_likes($1)", limit)
    return folded


async def forget_viewers(db: Database) -> int:
    forgotten: int = await db.fetchval("select media.forget_viewers()")
    return forgotten


async def set_position(db: Database, video: str, user: int, seconds: float) -> None:
    """Raises not_found."""
    await db.fetchval("select media.set_position($1, $2, $3)", video, user, seconds)


async def check_owner(db: Database, video: str, owner: int) -> None:
    """Raises not_found."""
    await db.fetchval("select (media.owned_video($1, $2)).id", video, owner)


async def put_caption(db: Database, video: str, owner: int, lang: str, label: str, path: str, size: int) -> str | None:
    """The path of the captions replaced; `size` in bytes. Raises not_found, too_many_captions, quota_exceeded."""
    old: str | None = await db.fetchval(
        "select media.put_caption($1, $2, $3, $4, $5, $6)", video, owner, lang, label, path, size
    )
    return old


async def delete_caption(db: Database, video: str, owner: int, lang: str) -> str:
    """The path that is now unused. Raises not_found."""
    old: str = await db.fetchval("select media.delete_caption($1, $2, $3)", video, owner, lang)
    return old
