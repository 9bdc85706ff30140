"""Files that browsers play: `/media/<token>/<video>/<path>` streamed from S3, `/media/avatars/<key>`."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.addresses import client_ip
from app.auth import media_token
from app.clients.cdn import Cdn
from app.deps import Deps
from app.errors import AppError
from app.pg.ids import PUBLIC_ID
from app.pg.limits import address_key
from app.routes import media_urls
from app.routes.streaming import Stream

# Server-made names only: no dot in front, no escapes, at most five folders.
PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/){0,5}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
# One range and no more: a header with thousands of them is an attack, not a player.
RANGE = re.compile(r"bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})")
# What we may have said ourselves, one or several; anything else is not for S3 to see.
ETAGS = re.compile(r'\*|(?:W/)?"[!#-~]{0,100}"(?:[ \t]*,[ \t]*(?:W/)?"[!#-~]{0,100}"){0,20}')
TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "ts": "video/mp2t",
    "mp4": "video/mp4",
    "m4s": "video/iso.segment",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "vtt": "text/vtt; charset=utf-8",
}
REWRITTEN = ("m3u8", "vtt")
FOREVER = "max-age=31536000, immutable"


@dataclass(frozen=True)
class File:
    """What is asked for: the object's key and how it may be cached."""

    key: str
    kind: str
    cache_control: str


def extension(path: str) -> str:
    kind = path.rpartition(".")[2].lower()
    if kind not in TYPES:
        raise AppError("not_found")
    return kind


def refuse_odd_path(request: Request, path: str) -> None:
    """Only names this service makes; whatever was escaped on its way here is not one of them."""
    if not PATH.fullmatch(path) or ".." in path or b"%" in request.scope.get("raw_path", b""):
        raise AppError("not_found")


async def video_file(request: Request) -> Response:
    deps: Deps = request.app.state.deps
    token, video, path = (request.path_params[name] for name in ("token", "video", "path"))
    refuse_odd_path(request, path)
    if not PUBLIC_ID.fullmatch(video) or not await is_allowed(deps, token, video):
        raise AppError("not_found")
    kind = extension(path)
    is_open = token == media_token.OPEN
    file = File(f"vod/{video}/{path}", kind, cache_control(is_open, kind))
    if deps.cdn is not None:
        expires_at = media_urls.expiry(None) if is_open else int(token.partition(".")[0], 16)
        return await through_cdn(deps, deps.cdn, file, video, path, expires_at)
    return await send_file(request, deps, file)


async def is_allowed(deps: Deps, token: str, video: str) -> bool:
    is_guest = token == media_token.OPEN
    # The token first: whoever makes one up costs no question to the database.
    if not is_guest and not media_token.is_valid(deps.settings.secret_key, token, video, time.time()):
        return False
    is_open = await deps.open_videos.is_open(video)
    return is_open is True or (is_open is False and not is_guest)


def cache_control(is_open: bool, kind: str) -> str:
    """Files never change under their name; playlists are asked for anew so that a video made private stops."""
    if kind == "m3u8":
        return "no-cache" if is_open else "private, no-store"
    return f"public, {FOREVER}" if is_open else "private, max-age=3600"


async def through_cdn(deps: Deps, cdn: Cdn, file: File, video: str, path: str, expires_at: int) -> Response:
    """Lists of files are rewritten here; the files themselves come from the CDN."""
    if file.kind not in REWRITTEN:
        return RedirectResponse(cdn.url(video, path, expires_at), 302, {"cache-control": "private, no-store"})
    text = (await deps.media_storage.get(deps.media_storage.media, file.key)).decode("utf-8", "replace")
    if "captions/" not in path:
        text = cdn.rewrite(text, video, path, expires_at)
    return Response(text, headers={"content-type": TYPES[file.kind], "cache-control": "private, no-store"})


async def avatar(request: Request) -> Response:
    path = request.path_params["path"]
    refuse_odd_path(request, path)
    deps: Deps = request.app.state.deps
    kind = path.rpartition(".")[2].lower()
    if kind not in ("jpg", "jpeg", "png", "webp"):
        kind = ""
    return await send_file(request, deps, File(f"avatars/{path}", kind, f"public, {FOREVER}"))


async def send_file(request: Request, deps: Deps, file: File) -> Response:
    """Pass an object on, or the part of it asked for. Raises not_found, unavailable."""
    if request.method == "HEAD":
        return await describe(deps, file)
    wanted = request.headers.get("range")
    if wanted is not None and not RANGE.fullmatch(wanted):
        return Response(status_code=416, headers={"content-range": "bytes */*", "cache-control": "no-store"})
    known = request.headers.get("if-none-match", "")
    stream = Stream(deps.media_storage, deps.media_storage.media, file.key)
    await stream.open(
        deps.downloads,
        address_key(client_ip(request, deps.settings.proxies)),
        wanted=wanted,
        if_none_match=known if ETAGS.fullmatch(known) else None,
        if_range=request.headers.get("if-range"),
    )
    stream.headers["content-type"] = content_type(file, stream.reply.headers.get("content-type", ""))
    stream.headers["cache-control"] = file.cache_control if stream.status_code != 416 else "no-store"
    return stream


async def describe(deps: Deps, file: File) -> Response:
    found = await deps.media_storage.head(deps.media_storage.media, file.key)
    if found is None:
        raise AppError("not_found")
    return Response(
        headers={
            "content-length": str(found.size),
            "content-type": content_type(file, found.content_type),
            "etag": found.etag,
            "accept-ranges": "bytes",
            "cache-control": file.cache_control,
        }
    )


def content_type(file: File, stored: str) -> str:
    """By name; for pictures without an ending what was stored, if it is a picture."""
    if file.kind:
        return TYPES[file.kind]
    return stored if stored in ("image/jpeg", "image/png", "image/webp") else "application/octet-stream"


ROUTES = [
    Route("/media/avatars/{path:path}", avatar, methods=["GET"], name="GET /media/avatars/{path}"),
    Route("/media/{token}/{video}/{path:path}", video_file, methods=["GET"], name="GET /media/{token}/{video}/{path}"),
]
