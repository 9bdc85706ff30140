"""What the job `finish` refuses of a transcode: every segment has to hold what its playlist promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import Settings
from app.errors import AppError
from app.jobs import finish
from app.pg import media
from tests import processing
from tests.local.clips import make
from tests.servers import S3Server, TranscoderServer
from tests.studio import Studio, open_studio

PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n{}#EXT-X-ENDLIST\n"
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SEGMENTS = 40


@pytest.fixture
async def idle(settings: Settings, s3: S3Server, transcoder: TranscoderServer) -> AsyncIterator[Studio]:
    """No worker: the job is run by hand."""
    async with open_studio(settings, s3, transcoder, serve_worker=False) as running:
        yield running


async def rendered(studio: Studio, whole: bytes, odd: bytes) -> processing.OnItsWay:
    """A video whose transcode says it is complete; its last segment but one is the odd one."""
    db, storage = studio.deps.db, studio.deps.storage
    video = await processing.submitted(db, studio.user.id)
    place = f"vod/{video.id}/1/hls"
    names = [f"master_360p_{n:05d}.ts" for n in range(1, SEGMENTS + 1)]
    for name in names:
        content = odd if name == names[-2] else whole
        await storage.put(storage.media, f"{place}/{name}", content, content_type="video/mp2t")
    media_text = PLAYLIST.format("".join(f"#EXTINF:2.0,\n{name}\n" for name in names))
    master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42c00c,mp4a.40.2"\nmaster_360p.m3u8\n'
    for name, text in (("master_360p.m3u8", media_text), ("master.m3u8", master)):
        await storage.put(storage.media, f"{place}/{name}", text.encode(), content_type="text/plain")
    await media.apply_transcode_event(db, video.id, 1, "1-abcdef", "COMPLETE")
    return video


@pytest.mark.parametrize("lacks", ["sound", "picture"])
async def test_a_segment_without_a_promised_track_is_no_ready_video(idle: Studio, tmp_path: Path, lacks: str) -> None:
    source = "testsrc2=s=320x180:r=25:d=2"
    whole = make(tmp_path / "whole.ts", *H264, "-c:a", "aac", source=source).read_bytes()
    without = ("-map", "0:v") if lacks == "sound" else ("-map", "1:a")
    odd = make(tmp_path / "odd.ts", *H264, *without, "-c:a", "aac", source=source).read_bytes()
    video = await rendered(idle, whole, odd)
    last = processing.job("finish", tries=8, video_id=video.number, attempt=1)
    with pytest.raises(AppError) as raised:
        await finish.run(last, idle.deps)
    assert f"master_360p_00039.ts has no {lacks}" in raised.value.message
    failed = await idle.video(video.id)
    assert (failed["status"], failed["reason"]) == ("failed", "output_missing")


async def test_a_track_that_begins_far_into_a_segment_is_found(idle: Studio, tmp_path: Path) -> None:
    """Behind a first picture of a megabyte: what the first look misses is read whole."""
    noise = ("-f", "mpegts", "-vf", "noise=alls=100:allf=t", "-qp", "1", "-c:a", "aac", "-output_ts_offset", "1")
    source = "testsrc2=s=640x360:r=25:d=2"
    large = make(tmp_path / "large.ts", *H264, *noise, source=source).read_bytes()
    head = large[: 3 * 188]
    packets = [large[at : at + 188] for at in range(0, len(large), 188)]
    picture = [p for p in packets if int.from_bytes(p[1:3]) & 0x1FFF == 0x100]
    sound = [p for p in packets if int.from_bytes(p[1:3]) & 0x1FFF == 0x101]
    late = head + b"".join(picture + sound)
    assert len(picture) * 188 > 1_000_000
    video = await rendered(idle, late, late)
    await finish.run(processing.job("finish", video_id=video.number, attempt=1), idle.deps)
    found = await idle.video(video.id)
    assert (found["status"], found["duration_seconds"]) == ("ready", 2.0 * SEGMENTS)
