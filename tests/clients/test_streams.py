"""One picture and one sound of a file: those people are meant to see and hear, if they can be decoded."""

from __future__ import annotations

from typing import Any

import pytest

from app.clients import ffmpeg, probe, streams
from app.clients.probe import Bounds, Unfit
from app.config import Settings
from app.local import ffmpeg as local_ffmpeg
from tests.house.files import ROOT

ODD = ROOT / "tests/media/odd"
TOOLS = ffmpeg.find(Settings())
BOUNDS = Bounds(43_200, 35_389_440)
DECODERS = frozenset({"h264", "mjpeg", "aac", "opus"})


def stream(index: int, kind: str, codec: str, *dispositions: str, **more: Any) -> streams.Stream:
    size = {"width": 640, "height": 360} if kind == "video" else {"channels": 2}
    return {
        "index": index, "codec_type": kind, "codec_name": codec, "disposition": dict.fromkeys(dispositions, 1),
        **size, **more,
    }  # fmt: skip


def picture(index: int, codec: str = "h264", *dispositions: str, **more: Any) -> streams.Stream:
    return stream(index, "video", codec, *dispositions, **more)


def sound(index: int, codec: str = "aac", *dispositions: str, **more: Any) -> streams.Stream:
    return stream(index, "audio", codec, *dispositions, **more)


FILES: dict[str, tuple[list[streams.Stream], tuple[int, int | None, int | None]]] = {
    "plain": ([picture(0), sound(1)], (0, 1, 1)),
    "silent": ([picture(0)], (0, None, None)),
    "cover first": ([picture(0, "mjpeg", "attached_pic"), picture(1, "h264", "default"), sound(2)], (1, 2, 1)),
    "thumbnails first": ([picture(0, "mjpeg", "timed_thumbnails"), picture(1), sound(2)], (1, 2, 1)),
    "default second": ([picture(0), picture(1, "h264", "default"), sound(2), sound(3, "aac", "default")], (1, 3, 2)),
    "a picture without a size": ([picture(0, width=0, height=0), picture(1)], (1, None, None)),
    "unreadable sound first": ([picture(0), sound(1, "unknown", "default"), sound(2)], (0, 2, 1)),
    "commentary first": ([picture(0), sound(1, "aac", "comment"), sound(2)], (0, 2, 2)),
    "sound that never comes": ([picture(0), sound(1, "aac", channels=0)], (0, None, None)),
    "undecodable default sound": ([picture(0), sound(1, "ac4", "default"), sound(2, "opus")], (0, 2, 1)),
}


@pytest.mark.parametrize("name", FILES)
def test_the_picture_and_the_sound_that_are_meant_are_chosen(name: str) -> None:
    found, chosen = FILES[name]
    raw = {"format": {"format_name": "matroska", "duration": "2"}, "streams": found}
    facts = probe.read(raw, BOUNDS, DECODERS)
    assert (facts.picture, facts.sound, facts.sound_track) == chosen
    # The transcoder on a laptop sees the same file in the same way.
    source = local_ffmpeg.read_probe(raw, DECODERS)
    assert (source.picture, source.sound) == chosen[:2]
    if chosen[2]:
        assert source.sounds[chosen[2] - 1] == chosen[1]


@pytest.mark.parametrize(
    "found",
    [
        [picture(0, "av1"), sound(1)],
        [picture(0, "av1", "default"), picture(1, "mjpeg"), sound(2)],
        [picture(0), sound(1, "ac4")],
        [picture(0), sound(1, "unknown")],
        [picture(0, "smells"), sound(1)],
    ],
)
def test_what_cannot_be_decoded_is_said_at_once(found: list[streams.Stream]) -> None:
    with pytest.raises(Unfit) as caught:
        probe.read({"format": {"duration": "2"}, "streams": found}, BOUNDS, DECODERS)
    assert caught.value.reason == "unsupported_codec"


def test_aws_decodes_what_the_ffmpeg_here_does_not() -> None:
    raw = {"format": {"duration": "2"}, "streams": [picture(0, "av1"), sound(1, "unknown"), sound(2, "ac4")]}
    facts = probe.read(raw, BOUNDS, None)
    assert (facts.video_codec, facts.audio_codec, facts.sound_track) == ("av1", "ac4", 1)


def test_decoders_that_need_a_device_do_not_count() -> None:
    listed = """Decoders:
 V..... = Video
 ------
 V....D av1                  Alliance for Open Media AV1
 V..... hevc_v4l2m2m         V4L2 mem2mem HEVC decoder wrapper (codec hevc)
 VFS..D h264                 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10
 A....D libopus              libopus Opus (codec opus)
"""
    assert ffmpeg.read_decoders(listed) == {"h264", "opus"}
    assert ffmpeg.read_decoders(listed + " V....D libdav1d  dav1d AV1 decoder by VideoLAN (codec av1)\n") >= {"av1"}


async def test_the_ffmpeg_that_is_found_says_what_it_decodes() -> None:
    decoders = await ffmpeg.decoders(TOOLS)
    assert decoders >= {"h264", "hevc", "vp8", "vp9", "mpeg2video", "mpeg4", "prores", "mjpeg", "aac", "opus", "mp3"}
    assert "unknown" not in decoders


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("cover-art-is-first-stream.mp4", (1, 2, 1)),
        ("unknown-audio-apac-first-aac-second.mp4", (0, 2, 1)),
        ("mpeg2-elementary-stream.mpg", (0, None, None)),
        ("title-tag-90kB.mp4", (0, 1, 1)),
        ("gps-subtitle-track-faststart.mp4", (0, 1, 1)),
    ],
)
async def test_files_from_the_world(name: str, chosen: tuple[int, int | None, int | None]) -> None:
    path = ODD / name
    decoders = await ffmpeg.decoders(TOOLS)
    facts = await probe.look(TOOLS, str(path), b"", seconds=60, bounds=BOUNDS, decoders=decoders)
    assert (facts.picture, facts.sound, facts.sound_track) == chosen
    source = await local_ffmpeg.probe(local_ffmpeg.find(), path)
    assert (source.picture, source.sound) == chosen[:2]
