"""Which tracks really lie in a segment, on transport streams of the real FFmpeg."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clients import mpegts
from tests.local.clips import make

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
SOURCE = "testsrc2=s=320x180:r=25:d=2"
SPS = b"\x00\x00\x01\x67\x42\x00\x0a"


def test_picture_and_sound_are_found_and_named(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", *H264, "-c:a", "aac", source=SOURCE).read_bytes()
    assert mpegts.look(made) == mpegts.Tracks(has_video=True, has_audio=True, avc=mpegts.look(made).avc)
    assert mpegts.look(made).avc.startswith("avc1.6400")


def test_a_segment_without_sound_has_none(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", *H264, source=SOURCE, tone=False).read_bytes()
    assert (mpegts.look(made).has_video, mpegts.look(made).has_audio) == (True, False)


def test_sound_that_is_announced_and_does_not_come_is_not_there(tmp_path: Path) -> None:
    """The table of programs names it, no packet of it follows."""
    made = make(tmp_path / "a.ts", *H264, "-c:a", "aac", source=SOURCE).read_bytes()
    packets = [made[at : at + mpegts.PACKET] for at in range(0, len(made), mpegts.PACKET)]
    # FFmpeg's second elementary stream.
    without = b"".join(p for p in packets if int.from_bytes(p[1:3]) & 0x1FFF != 0x101)
    assert mpegts.look(made).has_audio
    assert (mpegts.look(without).has_video, mpegts.look(without).has_audio) == (True, False)


def test_a_picture_far_behind_much_sound_is_found(tmp_path: Path) -> None:
    """As a still picture's first segment is written; bytes like a parameter set in the sound name nothing."""
    made = make(tmp_path / "a.ts", *H264, "-c:a", "aac", source=SOURCE).read_bytes()
    head, rest = made[: 3 * mpegts.PACKET], made[3 * mpegts.PACKET :]
    filler = (b"\x47\x01\x01\x10" + SPS).ljust(mpegts.PACKET, b"\xff") * 1000
    assert mpegts.look(head + filler + rest).avc == mpegts.look(made).avc


@pytest.mark.parametrize("data", [b"", b"G", bytes(1000), b"G" * 1000, b"<html>" * 100])
def test_what_is_no_transport_stream_has_nothing(data: bytes) -> None:
    assert mpegts.look(data) == mpegts.Tracks(has_video=False, has_audio=False, avc="")


def test_a_transport_stream_cut_or_garbled_anywhere_does_not_upset_it(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", *H264, "-c:a", "aac", source=SOURCE).read_bytes()[: 12 * mpegts.PACKET]
    for at in range(0, len(made), 7):
        mpegts.look(made[:at])
        mpegts.look(made[:at] + b"\xff" + made[at + 1 :])
