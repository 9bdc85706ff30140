"""FFmpeg as a child: limits hold, playlists are not followed, previews come out as their WebVTT says."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clients import ffmpeg, probe, sprites
from app.config import Settings
from tests.local.clips import make

TOOLS = ffmpeg.find(Settings())
BOUNDS = probe.Bounds(3600, 10**9)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture
def asked() -> Iterator[tuple[int, list[str]]]:
    """A web server that should hear nothing."""
    heard: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.ffconcat", "list.mpd", "list.sdp"])
async def test_files_that_name_other_addresses_are_not_followed(
    tmp_path: Path, asked: tuple[int, list[str]], name: str
) -> None:
    port, heard = asked
    texts = {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat": f"ffconcat version 1.0\nfile http://127.0.0.1:{port}/b.mp4\n",
        "mpd": f"<MPD><Period><BaseURL>http://127.0.0.1:{port}/c</BaseURL></Period></MPD>",
        "sdp": "v=0\nc=IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n",
    }
    text = texts.get(name.rpartition(".")[2], texts["m3u8"])
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(probe.Unfit) as caught:
        await probe.look(TOOLS, str(path), text.encode(), seconds=60, bounds=BOUNDS, decoders=None)
    assert caught.value.reason == "not_a_video"
    assert heard == []


async def test_a_run_that_takes_too_long_ends(tmp_path: Path) -> None:
    endless = ["-v", "error", "-f", "lavfi", "-re", "-i", "testsrc2", "-f", "null", "-"]
    with pytest.raises(ffmpeg.FFmpegError) as caught:
        await ffmpeg.run(TOOLS, endless, seconds=0.3)
    assert caught.value.is_timeout


async def test_a_run_that_wants_too_much_memory_ends() -> None:
    little = dataclasses.replace(TOOLS, memory_mb=64)
    huge = ["-v", "error", "-xerror", "-f", "lavfi", "-i", "testsrc2=s=8000x8000", "-frames:v", "3", "-f", "null", "-"]
    with pytest.raises(ffmpeg.FFmpegError):
        await ffmpeg.run(little, huge, seconds=60)


async def test_a_file_with_one_endless_tag_is_read(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", *H264, "-metadata", "comment=" + "x" * 100_000, source="testsrc2=s=64x64:d=1")
    facts = await probe.look(TOOLS, str(path), path.read_bytes(), seconds=60, bounds=BOUNDS, decoders=None)
    assert (facts.width, facts.height) == (64, 64)


async def test_sheets_hold_the_pictures_their_cues_name(tmp_path: Path) -> None:
    make(tmp_path / "frame.%07d.jpg", "-start_number", "0", source="testsrc2=s=320x180:r=1:d=123", tone=False)
    size = sprites.tile_size(1920, 1080)
    assert size == (160, 90)
    assert await sprites.make_sheets(TOOLS, tmp_path, 123, size, 60) == 2
    for sheet in ("sprite_001.jpg", "sprite_002.jpg"):
        assert (tmp_path / sheet).stat().st_size > 1000
    vtt = sprites.write_vtt(123, 2, 245.5, size)
    cues = [line for line in vtt.splitlines() if "#xywh" in line]
    assert len(cues) == 123
    assert cues[0] == "sprite_001.jpg#xywh=0,0,160,90"
    assert cues[99] == "sprite_001.jpg#xywh=1440,810,160,90"
    assert cues[100] == "sprite_002.jpg#xywh=0,0,160,90"
    assert "00:04:04.000 --> 00:04:05.500" in vtt


def test_pictures_after_the_end_are_not_shown() -> None:
    vtt = sprites.write_vtt(7, 2, 12, (160, 90))
    assert vtt.count("-->") == 6
    assert vtt.rstrip().splitlines()[-2] == "00:00:10.000 --> 00:00:12.000"


async def test_a_signed_address_does_not_come_back_in_the_error() -> None:
    address = "http://127.0.0.1:9/bucket/key?X-Amz-Signature=0123abcd"
    with pytest.raises(ffmpeg.FFmpegError) as caught:
        await ffmpeg.run(ffmpeg.find(Settings()), [*ffmpeg.GUARDS, "-i", address, "-f", "null", "-"], seconds=60)
    assert "bucket/key" in str(caught.value)
    assert "0123abcd" not in str(caught.value)
