"""People: what they see of themselves and of each other."""

from __future__ import annotations

import datetime

import msgspec

from app.pg import account
from app.routes.http import Call


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


async def read_me(call: Call, user_id: int) -> Me:
    return msgspec.convert(dict(await account.me(call.deps.db, user_id)), Me)
