"""The scrub bar's previews: pictures tiled into sheets, and the WebVTT that says which tile shows which seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from app.clients import color, ffmpeg
from app.clients.color import Color
from app.clients.transcode_settings import GOP_SECONDS

COLUMNS, ROWS = 10, 10
TILE_BOX = (160, 90)
POSTER_WIDTH = 1280
# What a decoder of H.264 needs (ISO 14496-10, table 7-1): slices, parameter sets, ends. Not SEI, in which cameras
# write where and when they were.
SHOWN_UNITS = "1-5|7-11|13"


def sheet_name(index: int) -> str:
    return f"sprite_{index + 1:03d}.jpg"


def tile_size(width: int, height: int) -> tuple[int, int]:
    """A picture's shape within the tile box, even."""
    scale = min(TILE_BOX[0] / width, TILE_BOX[1] / height)
    return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)


async def make_sheets(tools: ffmpeg.Tools, folder: Path, count: int, size: tuple[int, int], seconds: float) -> int:
    """Tile folder/frame.0000000.jpg and on into folder/sprite_001.jpg and on; returns how many. Raises FFmpegError."""
    columns, rows = min(COLUMNS, count), min(ROWS, math.ceil(count / COLUMNS))
    filters = f"scale={size[0]}:{size[1]},tile={columns}x{rows}"
    pictures = ["-f", "image2", "-start_number", "0", "-i", str(folder / "frame.%07d.jpg")]
    sheets = ["-vf", filters, "-q:v", "5", "-start_number", "1", str(folder / "sprite_%03d.jpg")]
    await ffmpeg.run(tools, ["-nostdin", "-v", "error", "-y", *pictures, *sheets], seconds=seconds)
    return math.ceil(count / (columns * rows))


def picture_arguments(source: Path, apart: int, box: tuple[int, int], folder: Path) -> list[str]:
    """FFmpeg's arguments for folder/frame.0000000.jpg and on of a rendition, `apart` seconds apart."""
    # Its key frames stand two seconds apart.
    quick = ["-skip_frame", "nokey"] if apart >= GOP_SECONDS else []
    filters = ",".join([f"fps=1/{apart}:start_time=0:round=up", *color.to_jpeg(color.Color(), *box, None)])
    return [
        *["-nostdin", "-v", "error", "-y", *quick, *ffmpeg.GUARDS, "-i", str(source), "-an", "-vf", filters],
        *["-fps_mode", "vfr", "-q:v", "4", "-start_number", "0", str(folder / "frame.%07d.jpg")],
    ]


def write_vtt(count: int, seconds_each: float, duration: float, size: tuple[int, int]) -> str:
    """Cues for `count` pictures, `seconds_each` apart, on the sheets of `make_sheets`."""
    columns, rows = min(COLUMNS, count), min(ROWS, math.ceil(count / COLUMNS))
    cues = ["WEBVTT", ""]
    for index in range(count):
        start = index * seconds_each
        if start >= duration:
            break
        end = duration if index == count - 1 else min(duration, start + seconds_each)
        sheet, place = divmod(index, columns * rows)
        x, y = place % columns * size[0], place // columns * size[1]
        cues += [f"{stamp(start)} --> {stamp(end)}", f"{sheet_name(sheet)}#xywh={x},{y},{size[0]},{size[1]}", ""]
    return "\n".join(cues)


def stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


@dataclass(frozen=True)
class Still:
    """A picture to take: of the stream `picture`, of these colours, `width` × `height` as it is shown."""

    picture: int
    width: int
    height: int
    color: Color


def poster_arguments(source: str, still: Still, at: float, target: Path) -> list[str]:
    """FFmpeg's arguments for a good frame from `at` seconds on. Writes the table of tones beside the target."""
    scale = min(1.0, POSTER_WIDTH / still.width)
    size = [max(2, round(side * scale / 2) * 2) for side in (still.width, still.height)]
    table = color.write_table(still.color, target.with_suffix(".cube"))
    return [
        # Two threads: each takes address space, of which a run has little.
        *["-nostdin", "-v", "error", "-y", *ffmpeg.GUARDS, "-threads", "2", "-ss", f"{at:.3f}", "-i", source],
        # The most typical of 30 frames: no black one, no flash. Made small first, since all 30 are kept.
        *["-vf", ",".join([*color.to_jpeg(still.color, size[0], size[1], table), "thumbnail=30"])],
        *["-map", f"0:{still.picture}", "-frames:v", "1", "-q:v", "4", "-update", "1", str(target)],
    ]


def poster_second(duration: float | None) -> float:
    """A tenth into the video, where titles are over."""
    return min((duration or 0) * 0.1, 30.0)


def remux_arguments(source: str, picture: int, sound: int | None, target: Path) -> list[str]:
    """FFmpeg's arguments to rewrite an H.264 MP4 with its index in front: these two streams, and nothing else."""
    sounds = [] if sound is None else ["-map", f"0:{sound}"]
    return [
        *["-nostdin", "-v", "error", "-y", "-xerror", *ffmpeg.GUARDS, "-i", source, "-map", f"0:{picture}", *sounds],
        *["-c", "copy", "-bsf:v", f"filter_units=pass_types={SHOWN_UNITS}", "-map_metadata", "-1"],
        *["-map_chapters", "-1", "-write_tmcd", "0", "-fflags", "+bitexact", "-movflags", "+faststart"],
        *["-f", "mp4", str(target)],
    ]
