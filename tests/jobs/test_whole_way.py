"""From a file to a video that plays: real S3, real FFmpeg behind the real MediaConvert protocol."""

from __future__ import annotations

import time
from pathlib import Path

from app.clients import hls
from tests.local.clips import BUNNY
from tests.studio import Studio


async def test_the_real_clip_becomes_ready(studio: Studio) -> None:
    video = await studio.upload(BUNNY, "big_buck_bunny.mp4")
    completed = time.monotonic()
    assert video["status"] in ("queued", "probing", "transcoding")
    assert video["title"] == "big buck bunny"
    id = video["id"]
    await studio.heard(lambda e: e["video_id"] == id and e["is_playable"])
    playable = time.monotonic() - completed
    ready = await studio.until(id, "ready", "failed")
    print("playable", playable, "ready", time.monotonic() - completed)
    print(ready, await studio.events(), studio.objects(f"vod/{id}/"))
    assert ready["status"] == "ready"
