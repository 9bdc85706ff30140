"""Addresses of the files a browser plays, with a token where the video is private."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from app.auth import media_token
from app.config import Settings

# Range requests of a paused player come late: lifetime is the video's length and this margin.
MARGIN_SECONDS = 6 * 3600
# Expiries are rounded up to this, so that addresses stay the same, and cached, for a while.
STEP_SECONDS = 3600
PRIVATE_PREFIX = "/media/*/"


def expiry(duration_seconds: float | None, now: float | None = None) -> int:
    """When addresses given out now end, in seconds since 1970."""
    end = (time.time() if now is None else now) + (duration_seconds or 0) + MARGIN_SECONDS
    return int(-(-end // STEP_SECONDS) * STEP_SECONDS)


def base(settings: Settings, video: str, visibility: str, expires_at: int) -> str:
    """What the paths of a video's files are appended to."""
    token = media_token.OPEN
    if visibility == "private":
        token = media_token.issue(settings.secret_key, video, expires_at)
    return f"/media/{token}/{video}/"


def put_tokens(settings: Settings, video: dict[str, Any]) -> dict[str, Any]:
    """Fill in the token that media.media_url left open. Field by field: titles may look like addresses."""
    if video["visibility"] == "private":
        prefix = base(settings, video["id"], "private", expiry(video["duration_seconds"]))
        for name in ("poster_url", "sprite_vtt_url"):
            if video.get(name):
                video[name] = prefix + video[name].removeprefix(f"{PRIVATE_PREFIX}{video['id']}/")
        if video.get("frame_urls"):
            star = f"{PRIVATE_PREFIX}{video['id']}/"
            video["frame_urls"] = [prefix + url.removeprefix(star) for url in video["frame_urls"]]
    return video


def utc_datetime(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
