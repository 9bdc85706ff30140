"""FFmpeg and ffprobe: where they are, what a file holds, and running them under limits.

A source is never trusted: only plain container demuxers (no playlists that name other files), only the
`file` protocol, a cap on address space and on wall time, a lower priority than the service.
"""

import asyncio
import json
import signal
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.clients import color, ffmpeg, streams
from app.clients.color import Color
from app.clients.ffmpeg import FFmpegError
from app.local import children

GUARDS = ["-protocol_whitelist", "file", "-format_whitelist", ffmpeg.CONTAINERS, *ffmpeg.DEPTH]
STDERR_KEPT = 2_000
LINE_MOST = 65_536
MOST_SECONDS = 1e7
STANDARD_FPS = [Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60, 1))]


class Undecodable(Exception):
    """The file is whole, and FFmpeg has no decoder for what it holds."""


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
    picture: int  # index of its stream
    sound: int | None
    sounds: Sequence[int]  # every one that can be decoded, as AudioSelectors count them
    is_interlaced: bool
    color: Color
    sound_outlasts_seconds: float  # how much longer the sound is than the picture, else 0
    raw: dict[str, Any]

    @property
    def has_audio(self) -> bool:
        return self.sound is not None


def find(binary: str = "", **limits: int) -> Tools:
    """The same programs as the service's (app/clients/ffmpeg.py). Raises FileNotFoundError with hints."""
    programs = ffmpeg.locate(binary)
    return Tools(programs[0], programs[1], **limits)


async def probe(tools: Tools, path: Path, seconds: float = 60) -> Source:
    """Read the headers of a local file. Raises FFmpegError when it is no media file we accept, Undecodable."""
    decoders = await ffmpeg.decoders(ffmpeg.Tools(tools.ffmpeg, tools.ffprobe, tools.memory_mb))
    printed = bytearray()
    argv = [tools.ffprobe, *streams.ASK, *GUARDS, str(path)]
    await run(tools, argv, seconds=seconds, on_line=printed.extend)
    return read_probe(json.loads(printed), decoders)


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


def read_probe(raw: dict[str, Any], decoders: Collection[str] | None = None) -> Source:
    """Turn ffprobe's JSON into the few facts a ladder needs. Raises Undecodable."""
    found = raw.get("streams", [])
    video, audio = streams.picture(found, decoders), streams.sound(found, decoders)
    if video is None and streams.pictures(found):
        raise Undecodable("the picture cannot be decoded here")
    width, height = streams.shown_size(video) if video else (0, 0)
    return Source(
        duration_seconds=_believable(streams.seconds_of(raw.get("format", {}), found)),
        width=width,
        height=height,
        fps=_fps(video) if video else Fraction(0),
        has_video=video is not None and width > 0 and height > 0,
        picture=int(video["index"]) if video else 0,
        sound=int(audio["index"]) if audio else None,
        sounds=[int(one["index"]) for one in streams.decodable_sounds(found, decoders)],
        is_interlaced=bool(video) and (video or {}).get("field_order") in {"tt", "bb", "tb", "bt"},
        color=color.read(video or {}),
        sound_outlasts_seconds=_outlasts(audio, video),
        raw=raw,
    )


def _outlasts(audio: streams.Stream | None, video: streams.Stream | None) -> float:
    """Seconds of sound behind the picture's end, as the file says; 0 where it does not say, or a frame at most."""
    ends = [_end(stream) for stream in (audio, video) if stream]
    over = ends[0] - ends[1] if len(ends) == 2 and all(ends) else 0.0
    return _believable(over) if over > 0.1 else 0.0


def _end(stream: streams.Stream) -> float:
    """Matroska says each track's end in a tag; what ffprobe calls the duration there is the whole file's."""
    said = [streams.number(part) for part in str(stream.get("tags", {}).get("DURATION", "")).split(":")]
    if len(said) == 3 and None not in said:
        return sum((part or 0) * unit for part, unit in zip(said, (3600, 60, 1), strict=True))
    length = streams.number(stream.get("duration"))
    return (streams.number(stream.get("start_time")) or 0) + length if length else 0.0


def _fps(video: streams.Stream) -> Fraction:
    """The source's own rate up to 60; a variable one becomes the next standard rate that loses no frame."""
    nominal, average = streams.ratio(video.get("r_frame_rate")), streams.ratio(video.get("avg_frame_rate"))
    if nominal and average and abs(nominal / average - 1) < Fraction(1, 200) and nominal <= STANDARD_FPS[-1]:
        return max(nominal.limit_denominator(1001), Fraction(1))
    enough = (fps for fps in STANDARD_FPS if fps >= average * Fraction(99, 100))
    return next(enough, STANDARD_FPS[-1]) if average else Fraction(30)


def _believable(seconds: float) -> float:
    return seconds if seconds < MOST_SECONDS else 0.0


async def _read_lines(stream: asyncio.StreamReader | None, on_line: Callable[[bytes], None] | None) -> None:
    """Each line with its end. One of any length is read: it comes in pieces."""
    if stream is None:
        return
    rest = b""
    while chunk := await stream.read(LINE_MOST):
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        if rest.endswith(b"\n") or len(rest) > LINE_MOST:
            lines, rest = [*lines, rest], b""
        if on_line:
            for line in lines:
                on_line(line)
    if on_line and rest:
        on_line(rest)


async def _read_tail(stream: asyncio.StreamReader | None) -> bytes:
    tail = b""
    while stream is not None and (chunk := await stream.read(4096)):
        tail = (tail + chunk)[-STDERR_KEPT:]
    return tail
