"""HLS playlists of a finished on-demand ladder, after RFC 8216bis.

FFmpeg's own multivariant playlist understates BANDWIDTH (5.1) and never tells FRAME-RATE, so both kinds
are written here, from the measured segments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from app.clients import hls, mpegts
from app.clients.hls import Segment


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
    """RFC 6381 names of a segment. Raises hls.PlaylistError."""
    return hls.codecs_of(mpegts.look(segment.read_bytes()), has_audio)


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
    return hls.write_multivariant(
        [hls.Rendition(r.playlist, r.width, r.height, float(r.fps), r.codecs, r.segments, target) for r in renditions]
    )
