"""Pictures that people send: decoded and written anew, so that nothing but what is seen is handed on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.clients import ffmpeg

# By the type that the first bytes say: no other reader of FFmpeg's is let near them.
READERS = {"image/jpeg": "jpeg_pipe", "image/png": "png_pipe", "image/webp": "webp_pipe"}


def kind_of(data: bytes) -> str | None:
    """The type its first bytes say, whatever the sender called it; None for what is no such picture."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return "image/png"
    return "image/webp" if data.startswith(b"RIFF") and data[8:15] == b"WEBPVP8" else None


async def to_jpeg(tools: ffmpeg.Tools, data: bytes, *, side: int, max_pixels: int, seconds: float) -> bytes | None:
    """As JPEG, `side` pixels high and wide at most; None for what cannot be decoded.

    Raises FFmpegError when it took too long.
    """
    kind = kind_of(data)
    if kind is None:
        return None
    with tempfile.TemporaryDirectory(prefix="trunkline-") as temporary:
        source, target = Path(temporary) / "source", Path(temporary) / "picture.jpg"
        source.write_bytes(data)
        try:
            await ffmpeg.run(tools, arguments(kind, source, target, side, max_pixels), seconds=seconds)
        except ffmpeg.FFmpegError as error:
            if error.is_timeout:
                raise
            return None
        return target.read_bytes() if target.exists() else None


def arguments(kind: str, source: Path, target: Path, side: int, max_pixels: int) -> list[str]:
    fit = f"scale=w='min({side},iw)':h='min({side},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2"
    reader = READERS[kind]
    return [
        *["-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file", "-format_whitelist", reader, "-f", reader],
        *["-threads", "2", "-xerror", "-err_detect", "explode", "-max_pixels", str(max_pixels), "-i", str(source)],
        *["-map", "0:v:0", "-frames:v", "1", "-vf", f"{fit},format=yuvj420p", "-map_metadata", "-1"],
        *["-c:v", "mjpeg", "-q:v", "3", "-f", "image2", "-update", "1", str(target)],
    ]
