"""What a source is: ffprobe's answer turned into the few facts that decide how it is processed.

`look` asks ffprobe; everything else is pure. Facts are stored in `videos.probe`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from app.clients import ffmpeg
from app.clients.transcode_settings import Rung

# Short side and peak bits per second of the ladder.
LADDER = ((1080, 5_000_000), (720, 3_000_000), (480, 1_500_000), (360, 800_000))
SMALLEST_SIDE = 32  # what encoders take
LARGEST_SIDE = 8192
PLAYABLE_SHORT_SIDE = 720
PLAYABLE_BYTES = 104_857_600
CODECS = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mpeg1video", "h263", "flv1", "mjpeg", "prores"}
    | {"dnxhd", "vc1", "wmv1", "wmv2", "wmv3", "msmpeg4v2", "msmpeg4v3", "theora", "ffv1", "huffyuv", "utvideo"}
    | {"cinepak", "svq3", "vp6", "vp6f", "rawvideo", "png", "qtrle", "dvvideo"}
)
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
    brand: str
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
    has_location: bool

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


async def look(tools: ffmpeg.Tools, url: str, head: bytes, *, seconds: float, bounds: Bounds) -> Facts:
    """Ask ffprobe about an address or a file. Raises Unfit; ffmpeg.FFmpegError when the run itself failed.

    `head` is the beginning of the file: it tells a broken video from something that never was one.
    """
    arguments = ["-v", "error", *ffmpeg.GUARDS, "-analyzeduration", "20M", "-probesize", "20M"]
    arguments += ["-show_format", "-show_streams", "-print_format", "json", "-i", url]
    try:
        printed = await ffmpeg.run(tools, arguments, seconds=seconds, program=tools.ffprobe)
    except ffmpeg.FFmpegError as error:
        if error.is_timeout:
            raise Unfit("broken_file", "took too long to read") from error
        if is_away(str(error)):
            raise
        raise Unfit("broken_file" if has_signature(head) else "not_a_video", str(error)[-300:]) from error
    try:
        return read(json.loads(printed), bounds)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unfit("broken_file", "ffprobe's answer makes no sense") from error


def is_away(said: str) -> bool:
    """Whether the storage, not the file, was at fault."""
    signs = ("Connection ", "Server returned", "HTTP error", "Failed to resolve", "Stream ends prematurely")
    return any(sign in said for sign in signs)


def has_signature(head: bytes) -> bool:
    """Whether the file begins like one of the containers we take."""
    return any(head[at : at + len(sign)] == sign for at, sign in SIGNATURES)


def read(raw: dict[str, Any], bounds: Bounds) -> Facts:
    """ffprobe's JSON to facts. Raises Unfit."""
    streams: list[dict[str, Any]] = raw.get("streams", [])
    container = raw.get("format", {})
    pictures = [s for s in streams if s.get("codec_type") == "video" and not is_cover(s)]
    if not pictures:
        raise Unfit("not_a_video", "no picture")
    video = pictures[0]
    audio = next((s for s in streams if s.get("codec_type") == "audio" and s.get("codec_name")), {})
    if video.get("codec_name") not in CODECS:
        raise Unfit("unsupported_codec", str(video.get("codec_name")))
    rotation = rotation_of(video)
    width, height = shown_size(video, rotation)
    if min(width, height) < 1:
        raise Unfit("broken_file", "no picture size")
    if width * height > bounds.pixels or max(width, height) > LARGEST_SIDE:
        raise Unfit("too_large_picture", f"{width}x{height}")
    duration = number(container.get("duration")) or max((number(s.get("duration")) or 0 for s in streams), default=0)
    if duration > bounds.seconds:
        raise Unfit("too_long", f"{duration:.0f} s")
    tags = {str(key).lower() for s in (container, *streams) for key in s.get("tags", {})}
    return Facts(
        container=str(container.get("format_name", "")),
        brand=str(container.get("tags", {}).get("major_brand", "")).strip(),
        video_codec=str(video["codec_name"]),
        profile=str(video.get("profile", "")),
        pixel_format=str(video.get("pix_fmt", "")),
        audio_codec=str(audio.get("codec_name", "")),
        audio_profile=str(audio.get("profile", "")),
        width=width,
        height=height,
        rotation=rotation,
        frame_rate=frame_rate(video),
        duration_seconds=round(duration, 3) if duration > 0 else None,
        has_location=any("location" in tag for tag in tags),
    )


def is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def rotation_of(video: dict[str, Any]) -> int:
    """Degrees a player turns the picture, 0 to 359."""
    turns = [d["rotation"] for d in video.get("side_data_list", []) if "rotation" in d]
    turns.append(video.get("tags", {}).get("rotate", 0))
    return round(float(turns[0])) % 360


def shown_size(video: dict[str, Any], rotation: int) -> tuple[int, int]:
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    pixel_shape = ratio(str(video.get("sample_aspect_ratio", "1:1")).replace(":", "/"))
    if pixel_shape and pixel_shape != 1:
        width = round(width * pixel_shape)
    return (height, width) if rotation % 180 == 90 else (width, height)


def frame_rate(video: dict[str, Any]) -> float:
    """The average, which is what a variable rate becomes; 0 when unknown."""
    rate = ratio(video.get("avg_frame_rate")) or ratio(video.get("r_frame_rate"))
    return round(float(rate), 3) if rate < 1000 else 0.0


def ratio(text: object) -> Fraction:
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


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


def is_as_is(facts: Facts, head: bytes) -> bool:
    """Whether the file can be copied byte for byte: MP4 with its index in front, nothing private in its tags."""
    if facts.brand in {"", "qt"} or facts.has_location:
        return False
    names = [name for name, _ in atoms(head)]
    return "moov" in names and "mdat" not in names[: names.index("moov")] and "moof" not in names


def atoms(head: bytes) -> Sequence[tuple[str, int]]:
    """(name, size) of the top-level boxes that begin within `head` (ISO 14496-12, 4.2)."""
    found: list[tuple[str, int]] = []
    at = 0
    while at + 8 <= len(head):
        size = int.from_bytes(head[at : at + 4], "big")
        name = head[at + 4 : at + 8].decode("latin-1")
        if size == 1:
            size = int.from_bytes(head[at + 8 : at + 16], "big")
        found.append((name, size))
        if size < 8:  # 0: to the end of the file; anything else is broken
            break
        at += size
    return found
