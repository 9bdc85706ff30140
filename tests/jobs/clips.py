"""Sources of many kinds, made by the real FFmpeg; small, since each is encoded again."""

from __future__ import annotations

from pathlib import Path

from tests.local.clips import BUNNY, make

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "64k")


def picture(size: str, seconds: float = 2, rate: int = 24) -> str:
    return f"testsrc2=s={size}:r={rate}:d={seconds}"


def bunny() -> bytes:
    return BUNNY.read_bytes()


def made(path: Path, *arguments: str, source: str, tone: bool = True) -> bytes:
    return make(path, *arguments, source=source, tone=tone).read_bytes()


def plain(folder: Path, size: str = "640x360", *, fast: bool = True) -> bytes:
    """An MP4 that browsers play as it is; with its index at the end unless `fast`."""
    flags = ("-movflags", "+faststart") if fast else ()
    return made(folder / "plain.mp4", *H264, *AAC, *flags, source=picture(size))
