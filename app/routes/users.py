"""People: what they see of themselves and of each other, and their pictures."""

from __future__ import annotations

import datetime
import re
import secrets
from typing import Annotated, Literal

import msgspec

from app.errors import AppError, invalid
from app.pg import account
from app.routes.http import Access, Body, Call, Endpoint

Locale = Literal["en", "zh-TW", "ko"]
AVATAR_TYPES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
AVATAR_URL_SECONDS = 600


class Me(msgspec.Struct):
    """Your own account."""

    id: int
    username: str
    display_name: str
    bio: str
    email: str
    is_email_verified: bool
    role: str
    avatar_url: str | None
    locale: str
    created_at: datetime.datetime
    storage_used_bytes: int
    storage_quota_bytes: int


class Profile(msgspec.Struct):
    """What everybody may see of a user."""

    username: str
    display_name: str
    bio: str
    avatar_url: str | None
    created_at: datetime.datetime
    video_count: int


class Edit(Body):
    """What is left out stays."""

    display_name: str | None = None
    bio: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    locale: Locale | None = None


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


async def read_me(call: Call, user_id: int) -> Me:
    return msgspec.convert(dict(await account.me(call.deps.db, user_id)), Me)


async def read_profile(call: Call) -> Profile:
    return msgspec.convert(dict(await account.profile(call.deps.db, call.path["username"])), Profile)


async def edit(call: Call) -> Me:
    body: Edit = call.body
    name = None if body.display_name is None else body.display_name.strip()
    problem = None if name is None else display_name_problem(name)
    if problem:
        raise invalid(display_name=problem)
    await account.update_profile(call.deps.db, call.me.user_id, name, body.bio, body.locale)
    return await read_me(call, call.me.user_id)


def display_name_problem(name: str) -> str | None:
    return None if 1 <= len(name) <= 50 and name.isprintable() else "1 to 50 characters on one line"


async def start_avatar(call: Call) -> AvatarPost:
    """The address takes this key, this type and at most AVATAR_MAX_BYTES; S3 refuses anything else."""
    body: AvatarAsk = call.body
    largest = call.deps.settings.avatar_max_bytes
    if body.content_type not in AVATAR_TYPES:
        raise invalid(content_type="is not JPEG, PNG or WebP")
    if not 1 <= body.size <= largest:
        raise invalid(size=f"must be at most {largest} bytes")
    mine = await read_me(call, call.me.user_id)
    # The name in the key says whose it is, the rest cannot be guessed.
    key = f"avatars/{mine.username.lower()}-{secrets.token_hex(12)}.{AVATAR_TYPES[body.content_type]}"
    storage = call.deps.storage
    url, fields = await storage.presign_post(
        storage.media, key, content_type=body.content_type, max_bytes=largest, seconds=AVATAR_URL_SECONDS
    )
    return AvatarPost(url, fields, key)


async def set_avatar(call: Call) -> Me:
    body: AvatarKey = call.body
    mine = await read_me(call, call.me.user_id)
    if not re.fullmatch(rf"avatars/{mine.username.lower()}-[0-9a-f]{{24}}\.(jpg|png|webp)", body.key):
        raise AppError("not_found", "There is no such picture of yours.")
    found = await call.deps.storage.head(call.deps.storage.media, body.key)
    if found is None:
        raise AppError("not_found", "The picture has not arrived.")
    if found.size > call.deps.settings.avatar_max_bytes or found.content_type not in AVATAR_TYPES:
        raise invalid(key="is not a picture that can be used")
    await account.set_avatar(call.deps.db, call.me.user_id, body.key)
    call.deps.bell.ring()
    return await read_me(call, call.me.user_id)


async def remove_avatar(call: Call) -> Me:
    await account.set_avatar(call.deps.db, call.me.user_id, None)
    call.deps.bell.ring()
    return await read_me(call, call.me.user_id)


ENDPOINTS = [
    Endpoint(
        "PATCH",
        "/api/users/me",
        edit,
        "Edit your profile",
        "users",
        access=Access.USER,
        body=Edit,
        returns=Me,
        limit="write",
    ),
    Endpoint(
        "POST",
        "/api/users/me/avatar",
        start_avatar,
        "Ask where to send a profile picture",
        "users",
        access=Access.USER,
        body=AvatarAsk,
        returns=AvatarPost,
        status=201,
        limit="avatar",
    ),
    Endpoint(
        "PUT",
        "/api/users/me/avatar",
        set_avatar,
        "Use the picture that was sent",
        "users",
        access=Access.USER,
        body=AvatarKey,
        returns=Me,
        limit="write",
        errors=("not_found",),
    ),
    Endpoint(
        "DELETE",
        "/api/users/me/avatar",
        remove_avatar,
        "Go without a picture",
        "users",
        access=Access.USER,
        returns=Me,
        limit="write",
    ),
    Endpoint(
        "GET",
        "/api/users/{username}",
        read_profile,
        "What everybody may see of a user",
        "users",
        returns=Profile,
        errors=("not_found",),
    ),
]
