"""People: what they see of themselves and of each other."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

from app.errors import invalid
from app.pg import account
from app.routes.http import Access, Body, Call, Endpoint

Locale = Literal["en", "zh-TW", "ko"]


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
