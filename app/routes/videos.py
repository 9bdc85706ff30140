"""Finding, seeing, changing and deleting videos."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.errors import invalid
from app.field_errors import field_error
from app.pg import guests, videos
from app.routes import media_urls, video_types
from app.routes.cursor import read_cursor
from app.routes.http import Access, Call, Endpoint, Raw, count
from app.text import title


def viewer(call: Call) -> int | None:
    return call.user.user_id if call.user else None


async def list_all(call: Call) -> Raw:
    query: video_types.ListQuery = call.query
    text = (query.q or "").strip()
    sort = query.sort or "relevance"
    if not text and sort == "relevance":
        sort = "newest"
    key, id = read_cursor(query.cursor, sort)
    db = call.deps.db
    if text:
        await count(call, "search")
        return Raw(await videos.search_videos(db, viewer(call), text, sort, query.owner, key, id, query.limit))
    if call.user is None and guests.is_home(sort, query.owner, key, query.limit):
        return Raw(await guests.home_list(call.deps.cache, db, sort), is_shared=True)
    return Raw(await videos.list_videos(db, viewer(call), sort, query.owner, key, id, query.limit))


async def list_mine(call: Call) -> dict[str, Any]:
    query: video_types.MineQuery = call.query
    _, id = read_cursor(query.cursor, "mine")
    page = await videos.list_mine(call.deps.db, call.me.user_id, query.status, id, query.limit)
    for video in page["items"]:
        media_urls.put_tokens(call.deps.settings, video)
    return page


async def stats(call: Call) -> dict[str, Any]:
    return await videos.stats(call.deps.db, call.me.user_id)


async def get(call: Call) -> dict[str, Any] | Raw:
    if call.user is None:
        return Raw(await guests.video(call.deps.cache, call.deps.db, call.path["id"]), is_shared=True)
    video = await videos.get_video(call.deps.db, call.path["id"], viewer(call))
    return media_urls.put_tokens(call.deps.settings, video)


def in_utc(at: datetime | None) -> datetime | None:
    """Raises invalid for a moment that is in no calendar once its zone is counted in."""
    try:
        return at.astimezone(UTC) if at else None
    except OverflowError:
        raise invalid(publish_at=field_error("time_impossible")) from None


async def patch(call: Call) -> dict[str, Any]:
    b: video_types.VideoPatch = call.body
    name = None if b.title is None else title(b.title)
    tags = None if b.tags is None else [title(tag) for tag in b.tags]
    video = await videos.update_video(
        call.deps.db, call.path["id"], call.me.user_id, name, b.description, tags, b.visibility,
        in_utc(b.publish_at), call.deps.settings.publish_ahead_days,
    )  # fmt: skip
    call.deps.bell.ring(keys=guests.keys(call.path["id"]))
    return media_urls.put_tokens(call.deps.settings, video)


async def delete(call: Call) -> None:
    await videos.delete_video(call.deps.db, call.path["id"], call.me.user_id, call.deps.settings.delete_undo_seconds)
    call.deps.bell.ring(keys=guests.keys(call.path["id"]))


async def restore(call: Call) -> dict[str, Any]:
    video = await videos.restore_video(call.deps.db, call.path["id"], call.me.user_id)
    call.deps.bell.ring(keys=guests.keys(call.path["id"]))
    return media_urls.put_tokens(call.deps.settings, video)


async def related(call: Call) -> Raw:
    return Raw(await videos.related(call.deps.db, call.path["id"], viewer(call), call.query.limit))


async def playback(call: Call) -> video_types.Playback:
    id = call.path["id"]
    paths = await videos.playback(call.deps.db, id, viewer(call))
    expires_at = media_urls.expiry(paths["duration_seconds"])
    base = media_urls.base(call.deps.settings, id, paths["visibility"], expires_at)

    def url(name: str) -> str | None:
        return base + paths[name] if paths[name] else None

    return video_types.Playback(
        hls_url=url("hls_path"),
        progressive_url=url("progressive_path"),
        poster_url=url("poster_path"),
        sprite_vtt_url=url("sprite_path"),
        captions=[video_types.CaptionTrack(c["lang"], c["label"], base + c["path"]) for c in paths["captions"]],
        expires_at=media_urls.utc_datetime(expires_at),
    )


TAG = "videos"
T = video_types
ENDPOINTS = [
    Endpoint(
        "GET", "/api/videos", list_all, "Public videos: search, newest, most viewed", TAG, Access.OPTIONAL,
        query=T.ListQuery, returns=T.VideoPage,
    ),
    Endpoint(
        "GET", "/api/users/me/videos", list_mine, "My videos in every state", TAG, Access.USER,
        query=T.MineQuery, returns=T.MyVideoPage, limit="read",
    ),
    Endpoint(
        "GET", "/api/users/me/stats", stats, "My totals and views of 30 days", TAG, Access.USER, returns=T.Stats,
        limit="read",
    ),
    Endpoint("GET", "/api/videos/{id}", get, "One video", TAG, Access.OPTIONAL, returns=T.Video, errors=("not_found",)),
    Endpoint(
        "PATCH", "/api/videos/{id}", patch, "Change title, description, tags or visibility", TAG, Access.USER,
        body=T.VideoPatch, returns=T.Video, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "DELETE", "/api/videos/{id}", delete, "Hide a video at once and remove its files", TAG, Access.USER,
        status=204, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "POST", "/api/videos/{id}/restore", restore, "Take back that a video was deleted a moment ago", TAG,
        Access.USER, returns=T.Video, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "GET", "/api/videos/{id}/related", related, "What to watch next", TAG, Access.OPTIONAL,
        query=T.RelatedQuery, returns=T.Related, errors=("not_found",), limit="read",
    ),
    Endpoint(
        "GET", "/api/videos/{id}/playback", playback, "Addresses to play from", TAG, Access.OPTIONAL,
        returns=T.Playback, errors=("not_found",), limit="read",
    ),
]  # fmt: skip
