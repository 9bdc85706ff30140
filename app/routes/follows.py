"""Following creators."""

from __future__ import annotations

from typing import Any

from app.pg import lives
from app.routes.http import Access, Call, Endpoint
from app.routes.live_types import Following
from app.routes.videos import viewer


async def get(call: Call) -> dict[str, Any]:
    return await lives.follow_json(call.deps.db, call.path["username"], viewer(call))


async def follow(call: Call) -> dict[str, Any]:
    return await lives.follow_user(call.deps.db, call.path["username"], call.me.user_id)


async def unfollow(call: Call) -> dict[str, Any]:
    return await lives.unfollow_user(call.deps.db, call.path["username"], call.me.user_id)


TAG = "follows"
PATH = "/api/users/{username}/follow"
ENDPOINTS = [
    Endpoint(
        "GET", PATH, get, "Whether I follow a creator, and how many do", TAG, Access.OPTIONAL,
        returns=Following, errors=("not_found",), limit="read",
    ),
    Endpoint(
        "PUT", PATH, follow, "Follow a creator", TAG, Access.USER,
        returns=Following, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "DELETE", PATH, unfollow, "Stop following a creator", TAG, Access.USER,
        returns=Following, errors=("not_found",), limit="write",
    ),
]  # fmt: skip
