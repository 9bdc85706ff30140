"""Captions of a video: WebVTT files that its owner uploads."""

from __future__ import annotations

import contextlib
import re
import secrets

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.deps import Deps
from app.errors import AppError, invalid
from app.field_errors import field_error
from app.pg import guests, videos
from app.routes import captions_file, video_types, webvtt
from app.routes.http import Access, Call, Endpoint, json_response
from app.text import compose

LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
TYPES = ("text/vtt", "application/x-subrip")


async def put(call: Call) -> Response:
    """Store first, then the row: a row never names a file that is not there."""
    id, lang, me = call.path["id"], call.path["lang"], call.me.user_id
    deps = call.deps
    if not LANG.fullmatch(lang):
        raise invalid(lang=field_error("language_tag"))
    await videos.check_owner(deps.db, id, me)
    text, encoding = captions_file.decode(await read_file(call), call.query.encoding)
    captions = webvtt.read(compose(text))
    stored = captions.text.encode()
    label = (call.query.label or lang).strip() or lang
    path = f"captions/{lang}-{secrets.token_hex(6)}.vtt"
    await deps.storage.put(deps.storage.media, f"vod/{id}/{path}", stored, content_type="text/vtt; charset=utf-8")
    try:
        old = await videos.put_caption(deps.db, id, me, lang, label, path, len(stored))
    except AppError as error:
        # Refused, so no row names the file. A lost answer is no refusal: the row may be there.
        if error.status < 500:
            await forget_file(deps, id, path)
        raise
    deps.bell.ring(keys=guests.keys(id))
    await forget_file(deps, id, old)
    return json_response(
        video_types.SavedCaption(lang, label, captions.left_out, None if encoding == "utf-8" else encoding)
    )


async def delete(call: Call) -> None:
    id = call.path["id"]
    old = await videos.delete_caption(call.deps.db, id, call.me.user_id, call.path["lang"])
    call.deps.bell.ring(keys=guests.keys(id))
    await forget_file(call.deps, id, old)


async def read_file(call: Call) -> bytes:
    content_type = call.request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type not in TYPES:
        raise AppError("unsupported_media_type", f"Send captions as {' or '.join(TYPES)}.")
    try:
        raw = await call.request.body()
    except ClientDisconnect:
        raise AppError("bad_request") from None
    if len(raw) > call.deps.settings.caption_max_bytes:
        raise AppError("body_too_large")
    return raw


async def forget_file(deps: Deps, id: str, path: str | None) -> None:
    # While S3 is away the file stays, out of reach of nothing but its own video, and goes with it.
    if path is not None:
        with contextlib.suppress(AppError):
            await deps.storage.delete_many(deps.storage.media, [f"vod/{id}/{path}"])


TAG = "captions"
T = video_types
ENDPOINTS = [
    Endpoint(
        "PUT", "/api/videos/{id}/captions/{lang}", put, "Upload captions of a language (WebVTT or SubRip)", TAG,
        Access.USER, query=T.CaptionQuery, returns=T.SavedCaption,
        errors=("not_found", "too_many_captions", "quota_exceeded"), is_json=False, consumes="text/vtt", limit="write",
    ),
    Endpoint(
        "DELETE", "/api/videos/{id}/captions/{lang}", delete, "Remove captions", TAG, Access.USER,
        status=204, errors=("not_found",), limit="write",
    ),
]  # fmt: skip
