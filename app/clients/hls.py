"""HLS playlists of a finished ladder (RFC 8216bis): read what a transcoder wrote, write the multivariant one right.

A transcoder's own multivariant playlist may understate BANDWIDTH or leave out AVERAGE-BANDWIDTH and FRAME-RATE;
players then choose qualities badly. Here it is made from the segments as they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.clients.mpegts import Tracks

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')
REQUIRED = {"BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE"}
AAC_LC = "mp4a.40.2"


class PlaylistError(Exception):
    """The playlist cannot be played; the text says why."""


@dataclass(frozen=True)
class Segment:
    name: str
    seconds: float
    size: int


@dataclass(frozen=True)
class Variant:
    """One line of a multivariant playlist."""

    uri: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Rendition:
    """One quality: its playlist's name, size, frames a second (0 when unknown), RFC 6381 codecs, its segments."""

    uri: str
    width: int
    height: int
    frame_rate: float
    codecs: str
    segments: Sequence[Segment]
    target_seconds: int

    @property
    def average(self) -> int:
        return average_bandwidth(self.segments)

    @property
    def peak(self) -> int:
        return peak_bandwidth(self.segments, self.target_seconds)

    @property
    def duration(self) -> float:
        return sum(s.seconds for s in self.segments)


def read_media(text: str, sizes: Mapping[str, int]) -> tuple[list[Segment], int]:
    """(segments, target duration) of a rendition's playlist. Raises PlaylistError, also for a missing segment."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "#EXTM3U" or "#EXT-X-ENDLIST" not in text:
        raise PlaylistError("not a finished playlist")
    found: list[Segment] = []
    target = 0
    seconds = 0.0
    for line in map(str.strip, lines):
        if line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line.startswith("#EXT-X-TARGETDURATION:"):
            target = int(line.split(":")[1])
        elif line and not line.startswith("#"):
            if sizes.get(line, 0) <= 0:
                raise PlaylistError(f"segment {line} is missing")
            found.append(Segment(line, seconds, sizes[line]))
    if not found or target <= 0:
        raise PlaylistError("no segments")
    return found, target


def read_multivariant(text: str) -> list[Variant]:
    """The variants of a multivariant playlist. Raises PlaylistError."""
    if not text.startswith("#EXTM3U"):
        raise PlaylistError("not a playlist")
    found = []
    attributes: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#EXT-X-STREAM-INF:"):
            attributes = {key: value.strip('"') for key, value in ATTRIBUTE.findall(line.partition(":")[2])}
        elif line and not line.startswith("#") and attributes:
            found.append(Variant(line, attributes))
            attributes = {}
    if not found:
        raise PlaylistError("no variants")
    return found


def codecs_of(tracks: Tracks, has_audio: bool) -> str:
    """RFC 6381 names of a rendition, from what its first segment holds. Raises PlaylistError."""
    if not tracks.avc:
        raise PlaylistError("no H.264 in the first segment")
    return f"{tracks.avc},{AAC_LC}" if has_audio else tracks.avc


def missing(tracks: Tracks, codecs: str) -> str:
    """The track that a rendition's CODECS promise and a segment lacks; "" when it has all."""
    if "avc1" in codecs and not tracks.has_video:
        return "picture"
    return "sound" if "mp4a" in codecs and not tracks.has_audio else ""


def is_correct(text: str, renditions: Sequence[Rendition]) -> bool:
    """Whether a multivariant playlist says of each rendition what its segments show."""
    try:
        variants = {v.uri: v.attributes for v in read_multivariant(text)}
    except PlaylistError:
        return False
    return set(variants) == {r.uri for r in renditions} and all(
        variants[r.uri].keys() >= REQUIRED
        and r.peak <= int(variants[r.uri]["BANDWIDTH"]) <= r.peak * 1.1
        and abs(int(variants[r.uri]["AVERAGE-BANDWIDTH"]) - r.average) <= r.average * 0.1
        for r in renditions
    )


def write_multivariant(renditions: Sequence[Rendition]) -> str:
    """The playlist of playlists; the best quality first, as given."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for r in renditions:
        lines += ["#EXT-X-STREAM-INF:" + ",".join(attributes_of(r)), r.uri]
    return "\n".join([*lines, ""])


def attributes_of(r: Rendition) -> Iterator[str]:
    yield f"BANDWIDTH={r.peak}"
    yield f"AVERAGE-BANDWIDTH={r.average}"
    yield f'CODECS="{r.codecs}"'
    yield f"RESOLUTION={r.width}x{r.height}"
    if r.frame_rate:
        yield f"FRAME-RATE={r.frame_rate:.3f}"


def average_bandwidth(segments: Sequence[Segment]) -> int:
    """Bits a second over the whole, rounded up."""
    return rate(sum(s.size for s in segments), sum(s.seconds for s in segments))


def peak_bandwidth(segments: Sequence[Segment], target: int) -> int:
    """The largest rate of any run of segments lasting 0.5 to 1.5 target durations (RFC 8216bis, 4.1)."""
    peak = average_bandwidth(segments)
    for first in range(len(segments)):
        size, seconds = 0, 0.0
        for segment in segments[first:]:
            size, seconds = size + segment.size, seconds + segment.seconds
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                peak = max(peak, rate(size, seconds))
    return peak


def rate(size: int, seconds: float) -> int:
    return math.ceil(size * 8 / seconds) if seconds > 0 else 0
