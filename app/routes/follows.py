"""Following creators."""

from __future__ import annotations

from typing import Any

import msgspec

from app.pg import lives, videos
from app.routes.cursor import read_cursor
from app.routes.http import Access, Call, Endpoint, Raw
from app.routes.live_types import Following, LivePage
from app.routes.video_types import Cursor, Limit, RelatedQuery, VideoPage
from app.routes.videos import viewer


async def get(call: Call) -> dict[str, Any]:
    return await lives.follow_json(call.deps.db, call.path["username"], viewer(call))


async def follow(call: Call) -> dict[str, Any]:
    return await lives.follow_user(call.deps.db, call.path["username"], call.me.user_id)


async def unfollow(call: Call) -> dict[str, Any]:
    return await lives.unfollow_user(call.deps.db, call.path["username"], call.me.user_id)


class FollowedQuery(msgspec.Struct):
    cursor: Cursor | None = None
    limit: Limit = 24


async def list_videos(call: Call) -> Raw:
    key, id = read_cursor(call.query.cursor, "followed")
    return Raw(await videos.list_followed(call.deps.db, call.me.user_id, key, id, call.query.limit))


async def list_lives(call: Call) -> Raw:
    return Raw(await lives.list_followed(call.deps.db, call.me.user_id, call.query.limit))


TAG = "follows"
PATH = "/api/users/{username}/follow"
ENDPOINTS = [
    Endpoint(
        "GET", PATH, get, "Whether I follow a creator, and how many do", TAG, Access.OPTIONAL,
        returns=Following, errors=("not_found",), limit="read",
    ),
    Endpoint(
        "GET", "/api/users/me/following/videos", list_videos, "The newest videos of those I follow", TAG, Access.USER,
        query=FollowedQuery, returns=VideoPage, limit="read",
    ),
    Endpoint(
        "GET", "/api/users/me/following/lives", list_lives, "What those I follow have on air and plan", TAG,
        Access.USER, query=RelatedQuery, returns=LivePage, limit="read",
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
