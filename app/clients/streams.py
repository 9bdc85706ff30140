"""Which picture and which sound of a file are the video: one choice, for whoever looks, remuxes or transcodes.

Streams are ffprobe's, as ENTRIES asks for them. `decoders` are the codecs that whoever transcodes can decode
(`ffmpeg.decoders`); None when it cannot be asked and says so itself, as AWS does.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

Stream = dict[str, Any]

# Exactly what is read: a file's tags may be megabytes, and are nobody's business.
ENTRIES = (
    "format=format_name,start_time,duration"
    ":stream=index,codec_type,codec_name,profile,pix_fmt,width,height,sample_aspect_ratio,field_order"
    ",r_frame_rate,avg_frame_rate,start_time,duration,nb_frames,channels,sample_rate"
    ",color_range,color_space,color_transfer,color_primaries"
    ":stream_disposition=default,attached_pic,timed_thumbnails,dependent,comment,hearing_impaired,visual_impaired"
    ":stream_tags=DURATION:stream_side_data=side_data_type,rotation"
)
ASK = ["-v", "error", "-print_format", "json", "-show_entries", ENTRIES]
PICTURES = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mpeg1video", "h263", "flv1", "mjpeg", "prores"}
    | {"dnxhd", "vc1", "wmv1", "wmv2", "wmv3", "msmpeg4v2", "msmpeg4v3", "theora", "ffv1", "huffyuv", "utvideo"}
    | {"cinepak", "svq3", "vp6", "vp6f", "rawvideo", "png", "qtrle", "dvvideo"}
)
UNKNOWN = frozenset({"", "none", "unknown"})
ASIDES = ("comment", "hearing_impaired", "visual_impaired")


def pictures(streams: Sequence[Stream]) -> list[Stream]:
    """Moving pictures: no cover, no track of thumbnails, nothing that only adds to another."""
    others = ("attached_pic", "timed_thumbnails", "dependent")
    return [s for s in streams if s.get("codec_type") == "video" and not any(has(s, other) for other in others)]


def sounds(streams: Sequence[Stream]) -> list[Stream]:
    """A transport stream may announce sound that never comes: it has no channels."""
    return [
        s for s in streams if s.get("codec_type") == "audio" and s.get("channels", 1) != 0 and not has(s, "dependent")
    ]


def picture(streams: Sequence[Stream], decoders: Collection[str] | None) -> Stream | None:
    """The picture people are meant to see; None when it cannot be decoded.

    Another one beside a default picture is a small copy of it or its cover, so it never stands in for it.
    """
    found = pictures(streams)
    meant = [s for s in found if has(s, "default")] or found
    sized = [s for s in meant if s.get("width") and s.get("height")] or meant
    return next((s for s in sized if is_decodable(s, decoders) and s.get("codec_name") in PICTURES), None)


def sound(streams: Sequence[Stream], decoders: Collection[str] | None) -> Stream | None:
    """The sound people are meant to hear: the default one, else the first that describes or comments nothing."""
    heard = decodable_sounds(streams, decoders)
    return min(heard, key=lambda s: (not has(s, "default"), any(has(s, aside) for aside in ASIDES)), default=None)


def decodable_sounds(streams: Sequence[Stream], decoders: Collection[str] | None) -> list[Stream]:
    """In the file's order: MediaConvert numbers the tracks that it recognizes as sound, from 1."""
    return [s for s in sounds(streams) if is_decodable(s, decoders)]


def is_decodable(stream: Stream, decoders: Collection[str] | None) -> bool:
    codec = str(stream.get("codec_name") or "")
    return codec not in UNKNOWN and (decoders is None or codec in decoders)


def has(stream: Stream, disposition: str) -> bool:
    return bool(stream.get("disposition", {}).get(disposition))


def rotation_of(video: Stream) -> int:
    """Degrees a player turns the picture, 0 to 359."""
    turns = [d["rotation"] for d in video.get("side_data_list", []) if "rotation" in d]
    return round(float(turns[0])) % 360 if turns else 0


def shown_size(video: Stream) -> tuple[int, int]:
    """Width and height as a viewer sees them: turned, square pixels."""
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    pixel_shape = ratio(str(video.get("sample_aspect_ratio", "1:1")).replace(":", "/"))
    if pixel_shape and pixel_shape != 1:
        width = round(width * pixel_shape)
    return (height, width) if rotation_of(video) % 180 == 90 else (width, height)


def seconds_of(container: dict[str, Any], streams: Sequence[Stream]) -> float:
    """What the file says about its length; 0 when it says nothing."""
    return number(container.get("duration")) or max((number(s.get("duration")) or 0.0 for s in streams), default=0.0)


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
