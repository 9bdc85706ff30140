"""What one person may make a transcoder do: limits count what comes out, not only what goes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clients import ffmpeg, probe
from app.config import Settings
from tests.house.files import ROOT
from tests.jobs import clips
from tests.servers import S3Server, TranscoderServer
from tests.studio import Studio, open_studio

GAP = ROOT / "tests/media/odd/11h-gap-between-frames-14kB.mp4"
TOOLS = ffmpeg.find(Settings())


async def test_a_few_pictures_hours_apart_are_refused(studio: Studio) -> None:
    id = (await studio.upload(GAP.read_bytes(), "gap.mp4"))["id"]
    video = await studio.until(id, "ready", "failed")
    assert (video["status"], video["reason"]) == ("failed", "gap_too_long")
    assert await studio.deps.db.fetchval("select count(*) from transcode_jobs") == 0


async def test_the_gap_is_measured() -> None:
    assert await probe.longest_gap(TOOLS, str(GAP), 0, seconds=60) == pytest.approx(39_600, abs=1)
    assert await probe.longest_gap(TOOLS, str(ROOT / "tests/media/bigbuckbunny.mp4"), 0, seconds=60) < 0.1


async def test_minutes_of_a_day_end_with_a_reason(
    settings: Settings, s3: S3Server, transcoder: TranscoderServer, tmp_path: Path
) -> None:
    async with open_studio(settings, s3, transcoder, user_minutes_per_day=0) as studio:
        content = clips.plain(tmp_path, "320x180")
        first = await studio.until((await studio.upload(content))["id"], "ready", "failed")
        assert first["status"] == "ready", "the first of a day always passes"
        second = await studio.until((await studio.upload(content))["id"], "ready", "failed")
        assert (second["status"], second["reason"]) == ("failed", "minutes_used_up")
        # The next day it may be tried again.
        await studio.deps.db.execute("update transcode_minutes set day = day - 1")
        await studio.call("POST", f"/api/videos/{second['id']}/retry", {}, 202)
        assert (await studio.until(second["id"], "ready"))["reason"] is None
