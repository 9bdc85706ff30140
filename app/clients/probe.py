"""What a source is: ffprobe's answer turned into the few facts that decide how it is processed.

`look` asks ffprobe; everything else is pure. Facts are stored in `videos.probe`, the chosen streams among them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from app.clients import color, ffmpeg, streams
from app.clients.color import Color
from app.clients.transcode_settings import Rung

# Short side and peak bits per second of the ladder.
LADDER = ((1080, 5_000_000), (720, 3_000_000), (480, 1_500_000), (360, 800_000))
SMALLEST_SIDE = 32  # what encoders take
LARGEST_SIDE = 8192
PLAYABLE_SHORT_SIDE = 720
PLAYABLE_BYTES = 104_857_600
SIGNATURES = (
    (4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide"), (4, b"free"), (4, b"skip"), (0, b"\x1a\x45\xdf\xa3"),
    (0, b"RIFF"), (0, b"FLV"), (0, b"OggS"), (0, b"\x30\x26\xb2\x75"), (0, b"\x00\x00\x01\xba"), (0, b"\x47"),
    (4, b"\x47"), (0, b"\x00\x00\x01\xb3"),
)  # fmt: skip


class Unfit(Exception):
    """The file cannot become a video; `reason` is the stable code in `videos.reason`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True)
class Facts:
    """A source as a viewer sees it: rotation applied, square pixels."""

    container: str
    picture: int  # index of its stream
    sound: int | None
    sound_track: int | None  # the same as MediaConvert counts: from 1, sounds only
    video_codec: str
    profile: str
    pixel_format: str
    audio_codec: str  # "" without sound
    audio_profile: str
    width: int
    height: int
    rotation: int
    frame_rate: float
    duration_seconds: float | None
    color: Color = Color()  # noqa: RUF009 - frozen

    @property
    def has_audio(self) -> bool:
        return bool(self.audio_codec)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"has_audio": self.has_audio}


@dataclass(frozen=True)
class Bounds:
    """The largest video taken."""

    seconds: int
    pixels: int


async def look(
    tools: ffmpeg.Tools, url: str, head: bytes, *, seconds: float, bounds: Bounds, decoders: Collection[str] | None
) -> Facts:
    """Ask ffprobe about an address or a file. Raises Unfit; ffmpeg.FFmpegError when the run itself failed.

    `head` is the beginning of the file: it tells a broken video from something that never was one. `decoders` as
    in app/clients/streams.py.
    """
    arguments = [*streams.ASK, *ffmpeg.GUARDS, "-i", url]
    try:
        printed = await ffmpeg.run(tools, arguments, seconds=seconds, program=tools.ffprobe)
    except ffmpeg.FFmpegError as error:
        if error.is_timeout:
            raise Unfit("broken_file", "took too long to read") from error
        if is_away(str(error)):
            raise
        raise Unfit("broken_file" if has_signature(head) else "not_a_video", str(error)[-300:]) from error
    try:
        raw = json.loads(printed)
        if claimed(raw) > bounds.seconds and (shown := await measure(tools, url, raw, seconds)):
            raw["format"]["duration"] = shown
        return read(raw, bounds, decoders)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unfit("broken_file", "ffprobe's answer makes no sense") from error


class Gaps:
    """The longest time between two pictures, from ffprobe's lines of one time each, in pieces as they come."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._latest: float | None = None
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            # B-frames come out of order, so the latest so far counts.
            if (at := streams.number(line.decode(errors="replace").rstrip(","))) is not None:
                if self._latest is not None:
                    self.longest = max(self.longest, at - self._latest)
                self._latest = max(at, self._latest or at)


async def longest_gap(tools: ffmpeg.Tools, url: str, picture: int, *, seconds: float) -> float:
    """Seconds; reads the whole file. Damage ends the look, and is no gap. Raises ffmpeg.FFmpegError when S3 is away."""
    gaps = Gaps()
    arguments = ["-v", "error", *ffmpeg.GUARDS, "-select_streams", str(picture), "-show_entries", "packet=pts_time"]
    try:
        await ffmpeg.run(
            tools,
            [*arguments, "-of", "csv=p=0", "-i", url],
            seconds=seconds,
            program=tools.ffprobe,
            on_chunk=gaps.feed,
        )
    except ffmpeg.FFmpegError as error:
        if is_away(str(error)):
            raise
    return gaps.longest


def claimed(raw: dict[str, Any]) -> float:
    return streams.seconds_of(raw.get("format", {}), raw.get("streams", []))


async def measure(tools: ffmpeg.Tools, url: str, raw: dict[str, Any], seconds: float) -> float:
    """How long a file plays, packet by packet, where what it says is not believed: a recorder's clock may jump.

    0 when that cannot be told in `seconds`.
    """
    if not (pictures := streams.pictures(raw.get("streams", []))):
        return 0.0
    # Copied to nowhere; discontinuities of the clock are taken out as a transcoder takes them out.
    arguments = ["-nostdin", "-v", "error", *ffmpeg.GUARDS, "-i", url]
    arguments += ["-map", f"0:{pictures[0]['index']}", "-c", "copy"]
    arguments += ["-f", "null", "-progress", "pipe:1", "-stats_period", "3600", "-"]
    try:
        printed = await ffmpeg.run(tools, arguments, seconds=seconds)
    except ffmpeg.FFmpegError as error:
        if is_away(str(error)):
            raise
        return 0.0
    told = re.findall(rb"^out_time_us=(\d+)$", printed, re.MULTILINE)
    return int(told[-1]) / 1_000_000 if told else 0.0


def is_away(said: str) -> bool:
    """Whether the storage, not the file, was at fault."""
    signs = ("Connection ", "Server returned", "HTTP error", "Failed to resolve", "Stream ends prematurely")
    return any(sign in said for sign in signs)


def has_signature(head: bytes) -> bool:
    """Whether the file begins like one of the containers we take."""
    return any(head[at : at + len(sign)] == sign for at, sign in SIGNATURES)


def read(raw: dict[str, Any], bounds: Bounds, decoders: Collection[str] | None = None) -> Facts:
    """ffprobe's JSON to facts. Raises Unfit."""
    found: list[streams.Stream] = raw.get("streams", [])
    container = raw.get("format", {})
    video, audio = choose(found, decoders)
    width, height = streams.shown_size(video)
    if min(width, height) < 1:
        raise Unfit("broken_file", "no picture size")
    if width * height > bounds.pixels or max(width, height) > LARGEST_SIDE:
        raise Unfit("too_large_picture", f"{width}x{height}")
    duration = streams.seconds_of(container, found)
    if duration > bounds.seconds:
        raise Unfit("too_long", f"{duration:.0f} s")
    return Facts(
        container=str(container.get("format_name", "")),
        picture=int(video["index"]),
        sound=int(audio["index"]) if audio else None,
        sound_track=streams.decodable_sounds(found, decoders).index(audio) + 1 if audio else None,
        video_codec=str(video["codec_name"]),
        profile=str(video.get("profile", "")),
        pixel_format=str(video.get("pix_fmt", "")),
        audio_codec=str(audio.get("codec_name", "")) if audio else "",
        audio_profile=str(audio.get("profile", "")) if audio else "",
        width=width,
        height=height,
        rotation=streams.rotation_of(video),
        frame_rate=frame_rate(video),
        duration_seconds=round(duration, 3) if duration > 0 else None,
        color=color.read(video),
    )


def choose(
    found: list[streams.Stream], decoders: Collection[str] | None
) -> tuple[streams.Stream, streams.Stream | None]:
    """The picture, and the sound if there is any. Raises Unfit."""
    if not (candidates := streams.pictures(found)):
        raise Unfit("not_a_video", "no picture")
    video, audio = streams.picture(found, decoders), streams.sound(found, decoders)
    if video is None:
        raise Unfit("unsupported_codec", names(candidates))
    # Silence where the file has sound would be no video its owner wants.
    if audio is None and (unheard := streams.sounds(found)):
        raise Unfit("unsupported_codec", names(unheard))
    return video, audio


def names(found: list[streams.Stream]) -> str:
    return ", ".join(str(stream.get("codec_name")) for stream in found)


def frame_rate(video: streams.Stream) -> float:
    """The average, which is what a variable rate becomes; 0 when unknown."""
    rate = streams.ratio(video.get("avg_frame_rate")) or streams.ratio(video.get("r_frame_rate"))
    return round(float(rate), 3) if rate < 1000 else 0.0


def rungs(width: int, height: int) -> list[Rung]:
    """The ladder's rungs that the source fills, by its short side, best first; always at least one."""
    short = min(width, height)
    fitting = [(side, bitrate) for side, bitrate in LADDER if side <= short]
    chosen = fitting or [(even(max(short, SMALLEST_SIDE)), LADDER[-1][1])]
    return [Rung(f"{side}p", *scaled(width, height, side), bitrate) for side, bitrate in chosen]


def scaled(width: int, height: int, side: int) -> tuple[int, int]:
    """The picture with its short side at `side`, both sides even."""
    long = min(LARGEST_SIDE, even(max(width, height) * side / min(width, height)))
    return (long, side) if width >= height else (side, long)


def even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def is_playable(facts: Facts, size_bytes: int) -> bool:
    """Whether every browser plays the file itself: H.264 and AAC (or silence) in MP4, 8-bit 4:2:0, ≤ 720p, small."""
    return (
        {"mp4", "mov"} <= set(facts.container.split(","))
        and facts.video_codec == "h264"
        and facts.pixel_format in {"yuv420p", "yuvj420p"}
        and facts.profile in {"Baseline", "Constrained Baseline", "Main", "High"}
        and facts.audio_codec in {"", "aac"}
        and facts.audio_profile in {"", "LC", "HE-AAC", "HE-AACv2"}
        and min(facts.width, facts.height) <= PLAYABLE_SHORT_SIDE
        and size_bytes <= PLAYABLE_BYTES
    )
