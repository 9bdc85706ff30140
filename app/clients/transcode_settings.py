"""The body of MediaConvert's CreateJob for one video: pure data, no network.

Shapes: botocore's model `mediaconvert/2017-08-29`, in the spelling its client takes (PascalCase); values and
naming rules in docs/decisions and the MediaConvert user guide ("Apple HLS output group", "frame capture").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SEGMENT_SECONDS = 6
GOP_SECONDS = 2.0
AUDIO_BITRATE = 128_000
AUDIO_SELECTOR = "Audio Selector 1"
STATUS_INTERVAL = "SECONDS_10"
# Pictures for the scrub bar: one a second, fewer for long videos.
MAX_THUMBS = 150
THUMB_BOX = (320, 180)
MAX_FRAME_RATE = 60
LOWEST_PRIORITY = 50


@dataclass(frozen=True)
class Rung:
    """One rendition: label such as "720p", even sizes as shown, peak bits per second."""

    label: str
    width: int
    height: int
    bitrate: int


@dataclass(frozen=True)
class Order:
    """What a transcode of one attempt is made from."""

    video_id: str
    attempt: int
    env: str
    source: str  # s3://bucket/key
    media_bucket: str
    rungs: Sequence[Rung]
    has_audio: bool
    sound_track: int | None  # which of the source's sounds, from 1; None leaves it to the transcoder
    frame_rate: float
    color_matrix: str  # what to take for a source that does not say its own, as app/clients/color.py names it
    duration_seconds: float | None
    role_arn: str
    queue_arn: str
    client_token: str
    turn: int  # how many of the same owner's go before it


def folder(video_id: str, attempt: int) -> str:
    """Where an attempt's objects lie in the media bucket; they never change once written."""
    return f"vod/{video_id}/{attempt}"


def thumb_seconds(duration_seconds: float | None) -> int:
    """Seconds between two pictures of the scrub bar."""
    return max(1, math.ceil((duration_seconds or MAX_THUMBS * 10) / MAX_THUMBS))


def thumb_size(width: int, height: int) -> tuple[int, int]:
    """The source's shape within the box, even."""
    scale = min(THUMB_BOX[0] / width, THUMB_BOX[1] / height)
    return max(32, round(width * scale / 2) * 2), max(32, round(height * scale / 2) * 2)


def create_job(order: Order) -> dict[str, Any]:
    """Arguments of `create_job`."""
    body: dict[str, Any] = {
        "Role": order.role_arn,
        "ClientRequestToken": order.client_token,
        "UserMetadata": metadata(order),
        "StatusUpdateInterval": STATUS_INTERVAL,
        "AccelerationSettings": {"Mode": "DISABLED"},
        # The highest goes first, so owners take turns: everybody's first before anybody's second.
        "Priority": -min(order.turn, LOWEST_PRIORITY),
        "Settings": {
            "TimecodeConfig": {"Source": "ZEROBASED"},
            "Inputs": [job_input(order)],
            "OutputGroups": [hls_group(order), thumbs_group(order)],
        },
    }
    return body | ({"Queue": order.queue_arn} if order.queue_arn else {})


def metadata(order: Order) -> dict[str, str]:
    """What comes back with every piece of news; `seconds` tells a long job from a short one."""
    told = {"video_id": order.video_id, "attempt": str(order.attempt), "env": order.env}
    return told | ({"seconds": f"{order.duration_seconds:.0f}"} if order.duration_seconds else {})


def job_input(order: Order) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "FileInput": order.source,
        "TimecodeSource": "ZEROBASED",
        "VideoSelector": {
            "Rotate": "AUTO",
            # For sources that do not say.
            "ColorSpace": "REC_601" if order.color_matrix == "bt601" else "REC_709",
            "ColorSpaceUsage": "FALLBACK",
            # A picture as long as the sound: players stand still where a segment has none.
            "PadVideo": "BLACK",
        },
    }
    # Selecting audio that is not there is error 1021.
    if order.has_audio:
        tracks = {"SelectorType": "TRACK", "Tracks": [order.sound_track]} if order.sound_track else {}
        chosen["AudioSelectors"] = {AUDIO_SELECTOR: {"DefaultSelection": "DEFAULT"} | tracks}
    return chosen


def hls_group(order: Order) -> dict[str, Any]:
    return {
        "Name": "Apple HLS",
        "CustomName": "hls",
        "OutputGroupSettings": {
            "Type": "HLS_GROUP_SETTINGS",
            "HlsGroupSettings": {
                "Destination": f"s3://{order.media_bucket}/{folder(order.video_id, order.attempt)}/hls/master",
                "SegmentLength": SEGMENT_SECONDS,
                "MinSegmentLength": 0,
                "SegmentControl": "SEGMENTED_FILES",
                "ManifestDurationFormat": "FLOATING_POINT",
                "CodecSpecification": "RFC_6381",
                "TargetDurationCompatibilityMode": "SPEC_COMPLIANT",
                "StreamInfResolution": "INCLUDE",
                "ClientCache": "ENABLED",
            },
        },
        "Outputs": [hls_output(order, rung) for rung in order.rungs],
    }


def hls_output(order: Order, rung: Rung) -> dict[str, Any]:
    output: dict[str, Any] = {
        "NameModifier": f"_{rung.label}",
        # Sound that ends before the picture is filled up with silence: players stand still without it.
        "ContainerSettings": {"Container": "M3U8", "M3u8Settings": {"AudioDuration": "MATCH_VIDEO_DURATION"}},
        "OutputSettings": {"HlsSettings": {"IFrameOnlyManifest": "EXCLUDE"}},
        "VideoDescription": {
            "Width": rung.width,
            "Height": rung.height,
            "ScalingBehavior": "DEFAULT",
            "VideoPreprocessors": {"ColorCorrector": to_bt709()},
            "CodecSettings": {"Codec": "H_264", "H264Settings": h264(order, rung)},
        },
    }
    if order.has_audio:
        output["AudioDescriptions"] = [
            {
                "AudioSourceName": AUDIO_SELECTOR,
                "CodecSettings": {
                    "Codec": "AAC",
                    "AacSettings": {
                        "Bitrate": AUDIO_BITRATE,
                        "CodingMode": "CODING_MODE_2_0",
                        "SampleRate": 48_000,
                    },
                },
            }
        ]
    return output


def to_bt709() -> dict[str, Any]:
    """One colour space and range in every quality; high dynamic range is toned down, as AWS advises for HDR10."""
    return {
        "ColorSpaceConversion": "FORCE_709",
        "HdrToSdrToneMapper": "VIBRANT",
        "SampleRangeConversion": "LIMITED_RANGE_SQUEEZE",
    }


def h264(order: Order, rung: Rung) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "RateControlMode": "QVBR",
        "QvbrSettings": {"QvbrQualityLevel": 8 if min(rung.width, rung.height) >= 1080 else 7},
        "MaxBitrate": rung.bitrate,
        # Two seconds rather than AUTO: the same keyframes in every rendition, whoever transcodes.
        "GopSize": GOP_SECONDS,
        "GopSizeUnits": "SECONDS",
        "SceneChangeDetect": "TRANSITION_DETECTION",
        "QualityTuningLevel": "SINGLE_PASS_HQ",
        "CodecProfile": "HIGH",
        # Width and height are as shown; the source's own pixel shape would be kept otherwise.
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
    }
    if order.frame_rate <= MAX_FRAME_RATE + 0.5:
        return chosen | {"FramerateControl": "INITIALIZE_FROM_SOURCE"}
    return chosen | {"FramerateControl": "SPECIFIED", "FramerateNumerator": MAX_FRAME_RATE, "FramerateDenominator": 1}


def thumbs_group(order: Order) -> dict[str, Any]:
    width, height = thumb_size(order.rungs[0].width, order.rungs[0].height)
    return {
        "Name": "File Group",
        "CustomName": "thumbs",
        "OutputGroupSettings": {
            "Type": "FILE_GROUP_SETTINGS",
            "FileGroupSettings": {
                "Destination": f"s3://{order.media_bucket}/{folder(order.video_id, order.attempt)}/thumbs/frame"
            },
        },
        "Outputs": [
            {
                "ContainerSettings": {"Container": "RAW"},
                "Extension": "jpg",
                "VideoDescription": {
                    "Width": width,
                    "Height": height,
                    "VideoPreprocessors": {"ColorCorrector": to_bt709()},
                    "CodecSettings": {
                        "Codec": "FRAME_CAPTURE",
                        "FrameCaptureSettings": {
                            "FramerateNumerator": 1,
                            "FramerateDenominator": thumb_seconds(order.duration_seconds),
                            "MaxCaptures": MAX_THUMBS + 1,
                            "Quality": 80,
                        },
                    },
                },
            }
        ],
    }
