"""The local MediaConvert makes what the real one documents, on real clips, and its playlists keep RFC 8216."""

from __future__ import annotations

import itertools
import json
import math
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.local import ffmpeg
from tests.local import clips
from tests.servers import S3Server, TranscoderServer

LADDER = [
    {"modifier": "_720p", "width": 1280, "height": 720, "bitrate": 3_000_000},
    {"modifier": "_480p", "width": 854, "height": 480, "bitrate": 1_500_000},
    {"modifier": "_360p", "width": 640, "height": 360, "bitrate": 800_000},
]
TWO = [{"modifier": "_360p", "height": 360}, {"modifier": "_240p", "height": 240, "bitrate": 400_000}]
FOREVER = "public, max-age=31536000, immutable"


async def transcode(
    s3: S3Server,
    transcoder: TranscoderServer,
    tmp_path: Path,
    clip: Path,
    rungs: list[dict[str, Any]],
    **more: Any,
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """(finished job, its objects by name, saved in tmp_path)."""
    mediaconvert = clips.client(transcoder)
    folder, wish = clips.job(clips.upload(s3, clip), rungs, **more)
    job = await clips.finished(mediaconvert, mediaconvert.create_job(**wish)["Job"]["Id"])
    return job, clips.download(s3, folder, tmp_path)


async def test_the_real_clip(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    job, found = await transcode(s3, transcoder, tmp_path, clips.BUNNY, LADDER)
    assert job["Status"] == "COMPLETE"
    assert sorted(found) == [
        "frame.0000000.jpg",
        "frame.0000001.jpg",
        "frame.0000002.jpg",
        "master.m3u8",
        "master_360p.m3u8",
        "master_360p_00001.ts",
        "master_480p.m3u8",
        "master_480p_00001.ts",
        "master_720p.m3u8",
        "master_720p_00001.ts",
    ]
    variants = check_playlists(tmp_path)
    assert [v["RESOLUTION"] for v in variants] == ["1280x720", "854x480", "640x360"]
    assert {v["FRAME-RATE"] for v in variants} == {"25.000"}
    assert all(re.fullmatch(r'"avc1\.6400[0-9a-f]{2},mp4a\.40\.2"', v["CODECS"]) for v in variants)
    # As with the real one: sizes and durations, no paths, those come with the event only.
    hls, stills = job["OutputGroupDetails"]
    assert hls["OutputDetails"][0] == {"DurationInMs": 5280, "VideoDetails": {"WidthInPx": 1280, "HeightInPx": 720}}
    assert stills["OutputDetails"][0]["VideoDetails"] == {"WidthInPx": 320, "HeightInPx": 180}


async def test_objects_carry_type_and_cache_headers(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "in.mp4", "-c:v", "libx264")
    _, found = await transcode(s3, transcoder, tmp_path, clip, TWO)
    types = {name.rsplit(".", 1)[1]: answer["ContentType"] for name, answer in found.items()}
    assert types == {"m3u8": "application/vnd.apple.mpegurl", "ts": "video/mp2t", "jpg": "image/jpeg"}
    assert {a["CacheControl"] for name, a in found.items() if name.endswith((".ts", ".jpg"))} == {FOREVER}


async def test_the_master_is_stored_last(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "in.mp4", "-c:v", "libx264")
    _, found = await transcode(s3, transcoder, tmp_path, clip, TWO)
    written = {name: answer["LastModified"] for name, answer in found.items()}
    renditions = [at for name, at in written.items() if re.fullmatch(r"master_.*\.m3u8", name)]
    segments = [at for name, at in written.items() if name.endswith(".ts")]
    assert max(segments) <= min(renditions) <= max(renditions) <= written["master.m3u8"]


SOURCES = {
    "portrait": (["-c:v", "libx264"], "testsrc2=s=360x640:r=30:d=4", (202, 360), "30.000"),
    "odd size": (["-c:v", "ffv1"], "testsrc=s=641x359:r=25:d=4", (642, 360), "25.000"),
    "hevc 10 bit": (
        ["-c:v", "libx265", "-pix_fmt", "yuv420p10le"],
        "testsrc2=s=640x360:r=24:d=4",
        (640, 360),
        "24.000",
    ),
    "vp9": (["-c:v", "libvpx-vp9", "-c:a", "libopus"], "testsrc2=s=640x360:r=30:d=4", (640, 360), "30.000"),
    "prores": (["-c:v", "prores_ks"], "testsrc2=s=640x360:r=30000/1001:d=4", (640, 360), "29.970"),
    "interlaced": (
        ["-c:v", "mpeg2video", "-flags", "+ildct+ilme"],
        "testsrc2=s=640x360:r=25:d=4",
        (640, 360),
        "25.000",
    ),
    "wide pixels": (["-c:v", "libx264", "-aspect", "16:9"], "testsrc2=s=480x360:r=25:d=4", (640, 360), "25.000"),
    "120 fps": (["-c:v", "libx264"], "testsrc2=s=640x360:r=120:d=4", (640, 360), "60.000"),
}
CONTAINERS = {"vp9": "webm", "odd size": "mkv", "prores": "mov", "interlaced": "ts"}


@pytest.mark.parametrize("kind", SOURCES)
async def test_sources_of_every_kind(kind: str, s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    arguments, source, size, rate = SOURCES[kind]
    clip = clips.make(tmp_path / f"in.{CONTAINERS.get(kind, 'mp4')}", *arguments, source=source)
    job, _ = await transcode(s3, transcoder, tmp_path, clip, TWO)
    assert job["Status"] == "COMPLETE", job
    variants = check_playlists(tmp_path)
    assert variants[0]["RESOLUTION"] == "{}x{}".format(*size)
    assert variants[0]["FRAME-RATE"] == rate


async def test_rotated_phone_clip(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    flat = clips.make(tmp_path / "flat.mp4", "-c:v", "libx264")
    turned = tmp_path / "turned.mp4"
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-display_rotation", "90", "-i", str(flat)]
    subprocess.run([*command, "-c", "copy", str(turned)], check=True)  # noqa: ASYNC221 - a second at most
    job, _ = await transcode(s3, transcoder, tmp_path, turned, [{"modifier": "_640p", "height": 640}])
    assert job["Status"] == "COMPLETE", job
    assert check_playlists(tmp_path)[0]["RESOLUTION"] == "360x640"


async def test_variable_frame_rate_becomes_constant(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    # Two thirds of the frames of the second half are missing, as in a phone's clip in bad light.
    drop = ["-vf", "select='lt(t,4)+not(mod(n,3))'", "-fps_mode", "vfr", "-c:v", "libx264"]
    clip = clips.make(tmp_path / "in.mp4", *drop, source="testsrc2=s=640x360:r=30:d=8")
    job, _ = await transcode(s3, transcoder, tmp_path, clip, TWO)
    assert job["Status"] == "COMPLETE", job
    check_playlists(tmp_path)
    steps = [b - a for a, b in itertools.pairwise(frame_times(tmp_path / "master_240p_00001.ts"))]
    assert max(steps) - min(steps) <= 0.002


async def test_silent_clip(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "in.mp4", "-c:v", "libx264", tone=False)
    job, _ = await transcode(s3, transcoder, tmp_path, clip, TWO, audio=False)
    assert job["Status"] == "COMPLETE", job
    assert all("mp4a" not in v["CODECS"] for v in check_playlists(tmp_path))


async def test_several_segments_align_in_all_rungs(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "in.mp4", "-c:v", "libx264", source="testsrc2=s=640x360:r=30000/1001:d=14")
    job, found = await transcode(s3, transcoder, tmp_path, clip, TWO)
    assert job["Status"] == "COMPLETE", job
    check_playlists(tmp_path)
    assert "master_360p_00003.ts" in found
    assert frame_times(tmp_path / "master_360p_00002.ts")[0] == frame_times(tmp_path / "master_240p_00002.ts")[0]


async def test_letterboxes_when_the_shape_differs(s3: S3Server, transcoder: TranscoderServer, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "in.mp4", "-c:v", "libx264", source="testsrc2=s=360x640:r=30:d=2")
    rungs = [{"modifier": "_360p", "width": 640, "height": 360}]
    job, _ = await transcode(s3, transcoder, tmp_path, clip, rungs)
    assert job["Status"] == "COMPLETE", job
    assert check_playlists(tmp_path)[0]["RESOLUTION"] == "640x360"


BROKEN = {
    "no such object": (None, 1404),
    "text": (b"<html>not a video</html>" * 100, 1010),
    "empty": (b"", 1010),
    "a playlist that names a file": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 1010),
    "a concat script": (b"ffconcat version 1.0\nfile /etc/passwd\n", 1010),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_broken_sources_fail_with_the_documented_code(
    kind: str, s3: S3Server, transcoder: TranscoderServer, tmp_path: Path
) -> None:
    content, code = BROKEN[kind]
    if content is None:
        address = "s3://trunkline-uploads/uploads/none/source"
    else:
        (tmp_path / "in").write_bytes(content)
        address = clips.upload(s3, tmp_path / "in")
    mediaconvert = clips.client(transcoder)
    folder, wish = clips.job(address, TWO)
    job = await clips.finished(mediaconvert, mediaconvert.create_job(**wish)["Job"]["Id"])
    assert (job["Status"], job["ErrorCode"]) == ("ERROR", code)
    assert clips.download(s3, folder, tmp_path) == {}


async def test_missing_streams_fail_with_the_documented_code(
    s3: S3Server, transcoder: TranscoderServer, tmp_path: Path
) -> None:
    silent = clips.make(tmp_path / "silent.mp4", "-c:v", "libx264", tone=False)
    job, _ = await transcode(s3, transcoder, tmp_path, silent, TWO)
    assert (job["Status"], job["ErrorCode"]) == ("ERROR", 1021)
    sound = clips.make(tmp_path / "sound.m4a", "-vn")
    job, _ = await transcode(s3, transcoder, tmp_path, sound, TWO)
    assert (job["Status"], job["ErrorCode"]) == ("ERROR", 1020)


def check_playlists(folder: Path) -> list[dict[str, str]]:
    """Hold every playlist against the RFC and the segments themselves; the variants' attributes."""
    lines = (folder / "master.m3u8").read_text().splitlines()
    assert lines[0] == "#EXTM3U"
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in lines
    variants, targets = [], set()
    for tag, name in itertools.pairwise(lines):
        if not tag.startswith("#EXT-X-STREAM-INF:"):
            continue
        told = dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]+)', tag))
        media = (folder / name).read_text().splitlines()
        assert media[0] == "#EXTM3U"
        assert media[-1] == "#EXT-X-ENDLIST"
        assert "#EXT-X-PLAYLIST-TYPE:VOD" in media
        target = int(next(line for line in media if line.startswith("#EXT-X-TARGETDURATION:")).split(":")[1])
        targets.add(target)
        seconds = [float(line[8:-1]) for line in media if line.startswith("#EXTINF:")]
        segments = [folder / line for line in media if not line.startswith("#")]
        assert all(math.floor(s + 0.5) <= target for s in seconds)
        rates = [p.stat().st_size * 8 / s for p, s in zip(segments, seconds, strict=True) if s >= target / 2]
        assert int(told["BANDWIDTH"]) >= max(rates, default=0)
        average = sum(p.stat().st_size for p in segments) * 8 / sum(seconds)
        assert int(told["AVERAGE-BANDWIDTH"]) == pytest.approx(average, abs=1)
        check_segment(segments[0], told)
        variants.append(told)
    assert variants
    assert len(targets) == 1
    assert [int(v["BANDWIDTH"]) for v in variants] == sorted((int(v["BANDWIDTH"]) for v in variants), reverse=True)
    return variants


def check_segment(path: Path, told: dict[str, str]) -> None:
    streams = probe(path, "-show_streams")["streams"]
    video = next(s for s in streams if s["codec_type"] == "video")
    assert f"{video['width']}x{video['height']}" == told["RESOLUTION"]
    assert video["pix_fmt"] == "yuv420p"
    assert video.get("field_order", "progressive") == "progressive"
    assert f"{float(Fraction(video['r_frame_rate'])):.3f}" == told["FRAME-RATE"]
    assert f"{video['level']:02x}" == told["CODECS"][10:12]
    assert ("mp4a.40.2" in told["CODECS"]) == any(s["codec_type"] == "audio" for s in streams)


def frame_times(path: Path) -> list[float]:
    frames = probe(path, "-select_streams", "v:0", "-show_entries", "frame=pts_time")["frames"]
    return sorted(float(f["pts_time"]) for f in frames)


def probe(path: Path, *what: str) -> Any:
    command = [ffmpeg.find().ffprobe, "-v", "error", *what, "-print_format", "json", str(path)]
    return json.loads(subprocess.check_output(command))
