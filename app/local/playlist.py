"""HLS playlists of a finished on-demand ladder, after RFC 8216bis.

FFmpeg's own multivariant playlist understates BANDWIDTH (5.1) and never tells FRAME-RATE, so both kinds
are written here, from the measured segments.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

SPS = re.compile(rb"\x00\x00\x01[\x27\x47\x67](.)(.)(.)", re.DOTALL)
AAC_LC = "mp4a.40.2"


@dataclass(frozen=True)
class Segment:
    """One media segment: file name, exact duration, size."""

    name: str
    seconds: float
    size: int


@dataclass(frozen=True)
class Rendition:
    """One quality: its playlist's name, its picture, its segments, its RFC 6381 codecs."""

    playlist: str
    width: int
    height: int
    fps: Fraction
    codecs: str
    segments: Sequence[Segment]


def read_segments(playlist: Path) -> list[Segment]:
    """The segments FFmpeg listed in a rendition playlist, with the sizes of the files beside it."""
    found: list[Segment] = []
    seconds = 0.0
    for line in playlist.read_text().splitlines():
        if line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line and not line.startswith("#"):
            found.append(Segment(line, seconds, (playlist.parent / line).stat().st_size))
    return found


def codecs_of(segment: Path, has_audio: bool) -> str:
    """RFC 6381 names, from the first sequence parameter set of an H.264 transport stream segment."""
    with segment.open("rb") as file:
        match = SPS.search(file.read(65_536))
    if match is None:
        raise ValueError(f"{segment.name} holds no H.264 parameter set")
    video = "avc1." + b"".join(match.groups()).hex()
    return f"{video},{AAC_LC}" if has_audio else video


def target_seconds(renditions: Sequence[Rendition]) -> int:
    """One EXT-X-TARGETDURATION for all renditions, as the RFC demands."""
    longest = max((s.seconds for r in renditions for s in r.segments), default=1.0)
    return max(1, math.floor(longest + 0.5))


def media_playlist(rendition: Rendition, target: int) -> str:
    """The playlist of one quality. Version 3 is the lowest that allows decimal durations."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    for segment in rendition.segments:
        lines += [f"#EXTINF:{segment.seconds:.6f},", segment.name]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def multivariant_playlist(renditions: Sequence[Rendition], target: int) -> str:
    """The playlist of playlists, best quality first as given."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for r in renditions:
        attributes = [
            f"BANDWIDTH={peak_bandwidth(r.segments, target)}",
            f"AVERAGE-BANDWIDTH={average_bandwidth(r.segments)}",
            f'CODECS="{r.codecs}"',
            f"RESOLUTION={r.width}x{r.height}",
            f"FRAME-RATE={float(r.fps):.3f}",
        ]
        lines += ["#EXT-X-STREAM-INF:" + ",".join(attributes), r.playlist]
    return "\n".join([*lines, ""])


def average_bandwidth(segments: Sequence[Segment]) -> int:
    """Bits per second over the whole rendition, rounded up."""
    return _rate(sum(s.size for s in segments), sum(s.seconds for s in segments))


def peak_bandwidth(segments: Sequence[Segment], target: int) -> int:
    """The largest rate of any run of segments that lasts 0.5 to 1.5 target durations (RFC 8216bis 4.1)."""
    peak = average_bandwidth(segments)
    for first in range(len(segments)):
        size, seconds = 0, 0.0
        for segment in segments[first:]:
            size, seconds = size + segment.size, seconds + segment.seconds
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                peak = max(peak, _rate(size, seconds))
    return peak


def _rate(size: int, seconds: float) -> int:
    return math.ceil(size * 8 / seconds) if seconds > 0 else 0
