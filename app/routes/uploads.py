"""Uploads: the browser sends parts straight to S3 by signed addresses, here they are opened, counted and joined.

docs/states.md has the states. The key is ours, never the client's name; a part's address takes exactly its bytes.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.clients.storage import Object, Part, Storage
from app.config import Settings
from app.errors import AppError, invalid
from app.field_errors import FieldError, field_error
from app.pg import media, videos
from app.routes import media_urls
from app.routes.http import Access, Body, Call, Endpoint
from app.routes.video_types import TITLE_CHARS, Video
from app.text import line

MAX_PARTS = 10_000
MAX_NUMBERS = 100  # addresses of one request; each costs a signature
# Of RFC 9110: it becomes a header of S3 and of whoever downloads the file.
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
MD5 = re.compile(r'"?([0-9a-f]{32})"?')


class NewUpload(Body):
    filename: Annotated[str, Meta(min_length=1, max_length=255)]
    size: Annotated[int, Meta(ge=1, le=2**53)]
    content_type: Annotated[str, Meta(max_length=100)] = ""


class PartNumbers(Body):
    numbers: Annotated[list[Annotated[int, Meta(ge=1, le=MAX_PARTS)]], Meta(min_length=1, max_length=MAX_NUMBERS)]


class SentPart(Body):
    etag: Annotated[str, Meta(min_length=1, max_length=100)]
    size: Annotated[int, Meta(ge=1, le=5 * 2**30)]


class Nothing(Body):
    pass


class UploadPart(msgspec.Struct):
    n: int
    etag: str
    size: int


class Upload(msgspec.Struct):
    upload_id: str
    video_id: str
    filename: str
    size: int
    content_type: str
    status: str
    part_size: int
    part_count: int
    max_concurrency: int
    expires_at: datetime.datetime
    created_at: datetime.datetime
    parts: list[UploadPart]


class UploadList(msgspec.Struct):
    items: list[Upload]


class PartAddresses(msgspec.Struct):
    urls: dict[str, str]
    expires_at: datetime.datetime


async def create(call: Call) -> Upload:
    settings, db, me = call.deps.settings, call.deps.db, call.me.user_id
    content_type = check_file(settings, call.body)
    made = await media.create_upload(
        db,
        me,
        call.body.filename,
        title_of(call.body.filename),
        content_type,
        call.body.size,
        settings.upload_part_bytes,
        settings.upload_max_open,
    )
    storage = call.deps.storage
    try:
        opened = await storage.create_multipart(storage.uploads, made["storage_key"], content_type)
    except BaseException:
        # Also when the browser went away; should we be killed here, the upload expires in minutes.
        await media.cancel_upload(db, me, made["upload_id"])
        raise
    seconds = settings.upload_expires_hours * 3600
    return shape(call, await media.open_upload(db, me, made["upload_id"], opened, seconds))


async def list_mine(call: Call) -> UploadList:
    return UploadList([shape(call, row) for row in await media.list_uploads(call.deps.db, call.me.user_id)])


async def get(call: Call) -> Upload:
    return shape(call, await media.get_upload(call.deps.db, call.me.user_id, call.path["id"]))


async def sign_parts(call: Call) -> PartAddresses:
    upload = await media.find_upload(call.deps.db, call.me.user_id, call.path["id"])
    if upload["status"] != "open":
        raise AppError("upload_closed")
    if max(call.body.numbers) > upload["part_count"]:
        raise invalid(numbers=field_error("part_range", last=upload["part_count"]))
    storage, seconds = call.deps.storage, call.deps.settings.upload_url_seconds
    expires_at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    urls = {}
    for n in sorted(set(call.body.numbers)):
        size = min(upload["part_size"], upload["size"] - (n - 1) * upload["part_size"])
        place = (storage.uploads, upload["storage_key"], upload["storage_upload_id"])
        urls[str(n)] = await storage.sign_part(*place, n, size, seconds)
    return PartAddresses(urls, expires_at)


async def save_part(call: Call) -> None:
    n = int(call.path["n"])
    # S3 knows no higher number.
    if n > MAX_PARTS:
        raise AppError("not_found")
    await media.save_part(call.deps.db, call.me.user_id, call.path["id"], n, call.body.etag, call.body.size)


async def complete(call: Call) -> dict[str, Any]:
    """Join the parts, check the whole, queue the video. Twice, or after a crash in the middle, is the same as once."""
    db, me, id = call.deps.db, call.me.user_id, call.path["id"]
    upload = await media.find_upload(db, me, id)
    if upload["status"] in ("aborted", "expired"):
        raise AppError("upload_closed")
    if upload["status"] != "completed":
        await join(call, upload)
        call.deps.bell.ring()
    return media_urls.put_tokens(call.deps.settings, await videos.get_video(db, upload["video_id"], me))


async def cancel(call: Call) -> None:
    await media.cancel_upload(call.deps.db, call.me.user_id, call.path["id"])
    call.deps.bell.ring()


async def join(call: Call, upload: dict[str, Any]) -> None:
    db, storage, me, id = call.deps.db, call.deps.storage, call.me.user_id, call.path["id"]
    key, storage_id = upload["storage_key"], upload["storage_upload_id"]
    # S3's own list counts: the report of a part may have been lost.
    parts = await storage.list_parts(storage.uploads, key, storage_id)
    if parts is not None:
        missing = await media.save_parts(db, upload["id"], [msgspec.to_builtins(part) for part in parts])
        if missing:
            raise AppError("upload_incomplete", fields={"parts": field_error("parts_missing", parts=ranges(missing))})
    if not await media.start_completing(db, me, id):
        return
    etag = None
    if parts is not None:
        wanted = [part for part in parts if part.n <= upload["part_count"]]
        etag = await storage.complete_multipart(storage.uploads, key, storage_id, wanted)
    else:
        # S3 knows no such upload: an earlier try joined it. Its parts are in our rows.
        rows = (await media.get_upload(db, me, id))["parts"]
        parts = [Part(row["n"], row["etag"], row["size"]) for row in rows]
    await check_whole(storage, upload, {etag, joined_etag(parts)})
    try:
        await media.complete_upload(db, me, id)
    except AppError as error:
        if error.code in ("upload_closed", "not_found"):
            await storage.delete_many(storage.uploads, [key])
        raise


async def check_whole(storage: Storage, upload: dict[str, Any], etags: set[str | None]) -> None:
    """HEAD: the object is there, as long as declared, and made of the parts we know. Raises upload_mismatch."""
    found: Object | None = await storage.head(storage.uploads, upload["storage_key"])
    if found is None:
        raise AppError("upload_mismatch", "The storage does not have this file. Upload it again.")
    if found.size != upload["size"]:
        raise AppError("upload_mismatch", f"The file has {found.size} bytes instead of {upload['size']}.")
    known = etags - {None}
    if known and not found.is_kms and found.etag not in known:
        raise AppError("upload_mismatch", "The file is not the one that was uploaded.")


def joined_etag(parts: Sequence[Part]) -> str | None:
    """The ETag S3 gives to an object joined from these parts, or None where part ETags are no digests."""
    digests = [MD5.fullmatch(part.etag) for part in sorted(parts, key=lambda part: part.n)]
    if not all(digests):
        return None
    joined = hashlib.md5(b"".join(bytes.fromhex(d[1]) for d in digests if d), usedforsecurity=False)
    return f'"{joined.hexdigest()}-{len(digests)}"'


def check_file(settings: Settings, body: NewUpload) -> str:
    """The content type to store. Raises unsupported_file, file_too_large, which name the field."""
    extension = body.filename.rpartition(".")[2].lower() if "." in body.filename else ""
    if extension not in settings.upload_extensions:
        raise AppError("unsupported_file", fields={"filename": takes(settings.upload_extensions)})
    content_type = body.content_type.split(";")[0].strip().lower() or "application/octet-stream"
    patterns = settings.upload_content_types
    if not MEDIA_TYPE.fullmatch(content_type):
        raise invalid(content_type=takes(patterns))
    if content_type not in patterns and f"{content_type.partition('/')[0]}/*" not in patterns:
        raise AppError("unsupported_file", fields={"content_type": takes(patterns)})
    if body.size > settings.upload_max_bytes:
        most = field_error("bytes_most", most_bytes=settings.upload_max_bytes)
        raise AppError("file_too_large", fields={"size": most})
    return content_type


def takes(kinds: Iterable[str]) -> FieldError:
    return field_error("file_types", types=", ".join(kinds))


def title_of(filename: str) -> str:
    """A first title from a file's name: without folder, ending and underscores."""
    name = re.split(r"[/\\]", filename)[-1].rpartition(".")[0]
    # Not between the parts of an emoji: a joiner at the end would join nothing.
    return line(line(name.replace("_", " "))[:TITLE_CHARS].rstrip("\u200d")) or "Untitled"


def ranges(numbers: Sequence[int]) -> str:
    """[1, 2, 3, 7] → "1-3, 7"."""
    found: list[list[int]] = []
    for n in numbers:
        if found and n == found[-1][-1] + 1:
            found[-1] = [found[-1][0], n]
        else:
            found.append([n])
    return ", ".join("-".join(map(str, run)) for run in found)


def shape(call: Call, row: dict[str, Any]) -> Upload:
    return msgspec.convert(row | {"max_concurrency": call.deps.settings.upload_concurrency}, Upload)


TAG = "uploads"
ENDPOINTS = [
    Endpoint(
        "POST", "/api/uploads", create, "Start an upload and its video", TAG, Access.USER, body=NewUpload,
        returns=Upload, status=201, limit="upload_start",
        errors=("unsupported_file", "file_too_large", "quota_exceeded", "too_many_uploads"),
    ),
    Endpoint(
        "GET", "/api/uploads", list_mine, "Uploads to go on with", TAG, Access.USER, returns=UploadList, limit="read",
    ),
    Endpoint(
        "GET", "/api/uploads/{id}", get, "One upload with the parts that arrived", TAG, Access.USER,
        returns=Upload, errors=("not_found",), limit="read",
    ),
    Endpoint(
        "POST", "/api/uploads/{id}/parts", sign_parts, "Addresses to PUT parts to", TAG, Access.USER,
        body=PartNumbers, returns=PartAddresses, limit="upload_parts", errors=("not_found", "upload_closed"),
    ),
    Endpoint(
        "PUT", "/api/uploads/{id}/parts/{n}", save_part, "Note a part that was sent", TAG, Access.USER,
        body=SentPart, status=204, limit="upload_parts", errors=("not_found", "upload_closed"),
    ),
    Endpoint(
        "POST", "/api/uploads/{id}/complete", complete, "Join the parts and queue the video", TAG, Access.USER,
        body=Nothing, returns=Video, status=202, limit="upload_parts",
        errors=("not_found", "upload_closed", "upload_incomplete", "upload_mismatch"),
    ),
    Endpoint(
        "DELETE", "/api/uploads/{id}", cancel, "Give an upload up", TAG, Access.USER, status=204,
        errors=("not_found", "upload_closed"), limit="upload_parts",
    ),
]  # fmt: skip
