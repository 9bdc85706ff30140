"""Of an upload its picture and its sound are anybody's: no tag, place, chapter, title or name comes out again."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app.clients import ffmpeg
from app.config import Settings
from tests.house.files import ROOT
from tests.jobs import clips
from tests.local.clips import make
from tests.studio import Studio

ODD = ROOT / "tests/media/odd"
TOOLS = ffmpeg.find(Settings())
# What the files below hold; long enough that no chance writes it.
CAPTION = b"\xb5\x00\x31GA94\x03"  # how captions begin that lie within the pictures (ATSC A/53)
PRIVATE = (CAPTION, b"SECRET", b"secret", b"37.5665", b"126.9780", b"Private Phone", b"private note")
TAGS = """;FFMETADATA1
title=SECRET title
location=+37.5660+126.9780/
comment=SECRET comment
creation_time=2026-01-02T03:04:05Z
[CHAPTER]
TIMEBASE=1/1000
START=0
END=900
title=SECRET chapter
"""
SEI = "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+SECRET place"


def everything(folder: Path) -> bytes:
    """Tags, chapters, a timecode, a handler's name, and text between the slices."""
    (folder / "tags.txt").write_text(TAGS)
    tags = ["-i", str(folder / "tags.txt"), "-map", "0", "-map", "1", "-map_metadata", "2", "-map_chapters", "2"]
    names = ["-metadata:s:v", "handler_name=SECRET handler", "-metadata:s:a", "title=SECRET sound"]
    return clips.made(
        folder / "everything.mp4", *tags, *clips.H264, "-bsf:v", SEI, *clips.AAC, *names, "-timecode", "10:00:00:00",
        "-movflags", "+faststart+use_metadata_tags", source=clips.picture("320x180"),
    )  # fmt: skip


def exif_in_each_picture(folder: Path) -> bytes:
    """Motion JPEG, as cameras write it."""
    make(folder / "frame%03d.jpg", "-c:v", "mjpeg", source="testsrc2=s=320x180:r=10:d=2", tone=False)
    text = b"SECRET place 37.5660 126.9780\0"
    entry = struct.pack("<HHHIII", 1, 0x010E, 2, len(text), 26, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + entry + text
    for path in folder.glob("frame*.jpg"):
        jpeg = path.read_bytes()
        path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    target = folder / "exif.mov"
    command = [TOOLS.ffmpeg, "-v", "error", "-framerate", "10", "-i", str(folder / "frame%03d.jpg"), "-c", "copy"]
    subprocess.run([*command, str(target)], check=True)
    return target.read_bytes()


def captions_within(folder: Path) -> bytes:
    """Two letters of a caption before every slice, as broadcasters write them."""
    plain = clips.made(folder / "plain.h264", *clips.H264, source=clips.picture("320x180"), tone=False)
    words = CAPTION + b"\x42\xff\xfcSE\xfcCR\xff"
    unit = b"\x00\x00\x00\x01\x06\x04" + bytes([len(words)]) + words + b"\x80"
    raw = folder / "captions.h264"
    raw.write_bytes(re.sub(rb"\x00\x00\x00?\x01(?=[\x65\x41\x01\x61\x21])", lambda found: unit + found[0], plain))
    target = folder / "captions.mp4"
    command = [TOOLS.ffmpeg, "-v", "error", "-framerate", "24", "-i", str(raw), "-c", "copy", str(target)]
    subprocess.run(command, check=True)
    return target.read_bytes()


async def test_nothing_but_picture_and_sound_is_served(studio: Studio, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in sorted(ODD.glob("*faststart.mp4")) if "cut" not in path.name}
    files |= {"everything.mp4": everything(tmp_path), "exif.mov": exif_in_each_picture(tmp_path)}
    files |= {"captions.mp4": captions_within(tmp_path)}
    assert len(files) == 5
    for name, content in files.items():
        assert any(word in content for word in PRIVATE), name
        id = (await studio.upload(content, name))["id"]
        assert (await studio.until(id, "ready", "failed"))["status"] == "ready"
        await nothing_private(studio, id, tmp_path, has_progressive=name != "exif.mov")


async def nothing_private(studio: Studio, id: str, folder: Path, *, has_progressive: bool) -> None:
    def get(key: str) -> Awaitable[bytes]:
        return studio.deps.storage.get(studio.deps.storage.media, f"vod/{id}/1/{key}")

    objects = studio.objects(f"vod/{id}/1/")
    assert ("progressive.mp4" in objects) is has_progressive
    assert {"poster.jpg", "thumbs/sprite_001.jpg", "thumbs/frame.0000000.jpg"} <= set(objects)
    for key in objects:
        content = await get(key)
        assert not [word for word in PRIVATE if word in content], key
        if key.endswith((".mp4", ".ts")):
            await is_picture_and_sound(get, key, folder)


async def is_picture_and_sound(get: Callable[[str], Awaitable[bytes]], key: str, folder: Path) -> None:
    path = folder / Path(key).name
    path.write_bytes(await get(key))
    found = look(path)
    kinds = [stream["codec_type"] for stream in found["streams"]]
    assert kinds in (["video", "audio"], ["video"]), key
    assert found["chapters"] == []
    tags = {name for part in (found["format"], *found["streams"]) for name in part.get("tags", {})}
    assert tags <= {"major_brand", "minor_version", "compatible_brands", "handler_name", "vendor_id", "language"}, key


def look(path: Path) -> dict[str, Any]:
    command = [TOOLS.ffprobe, "-v", "error", "-show_streams", "-show_format", "-show_chapters", "-of", "json"]
    found: dict[str, Any] = json.loads(subprocess.check_output([*command, str(path)]))
    return found
