"""The local MediaConvert does what the real one documents, on real clips."""

from __future__ import annotations

from pathlib import Path

from tests.local import clips
from tests.servers import S3Server, TranscoderServer

LADDER = [
    {"modifier": "_720p", "width": 1280, "height": 720, "bitrate": 3_000_000},
    {"modifier": "_480p", "width": 854, "height": 480, "bitrate": 1_500_000},
    {"modifier": "_360p", "width": 640, "height": 360, "bitrate": 800_000},
]


async def test_makes_a_ladder_of_the_real_clip(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    mediaconvert = clips.client(transcoder)
    folder, wish = clips.job(clips.upload(s3, clips.BUNNY), LADDER)
    made = mediaconvert.create_job(**wish)["Job"]
    assert made["Status"] == "SUBMITTED"
    job = await clips.finished(mediaconvert, made["Id"])
    assert job["Status"] == "COMPLETE", job
    found = clips.download(s3, folder, tmp_path)
    assert "master.m3u8" in found
