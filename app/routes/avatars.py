"""Profile pictures: sent straight to S3, looked at here, and only then public, under a name never used again."""

from __future__ import annotations

import contextlib
import secrets
from typing import Annotated

import msgspec

from app.clients.pictures import kind_of
from app.errors import AppError, invalid
from app.field_errors import field_error
from app.pg import account
from app.routes.http import Access, Body, Call, Endpoint
from app.routes.users import Me, read_me

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
URL_SECONDS = 600
FOREVER = "public, max-age=31536000, immutable"


class AvatarAsk(Body):
    content_type: str
    size: int


class AvatarPost(msgspec.Struct):
    """Where to POST the picture as a form: `fields` first, then `file`; then PUT the key."""

    url: str
    fields: dict[str, str]
    key: str


class AvatarKey(Body):
    key: Annotated[str, msgspec.Meta(max_length=200)]


def key_of(user_id: int) -> str:
    """Where somebody's next picture waits, out of everybody's reach: one each, so that they cannot pile up."""
    return f"avatars/u{user_id}"


async def start(call: Call) -> AvatarPost:
    """The address takes this key, this type and at most AVATAR_MAX_BYTES; S3 refuses anything else."""
    body: AvatarAsk = call.body
    largest = call.deps.settings.avatar_max_bytes
    if body.content_type not in ENDINGS:
        raise invalid(content_type=field_error("picture_type"))
    if not 1 <= body.size <= largest:
        raise invalid(size=field_error("bytes_most", most_bytes=largest))
    key, storage = key_of(call.me.user_id), call.deps.storage
    url, fields = await storage.presign_post(
        storage.uploads, key, content_type=body.content_type, max_bytes=largest, seconds=URL_SECONDS
    )
    return AvatarPost(url, fields, key)


async def use(call: Call) -> Me:
    """What was looked at is what is stored: its owner may send another one in its place at any moment."""
    body: AvatarKey = call.body
    storage, me = call.deps.storage, call.me.user_id
    if body.key != key_of(me):
        raise AppError("not_found", "There is no such picture of yours.")
    data = await read(call, body.key)
    kind = kind_of(data)
    if kind is not None:
        username = (await read_me(call, me)).username.lower()
        key = f"avatars/{username}-{secrets.token_hex(12)}.{ENDINGS[kind]}"
        await storage.put(storage.media, key, data, content_type=kind, cache_control=FOREVER)
        await account.set_avatar(call.deps.db, me, key)
        call.deps.bell.ring()
    # While S3 is away it stays, and the job clean_avatars finds it.
    with contextlib.suppress(AppError):
        await storage.delete_many(storage.uploads, [body.key])
    if kind is None:
        raise invalid(key=field_error("picture_unusable"))
    return await read_me(call, me)


async def read(call: Call, key: str) -> bytes:
    """The whole picture, or nothing where it is larger than allowed. Raises not_found."""
    storage, largest = call.deps.storage, call.deps.settings.avatar_max_bytes
    try:
        data = await storage.get(storage.uploads, key, limit=largest + 1)
    except AppError as error:
        if error.code == "not_found":
            raise AppError("not_found", "The picture has not arrived.") from None
        raise
    return data if len(data) <= largest else b""


async def remove(call: Call) -> Me:
    await account.set_avatar(call.deps.db, call.me.user_id, None)
    call.deps.bell.ring()
    return await read_me(call, call.me.user_id)


PATH = "/api/users/me/avatar"
ENDPOINTS = [
    Endpoint(
        "POST", PATH, start, "Ask where to send a profile picture", "users", Access.USER,
        body=AvatarAsk, returns=AvatarPost, status=201, limit="avatar",
    ),
    Endpoint(
        "PUT", PATH, use, "Use the picture that was sent", "users", Access.USER,
        body=AvatarKey, returns=Me, limit="avatar", errors=("not_found",),
    ),
    Endpoint("DELETE", PATH, remove, "Go without a picture", "users", Access.USER, returns=Me, limit="write"),
]  # fmt: skip
