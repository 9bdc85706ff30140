"""The picture of a video: one of those made of it, or its owner's own, decoded and written anew."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from msgspec import Meta
from starlette.requests import ClientDisconnect

from app.clients import ffmpeg, pictures
from app.errors import AppError, invalid, unavailable
from app.field_errors import field_error
from app.pg import guests, videos
from app.routes import media_urls, video_types
from app.routes.http import Access, Body, Call, Endpoint

FOREVER = "public, max-age=31536000, immutable"
SIDE = 1280  # pixels, as wide as the pictures made of videos


class Frame(Body):
    """Which of `frame_urls`, from 0."""

    frame: Annotated[int, Meta(ge=0, le=100)]


async def choose(call: Call) -> dict[str, Any]:
    video = await videos.choose_frame(call.deps.db, call.path["id"], call.me.user_id, call.body.frame)
    return shown(call, video)


async def put(call: Call) -> dict[str, Any]:
    """Planned, stored, shown: whoever dies on the way leaves nothing that is not swept."""
    id, me, deps = call.path["id"], call.me.user_id, call.deps
    await videos.check_owner(deps.db, id, me)
    picture = await decode(call, await read(call))
    path = f"poster/{secrets.token_hex(12)}.jpg"
    await videos.plan_poster(deps.db, id, me, path, deps.settings.avatar_unused_hours)
    await deps.storage.put(
        deps.storage.media, f"vod/{id}/{path}", picture, content_type="image/jpeg", cache_control=FOREVER
    )
    return shown(call, await videos.set_poster(deps.db, id, me, path))


def shown(call: Call, video: dict[str, Any]) -> dict[str, Any]:
    call.deps.bell.ring(keys=guests.keys(video["id"]))
    return media_urls.put_tokens(call.deps.settings, video)


async def read(call: Call) -> bytes:
    """Raises bad_request, invalid."""
    most = call.deps.settings.poster_max_bytes
    try:
        data = await call.request.body()
    except ClientDisconnect:
        raise AppError("bad_request") from None
    if not 1 <= len(data) <= most:
        raise invalid(poster=field_error("bytes_most", most_bytes=most))
    return data


async def decode(call: Call, data: bytes) -> bytes:
    """Raises invalid for what is no picture, unavailable when it took too long."""
    settings = call.deps.settings
    try:
        picture = await pictures.to_jpeg(
            ffmpeg.find(settings),
            data,
            side=SIDE,
            max_pixels=settings.video_max_pixels,
            seconds=settings.poster_seconds,
        )
    except ffmpeg.FFmpegError as error:
        raise unavailable() from error
    if picture is None:
        raise invalid(poster=field_error("picture_unusable" if pictures.kind_of(data) else "picture_type"))
    return picture


PATH = "/api/videos/{id}/poster"
ENDPOINTS = [
    Endpoint(
        "PUT", PATH, put, "Show a picture of one's own for a video", "videos", Access.USER,
        returns=video_types.Video, errors=("not_found",), is_json=False, consumes="image/jpeg", limit="avatar",
    ),
    Endpoint(
        "POST", PATH, choose, "Show one of the pictures made of a video", "videos", Access.USER,
        body=Frame, returns=video_types.Video, errors=("not_found",), limit="write",
    ),
]  # fmt: skip
