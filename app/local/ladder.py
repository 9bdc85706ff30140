"""From a MediaConvert job's `settings` to FFmpeg command lines: pure functions, no process, no network."""

import re
from pathlib import Path
from typing import Any

from app.clients import color
from app.local import graph
from app.local.ffmpeg import GUARDS, Source, Tools
from app.local.outputs import FrameGroup, HlsGroup, Rung

MODIFIER = re.compile(r"[A-Za-z0-9_-]*")
SEGMENT_SECONDS, GOP_SECONDS = 6, 2.0


class SettingsError(Exception):
    """The job cannot be done as described; the code is MediaConvert's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_input(settings: dict[str, Any]) -> str:
    """The one input's address. Raises SettingsError 1040."""
    inputs = settings.get("inputs") or []
    if len(inputs) != 1 or not str(inputs[0].get("fileInput", "")).startswith("s3://"):
        raise SettingsError(1040, "exactly one s3:// input is supported")
    return str(inputs[0]["fileInput"])


def read_track(settings: dict[str, Any]) -> int | None:
    """Which of the input's sounds is asked for, from 1; None leaves the choice to us. Raises SettingsError 1040."""
    selectors = (settings["inputs"][0].get("audioSelectors") or {}).values()
    tracks = next((selector.get("tracks") for selector in selectors), None) or []
    if len(tracks) > 1 or not all(isinstance(track, int) and track > 0 for track in tracks):
        raise SettingsError(1040, "an audio selector may name one track here")
    return tracks[0] if tracks else None


def read_groups(settings: dict[str, Any], source: Source | None) -> tuple[HlsGroup, FrameGroup | None]:
    """The groups we can make. Without a source only the form is checked, sizes stay as asked."""
    hls: HlsGroup | None = None
    frames: FrameGroup | None = None
    for group in settings.get("outputGroups") or []:
        how = group.get("outputGroupSettings") or {}
        if how.get("type") == "HLS_GROUP_SETTINGS" and hls is None:
            hls = _hls(how.get("hlsGroupSettings") or {}, group.get("outputs") or [], source)
        elif how.get("type") == "FILE_GROUP_SETTINGS" and frames is None:
            frames = _frames(how.get("fileGroupSettings") or {}, group.get("outputs") or [], source)
        else:
            raise SettingsError(1040, f"output group {how.get('type')} is not supported here")
    if hls is None:
        raise SettingsError(1040, "a job needs a regular audio and video output")
    return hls, frames


def hls_command(tools: Tools, source: Source, path: Path, group: HlsGroup, out: Path, table: Path | None) -> list[str]:
    """One pass for all rungs, written as `r0_00001.ts` …: decoded once, keyframes on the same instants."""
    command = [tools.ffmpeg, "-nostdin", "-y", "-hide_banner", "-loglevel", "error"]
    command += ["-progress", "pipe:1", "-stats_period", "0.5", *GUARDS, "-i", str(path)]
    command += ["-filter_complex", graph.filters(source, group, table)]
    for index in range(len(group.rungs)):
        command += ["-map", f"[v{index}]"]
    if group.has_audio:
        for index in range(len(group.rungs)):
            command += ["-map", f"[a{index}]"]
        # Silence has no end of its own; at one picture a second the encoder is ten seconds behind the sound.
        command += ["-shortest", "-max_interleave_delta", "0"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-sc_threshold", "0"]
    command += color.TAGS
    command += ["-force_key_frames", f"expr:gte(t,n_forced*{group.gop_seconds:g})"]
    for index, rung in enumerate(group.rungs):
        most = rung.max_bitrate
        command += [f"-b:v:{index}", str(most * 14 // 15), f"-maxrate:v:{index}", str(most)]
        command += [f"-bufsize:v:{index}", str(most * 3 // 2)]
        if group.has_audio:
            command += [f"-b:a:{index}", str(rung.audio_bitrate)]
    if group.has_audio:
        command += ["-c:a", "aac", "-ac", "2", "-ar", "48000"]
    audio = group.has_audio
    streams = [f"v:{i},a:{i},name:r{i}" if audio else f"v:{i},name:r{i}" for i in range(len(group.rungs))]
    # Captions within the pictures are neither picture nor sound.
    command += ["-a53cc", "0"]
    command += ["-map_metadata", "-1", "-map_chapters", "-1", "-f", "hls", "-hls_time", str(group.segment_seconds)]
    command += ["-hls_playlist_type", "vod", "-hls_list_size", "0", "-hls_segment_type", "mpegts"]
    command += ["-hls_flags", "independent_segments+temp_file", "-start_number", "1"]
    command += ["-hls_segment_filename", str(out / "%v_%05d.ts"), "-var_stream_map", " ".join(streams)]
    return [*command, str(out / "%v.m3u8")]


def frame_command(tools: Tools, path: Path, group: FrameGroup, gop_seconds: float, out: Path) -> list[str]:
    """Still pictures, in a command of their own: as outputs of the first they would spoil its progress.

    `path` is the smallest rendition, so that a large source is decoded once; its key frames stand every
    `gop_seconds`.
    """
    command = [tools.ffmpeg, "-nostdin", "-y", "-hide_banner", "-loglevel", "error"]
    command += ["-skip_frame", "nokey"] if group.seconds_apart >= gop_seconds else []
    still = color.to_jpeg(color.Color(), group.width, group.height, None, ":force_original_aspect_ratio=decrease")
    pad = f"pad={group.width}:{group.height}:(ow-iw)/2:(oh-ih)/2"
    rate = f"fps=1/{group.seconds_apart:g}:start_time=0:round=up"
    command += [*GUARDS, "-i", str(path), "-an", "-vf", ",".join([rate, *still, pad]), "-fps_mode", "vfr"]
    command += ["-frames:v", str(group.most), "-q:v", str(_jpeg_scale(group.quality)), "-start_number", "0"]
    return [*command, str(out / "frame.%07d.jpg")]


def _hls(how: dict[str, Any], outputs: list[dict[str, Any]], source: Source | None) -> HlsGroup:
    if not outputs:
        raise SettingsError(1040, "the HLS group has no outputs")
    modifiers = [str(output.get("nameModifier") or "") for output in outputs]
    if len(set(modifiers)) != len(modifiers) or not all(MODIFIER.fullmatch(m) for m in modifiers):
        raise SettingsError(1040, "each HLS output needs its own nameModifier of letters, digits and _")
    rungs, gops = [], []
    for modifier, output in zip(modifiers, outputs, strict=True):
        video = output.get("videoDescription") or {}
        h264 = (video.get("codecSettings") or {}).get("h264Settings") or {}
        audio = (output.get("audioDescriptions") or [{}])[0]
        aac = (audio.get("codecSettings") or {}).get("aacSettings") or {}
        width, height = _size(video, source)
        rate = int(h264.get("maxBitrate") or h264.get("bitrate") or 3_000_000)
        rungs.append(Rung(modifier, width, height, rate, int(aac.get("bitrate") or 128_000)))
        gops.append(float(h264.get("gopSize") or GOP_SECONDS))
    has_audio = any(output.get("audioDescriptions") for output in outputs)
    length = int(how.get("segmentLength") or SEGMENT_SECONDS)
    return HlsGroup(_destination(how), length, min(gops), rungs, has_audio)


def _frames(how: dict[str, Any], outputs: list[dict[str, Any]], source: Source | None) -> FrameGroup:
    video = (outputs[0].get("videoDescription") or {}) if len(outputs) == 1 else {}
    codec = video.get("codecSettings") or {}
    if codec.get("codec") != "FRAME_CAPTURE":
        raise SettingsError(1040, "a file group may hold one FRAME_CAPTURE output here")
    capture = codec.get("frameCaptureSettings") or {}
    apart = int(capture.get("framerateDenominator") or 1) / int(capture.get("framerateNumerator") or 1)
    width, height = _size(video, source)
    most, quality = int(capture.get("maxCaptures") or 10_000_000), int(capture.get("quality") or 80)
    return FrameGroup(_destination(how), apart, width, height, most, quality)


def _destination(how: dict[str, Any]) -> str:
    place = str(how.get("destination") or "")
    if not place.startswith("s3://") or place.endswith("/") or place.count("/") < 3:
        raise SettingsError(1040, "a destination is s3://bucket/folder/base-name")
    return place


def _size(video: dict[str, Any], source: Source | None) -> tuple[int, int]:
    """Even sizes; a missing one follows the source's shape, both missing mean the source's own."""
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    if source is None or not source.has_video:
        return width, height
    if not width and not height:
        width, height = source.width, source.height
    elif not width:
        return _even(height * source.width / source.height), _even(height)
    elif not height:
        return _even(width), _even(width * source.height / source.width)
    return _even(width), _even(height)


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))


def _jpeg_scale(quality: int) -> int:
    """MediaConvert's 1..100 to FFmpeg's 31..2; its default 80 becomes 4."""
    return min(31, max(2, round((100 - quality) / 5)))
