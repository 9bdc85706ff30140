"""People: what they see of themselves and of each other."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

from app import text
from app.errors import invalid
from app.field_errors import field_error
from app.pg import account
from app.routes.http import Access, Body, Call, Endpoint

Locale = Literal["en", "zh-TW", "ko"]
NAME_CHARS = 50
BIO_CHARS = 1000


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
    bio: Annotated[str, msgspec.Meta(max_length=BIO_CHARS)] | None = None
    locale: Locale | None = None


async def read_me(call: Call, user_id: int) -> Me:
    return msgspec.convert(dict(await account.me(call.deps.db, user_id)), Me)


async def read_profile(call: Call) -> Profile:
    return msgspec.convert(dict(await account.profile(call.deps.db, call.path["username"])), Profile)


async def edit(call: Call) -> Me:
    body: Edit = call.body
    name = None if body.display_name is None else text.name(body.display_name, NAME_CHARS)
    if body.display_name is not None and name is None:
        raise invalid(display_name=field_error("name_form", most=NAME_CHARS))
    await account.update_profile(call.deps.db, call.me.user_id, name, body.bio, body.locale)
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
        "GET",
        "/api/users/{username}",
        read_profile,
        "What everybody may see of a user",
        "users",
        returns=Profile,
        errors=("not_found",),
    ),
]
