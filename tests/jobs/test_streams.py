"""Files with several pictures and sounds: what people see and hear is what the file's maker meant."""

from __future__ import annotations

import itertools
import struct
import subprocess
from pathlib import Path

from app.clients import ffmpeg
from app.config import Settings
from tests.house.files import ROOT
from tests.jobs import clips
from tests.jobs.test_whole_way import labels
from tests.studio import Studio

ODD = ROOT / "tests/media/odd"
TOOLS = ffmpeg.find(Settings())


def build(target: Path, *arguments: str) -> bytes:
    subprocess.run([TOOLS.ffmpeg, "-nostdin", "-v", "error", "-y", *arguments, str(target)], check=True)
    return target.read_bytes()


def sines(*frequencies: int) -> list[str]:
    return [word for hz in frequencies for word in ("-f", "lavfi", "-i", f"sine=frequency={hz}:d=2")]


def two_sounds(folder: Path) -> bytes:
    """The second, of 880 Hz, is the default."""
    picture = ["-f", "lavfi", "-i", clips.picture("320x180"), *sines(440, 880)]
    return build(
        folder / "two.mkv", *picture, "-map", "0", "-map", "1", "-map", "2", *clips.H264, *clips.AAC,
        "-disposition:a:0", "0", "-disposition:a:1", "default",
    )  # fmt: skip


def thumbnails_first(folder: Path) -> bytes:
    """A square track that is switched off, then the picture."""
    pictures = ["-f", "lavfi", "-i", "testsrc=s=300x300:r=1:d=2", "-f", "lavfi", "-i", clips.picture("640x360")]
    return build(
        folder / "thumbs.mov", *pictures, *sines(440), "-map", "0", "-map", "1", "-map", "2", *clips.H264, *clips.AAC,
        "-disposition:v:0", "0", "-disposition:v:1", "default",
    )  # fmt: skip


def long_comment(folder: Path) -> bytes:
    (folder / "tags.txt").write_text(";FFMETADATA1\ncomment=" + "x" * 5_000_000 + "\n")
    tags = ["-f", "ffmetadata", "-i", str(folder / "tags.txt"), "-map_metadata", "1"]
    return build(folder / "tags.mkv", "-f", "lavfi", "-i", clips.picture("320x180"), *tags, *clips.H264)


def pitch(segment: Path) -> float:
    """The sound's frequency in Hz, by the zeros it crosses."""
    command = [TOOLS.ffmpeg, "-v", "error", "-i", str(segment), "-map", "0:a:0", "-ac", "1", "-ar", "8000"]
    raw = subprocess.check_output([*command, "-f", "s16le", "-"])
    wave = [value for (value,) in struct.iter_unpack("<h", raw)]
    return sum(1 for a, b in itertools.pairwise(wave) if a < 0 <= b) * 8000 / len(wave)


async def test_the_streams_that_are_meant_are_shown(studio: Studio, tmp_path: Path) -> None:
    files = {name: (ODD / name).read_bytes() for name in (
        "cover-art-is-first-stream.mp4", "unknown-audio-apac-first-aac-second.mp4", "mpeg2-elementary-stream.mpg",
        "title-tag-90kB.mp4", "av1-opus.webm",
    )}  # fmt: skip
    files |= {
        "two.mkv": two_sounds(tmp_path), "thumbs.mov": thumbnails_first(tmp_path), "tags.mkv": long_comment(tmp_path),
    }  # fmt: skip
    ids = {name: (await studio.upload(content, name))["id"] for name, content in files.items()}
    found = {name: await studio.until(id, "ready", "failed", seconds=300) for name, id in ids.items()}
    refused = {name: ("failed", "unsupported_codec") if name == "av1-opus.webm" else ("ready", None) for name in files}
    assert {name: (video["status"], video["reason"]) for name, video in found.items()} == refused

    # The picture, not its cover or its thumbnails.
    assert labels(found["cover-art-is-first-stream.mp4"]) == [("360p", 640, 360)]
    assert labels(found["thumbs.mov"]) == [("360p", 640, 360)]
    for name in ("cover-art-is-first-stream.mp4", "thumbs.mov"):
        poster = await fetched(studio, ids[name], "poster.jpg", tmp_path)
        width, height = shape(poster)
        assert width / height > 1.7
    # The default sound, in the ladder and wherever else it is played.
    segment = await fetched(studio, ids["two.mkv"], "hls/master_180p_00001.ts", tmp_path)
    assert 870 < pitch(segment) < 890
    # A picture that nobody here can decode was not tried.
    asked = await studio.deps.db.fetchval(
        "select count(*) from transcode_jobs t join videos v on v.id = t.video_id where v.public_id = $1",
        ids["av1-opus.webm"],
    )
    assert asked == 0


async def fetched(studio: Studio, id: str, name: str, folder: Path) -> Path:
    target = folder / f"{id}-{Path(name).name}"
    target.write_bytes(await studio.deps.storage.get(studio.deps.storage.media, f"vod/{id}/1/{name}"))
    return target


def shape(path: Path) -> tuple[int, int]:
    command = [TOOLS.ffprobe, "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", str(path)]
    width, height = subprocess.check_output(command, text=True).strip().split(",")[:2]
    return int(width), int(height)
