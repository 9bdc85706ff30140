"""FFmpeg's filter graph for a ladder: one decoded picture and sound in, `[v0]`, `[a0]` … out, one pair a rung."""

from pathlib import Path

from app.clients import color
from app.local.ffmpeg import Source
from app.local.outputs import HlsGroup


def filters(source: Source, group: HlsGroup, table: Path | None) -> str:
    """Every rung has picture and sound from 0 to the end of the longer: players stand still where one is missing.

    Colours are converted once, for all rungs; `table` is the source's (`color.write_table`).
    """
    parts = [_picture(source, group, table)] + [_rung(source, group, index) for index in range(len(group.rungs))]
    return ";".join(parts + ([_sound(source, group)] if group.has_audio else []))


def _picture(source: Source, group: HlsGroup, table: Path | None) -> str:
    head = ["yadif=deint=interlaced"] if source.is_interlaced else []
    head += [f"fps={source.fps}:start_time=0"]
    if group.has_audio and source.sound_outlasts_seconds:
        head += [f"tpad=stop_mode=clone:stop_duration={source.sound_outlasts_seconds:.3f}"]
    head += [*color.to_bt709(source.color, *_canvas(source, group), table), f"split={len(group.rungs)}"]
    return f"[0:{source.picture}]{','.join(head)}{_names('s', group)}"


def _canvas(source: Source, group: HlsGroup) -> tuple[int, int]:
    """The source's shape with square pixels, as large as the largest rung shows it, and no larger than it is."""
    fitting = max(min(rung.width / source.width, rung.height / source.height) for rung in group.rungs)
    scale = min(1.0, fitting)
    return max(2, 2 * round(source.width * scale / 2)), max(2, 2 * round(source.height * scale / 2))


def _sound(source: Source, group: HlsGroup) -> str:
    """Silence where the source has none: before its first sound, in gaps, and on to the picture's end."""
    return f"[0:{source.sound}]aresample=async=1:first_pts=0,apad,asplit={len(group.rungs)}{_names('a', group)}"


def _rung(source: Source, group: HlsGroup, index: int) -> str:
    rung = group.rungs[index]
    size = f"{rung.width}:{rung.height}"
    # Whether filling the rung distorts by at most the rounding to even sizes.
    if abs(rung.height * source.width / source.height - rung.width) <= 2.5:
        fit = f"scale={size}"
    else:
        fit = f"scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2,pad={size}:(ow-iw)/2:(oh-ih)/2"
    return f"[s{index}]{fit},setsar=1[v{index}]"


def _names(letter: str, group: HlsGroup) -> str:
    return "".join(f"[{letter}{index}]" for index in range(len(group.rungs)))
