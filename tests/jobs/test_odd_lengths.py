"""Tracks that do not last as long as each other, few pictures, and files whose claimed length is wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app.clients import ffmpeg as clients_ffmpeg
from app.clients import mpegts, probe
from app.config import Settings
from app.local import ffmpeg
from tests.house.files import ROOT
from tests.jobs import clips
from tests.local.clips import make
from tests.servers import S3Server, TranscoderServer
from tests.studio import Json, Studio, open_studio

ODD = ROOT / "tests/media/odd"


async def ready(studio: Studio, content: bytes, filename: str) -> Json:
    video = await studio.upload(content, filename, "application/octet-stream")
    found = await studio.until(video["id"], "ready", "failed")
    assert (found["status"], found["reason"]) == ("ready", None)
    return found


async def segments(studio: Studio, id: str) -> dict[str, bytes]:
    """Every segment of every rendition, by name."""
    storage, names = studio.deps.storage, studio.objects(f"vod/{id}/1/hls/")
    return {name: await storage.get(storage.media, f"vod/{id}/1/hls/{name}") for name in names if name.endswith(".ts")}


async def assert_whole(studio: Studio, id: str, count: int) -> None:
    """`count` segments, each with picture and sound, the sound about as long as the picture."""
    found = await segments(studio, id)
    assert len(found) == count
    for name, content in found.items():
        tracks = mpegts.look(content)
        assert (name, tracks.has_video, tracks.has_audio) == (name, True, True)


async def test_sound_that_ends_early_is_followed_by_silence_to_the_picture_s_end(studio: Studio) -> None:
    video = await ready(studio, (ODD / "sound-ends-at-4s-of-14s-player-freezes.mp4").read_bytes(), "short.mp4")
    await assert_whole(studio, video["id"], 3)
    assert video["duration_seconds"] == pytest.approx(14, abs=0.05)


async def test_before_sound_that_starts_late_there_is_silence(studio: Studio) -> None:
    video = await ready(studio, (ODD / "sound-starts-at-8s-of-12s-silent.mkv").read_bytes(), "late.mkv")
    await assert_whole(studio, video["id"], 2)


async def test_a_gap_in_the_sound_is_silence_and_a_late_picture_stands_from_the_start(
    studio: Studio, tmp_path: Path
) -> None:
    whole = make(tmp_path / "whole.mkv", *clips.H264, *clips.AAC, "-g", "25", source="testsrc2=s=320x180:r=25:d=14")
    gap = tmp_path / "gap.mkv"
    cut(whole, gap, "-bsf:a", "noise=drop='gt(pts*tb,2)*lt(pts*tb,11)'")
    late = tmp_path / "late.mkv"
    cut(whole, late, "-bsf:v", "noise=drop='lt(pts*tb,8)'")
    assert clock_of(late, "v")[0] == pytest.approx(8, abs=0.1)
    for source in (gap, late):
        video = await ready(studio, source.read_bytes(), source.name)
        await assert_whole(studio, video["id"], 3)
    first = next(iter((await segments(studio, video["id"])).items()))
    (tmp_path / first[0]).write_bytes(first[1])
    assert clock_of(tmp_path / first[0], "v")[0] == pytest.approx(clock_of(tmp_path / first[0], "a")[0], abs=0.1)


async def test_few_pictures_with_sound_become_ready(studio: Studio, tmp_path: Path) -> None:
    """One picture for the whole, one that ends at once, one in five seconds, one a second."""
    still = make(tmp_path / "still.mp4", *clips.H264, *clips.AAC, source="testsrc2=s=320x180:r=1/20:d=20")
    once = tmp_path / "once.mp4"
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.04"]
    command += ["-f", "lavfi", "-i", "sine=d=20", *clips.H264, *clips.AAC, str(once)]
    subprocess.run(command, check=True, timeout=60)  # noqa: ASYNC221 - a second at most
    slow = make(tmp_path / "slow.mp4", *clips.H264, *clips.AAC, source="testsrc2=s=320x180:r=1/5:d=20")
    slides = ODD / "slides-1fps-with-sound-30s.mp4"
    for source, seconds in ((still, 20), (once, 20), (slow, 20), (slides, 30)):
        video = await ready(studio, source.read_bytes(), source.name)
        assert video["duration_seconds"] == pytest.approx(seconds, abs=0.1)
        await assert_whole(studio, video["id"], -(-seconds // 6))


async def test_a_length_is_what_came_out_and_not_what_the_file_says(studio: Studio, tmp_path: Path) -> None:
    """A recording whose clock jumps ten hours, a file cut in half, one that says nothing: length and previews."""
    jump = jumps(tmp_path)
    silent = says_no_length(tmp_path, 6)
    cut_off = (ODD / "cut-off-faststart.mp4").read_bytes()
    for content, filename, seconds in ((jump, "a.ts", 6), (silent, "b.webm", 6), (cut_off, "c.mp4", 1.1)):
        video = await ready(studio, content, filename)
        assert video["duration_seconds"] == pytest.approx(seconds, abs=0.2)
        [card] = [c for c in (await studio.call("GET", "/api/users/me/videos"))["items"] if c["id"] == video["id"]]
        assert card["duration_seconds"] == video["duration_seconds"]
        storage = studio.deps.storage
        vtt = (await storage.get(storage.media, f"vod/{video['id']}/1/thumbs/thumbs.vtt")).decode()
        assert vtt.count("-->") >= int(seconds), "a picture a second"
        assert len(set(re.findall(r"#xywh=(\S+)", vtt))) == vtt.count("-->")


async def test_a_video_that_turns_out_too_long_fails_with_that_reason(
    settings: Settings, s3: S3Server, transcoder: TranscoderServer, tmp_path: Path
) -> None:
    """It said nothing about its length, so only what came out could tell."""
    async with open_studio(settings, s3, transcoder, video_max_seconds=2) as studio:
        video = await studio.upload(says_no_length(tmp_path, 6), "live.webm", "video/webm")
        failed = await studio.until(video["id"], "ready", "failed")
        assert (failed["status"], failed["reason"]) == ("failed", "too_long")


async def test_too_long_is_decided_by_what_is_there_and_not_by_what_the_file_says(tmp_path: Path) -> None:
    """A recording of 6 s whose clock jumps ten hours passes a limit of an hour; one that really is long does not."""
    tools, bounds = clients_ffmpeg.find(Settings()), probe.Bounds(3600, 10_000_000)
    jump, long = tmp_path / "jump.ts", ODD / "11h-gap-between-frames-14kB.mp4"
    jump.write_bytes(jumps(tmp_path))
    facts = await probe.look(tools, str(jump), b"G", seconds=60, bounds=bounds, decoders=None)
    assert facts.duration_seconds == pytest.approx(6, abs=0.2)
    with pytest.raises(probe.Unfit) as refused:
        await probe.look(tools, str(long), b"", seconds=60, bounds=bounds, decoders=None)
    assert refused.value.reason == "too_long"


def jumps(folder: Path) -> bytes:
    """Three seconds, and three more ten hours later by the recorder's clock."""
    later = ("-output_ts_offset", "36000")
    source = "testsrc2=s=320x180:r=25:d=3"
    parts = [make(folder / f"{len(more)}.ts", *clips.H264, *clips.AAC, *more, source=source) for more in ((), later)]
    return b"".join(part.read_bytes() for part in parts)


def says_no_length(folder: Path, seconds: int) -> bytes:
    """As browsers record."""
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1")
    return make(folder / "live.webm", *vp8, source=f"testsrc2=s=320x180:r=25:d={seconds}").read_bytes()


def cut(source: Path, target: Path, *how: str) -> None:
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-y", "-i", str(source), "-c", "copy", *how, str(target)]
    subprocess.run(command, check=True, timeout=60)


def clock_of(path: Path, track: str) -> list[float]:
    """Seconds at which a track's packets are shown, in order."""
    command = [ffmpeg.find().ffprobe, "-v", "error", "-select_streams", f"{track}:0"]
    command += ["-show_entries", "packet=pts_time", "-of", "csv=p=0", str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return sorted(float(line.strip(",")) for line in printed.split() if line.strip(","))
