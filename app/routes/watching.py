"""What watching leaves behind: views, likes, the place to resume from."""

from __future__ import annotations

from typing import Any

from app.auth.viewer import viewer_key
from app.pg import videos
from app.routes import video_types
from app.routes.http import Access, Call, Endpoint
from app.routes.videos import viewer


def viewer_hash(call: Call) -> bytes:
    settings, agent = call.deps.settings, call.request.headers.get("user-agent", "")
    return viewer_key(settings.secret_key, viewer(call), call.ip, agent, settings.guests_per_address)


async def count_view(call: Call) -> None:
    number = await videos.record_view(call.deps.db, call.path["id"], viewer(call), viewer_hash(call))
    if number is not None:
        call.deps.counters.add("video_view", number)


async def like(call: Call) -> dict[str, Any]:
    return await videos.like_video(call.deps.db, call.path["id"], call.me.user_id)


async def unlike(call: Call) -> dict[str, Any]:
    return await videos.unlike_video(call.deps.db, call.path["id"], call.me.user_id)


async def set_position(call: Call) -> None:
    await videos.set_position(call.deps.db, call.path["id"], call.me.user_id, call.body.seconds)


TAG = "watching"
T = video_types
ENDPOINTS = [
    Endpoint(
        "POST", "/api/videos/{id}/views", count_view, "Count a view, once per viewer and hour", TAG, Access.OPTIONAL,
        status=204, errors=("not_found",), limit="view",
    ),
    Endpoint(
        "PUT", "/api/videos/{id}/like", like, "Like", TAG, Access.USER,
        returns=T.Likes, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "DELETE", "/api/videos/{id}/like", unlike, "Take a like back", TAG, Access.USER,
        returns=T.Likes, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "PUT", "/api/videos/{id}/position", set_position, "Remember where I stopped", TAG, Access.USER,
        body=T.Position, status=204, errors=("not_found",), limit="position",
    ),
]  # fmt: skip
