"""What an owner may do about the processing of a video."""

from __future__ import annotations

from typing import Any

from app.pg import media, videos
from app.routes import media_urls
from app.routes.http import Access, Call, Endpoint
from app.routes.uploads import Nothing
from app.routes.video_types import Video


async def retry(call: Call) -> dict[str, Any]:
    db, me, id = call.deps.db, call.me.user_id, call.path["id"]
    await media.retry_video(db, me, id)
    call.deps.bell.ring()
    return media_urls.put_tokens(call.deps.settings, await videos.get_video(db, id, me))


ENDPOINTS = [
    Endpoint(
        "POST", "/api/videos/{id}/retry", retry, "Process a failed video again", "videos", Access.USER,
        body=Nothing, returns=Video, status=202, limit="retry", errors=("not_found", "video_not_failed"),
    ),
]  # fmt: skip
