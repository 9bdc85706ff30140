"""What a MediaConvert job asks for, as far as the stand-in makes it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rung:
    """One HLS output: modifier such as `_720p`, picture size, bits per second."""

    modifier: str
    width: int
    height: int
    max_bitrate: int
    audio_bitrate: int


@dataclass(frozen=True)
class HlsGroup:
    """Where the ladder goes (`s3://bucket/folder/base`) and its rungs."""

    destination: str
    segment_seconds: int
    gop_seconds: float
    rungs: Sequence[Rung]
    has_audio: bool


@dataclass(frozen=True)
class FrameGroup:
    """Still pictures every `seconds_apart`, at most `most`."""

    destination: str
    seconds_apart: float
    width: int
    height: int
    most: int
    quality: int
