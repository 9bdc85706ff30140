"""The stills of a finished video: the transcoder's pictures on sheets for the scrub bar, with their WebVTT; a poster.

How many it took was ordered by the length that the file claims. Where that is far from what came out, the
pictures are taken again, from the smallest rendition.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.clients import ffmpeg, hls, sprites
from app.clients.color import Color
from app.clients.storage import Storage
from app.clients.transcode_settings import thumb_seconds, thumb_size
from app.deps import Deps
from app.jobs.probe import IMMUTABLE
from app.jobs.rendered import Output

log = logging.getLogger("trunkline.media")
DOWNLOADS = 8  # pictures fetched at once
FRAMES = (0.4, 0.75)  # shares of a video at which pictures to choose from are taken, beside the poster


async def make(deps: Deps, output: Output, row: dict[str, Any], renditions: Sequence[hls.Rendition]) -> bool:
    """Store sheets and WebVTT beside the pictures; false when there are none."""
    storage, place, duration = deps.storage, output.place, renditions[0].duration
    frames = sorted(name for name in output.under("thumbs/") if name.startswith("frame.") and name.endswith(".jpg"))
    apart = thumb_seconds(row["probe"]["duration_seconds"])
    box = thumb_size(row["rungs"][0]["width"], row["rungs"][0]["height"])
    size = sprites.tile_size(*box)
    with tempfile.TemporaryDirectory(prefix="trunkline-") as temporary:
        path = Path(temporary)
        try:
            if is_far_off(len(frames), apart, duration) and (small := within(deps, renditions)):
                apart = thumb_seconds(duration)
                count = await take(deps, output, small, apart, box, path)
            else:
                count = await fetch(storage, place, frames, path)
            if not count:
                return False
            sheets = await sprites.make_sheets(
                ffmpeg.find(deps.settings), path, count, size, deps.settings.ffmpeg_seconds
            )
        except ffmpeg.FFmpegError as error:
            log.warning("no sprite", extra={"place": place, "error": str(error)[-500:]})
            return False
        for name in map(sprites.sheet_name, range(sheets)):
            await store(storage, f"{place}/thumbs/{name}", path / name, "image/jpeg")
    vtt = sprites.write_vtt(count, apart, duration, size)
    await store(storage, f"{place}/thumbs/thumbs.vtt", vtt.encode(), "text/vtt")
    return True


async def make_poster(deps: Deps, output: Output, best: hls.Rendition) -> bool:
    """Where the source gave none: a tenth into the best rendition, in its size."""
    return await make_still(deps, output, best, sprites.poster_second(best.duration), "poster.jpg")


async def make_frames(deps: Deps, output: Output, best: hls.Rendition) -> list[str]:
    """Further pictures that an owner may choose instead of the poster; returns their names."""
    places = [(f"frames/{n}.jpg", part * best.duration) for n, part in enumerate(FRAMES, 1)]
    return [name for name, at in places if await make_still(deps, output, best, at, name)]


async def make_still(deps: Deps, output: Output, best: hls.Rendition, at: float, name: str) -> bool:
    """A good picture from `at` seconds on, within the segment that holds them. Failing is no reason to stop."""
    ends = itertools.accumulate(segment.seconds for segment in best.segments)
    segment, end = next(
        ((s, end) for s, end in zip(best.segments, ends, strict=True) if end > at), (best.segments[-1], best.duration)
    )
    # The poster may begin with its segment; of the others two may lie in the same one.
    offset = 0.0 if name == "poster.jpg" else max(0.0, at - (end - segment.seconds))
    key = f"{output.place}/hls/{segment.name}"
    with tempfile.TemporaryDirectory(prefix="trunkline-") as temporary:
        part, target = Path(temporary) / "part", Path(temporary) / "still.jpg"
        await deps.storage.download(deps.storage.media, key, part)
        still = sprites.Still(0, best.width, best.height, Color())
        arguments = sprites.poster_arguments(str(part), still, offset, target)
        try:
            await ffmpeg.run(ffmpeg.find(deps.settings), arguments, seconds=deps.settings.ffmpeg_seconds)
        except ffmpeg.FFmpegError as error:
            log.warning("no still", extra={"place": output.place, "picture": name, "error": str(error)[-500:]})
            return False
        if not target.exists():
            return False
        await store(deps.storage, f"{output.place}/{name}", target, "image/jpeg")
    return True


def is_far_off(count: int, apart: float, duration: float) -> bool:
    """Whether the pictures are half as many as they should be, or end before the video."""
    return not count or apart >= 2 * thumb_seconds(duration) or (count + 2) * apart < duration


def within(deps: Deps, renditions: Sequence[hls.Rendition]) -> hls.Rendition | None:
    """The smallest rendition, when it may be fetched whole."""
    small = min(renditions, key=lambda r: sum(s.size for s in r.segments))
    return small if sum(s.size for s in small.segments) <= deps.settings.preview_fetch_bytes else None


async def take(
    deps: Deps, output: Output, rendition: hls.Rendition, apart: int, box: tuple[int, int], path: Path
) -> int:
    """Pictures of a rendition, `apart` seconds apart; returns how many. Raises FFmpegError."""
    joined = path / "joined"
    with joined.open("wb") as target:
        # Transport streams may simply stand one behind the other.
        for segment in rendition.segments:
            key = f"{output.place}/hls/{segment.name}"
            target.write(await deps.storage.get(deps.storage.media, key, limit=segment.size))
    arguments = sprites.picture_arguments(joined, apart, box, path)
    await ffmpeg.run(ffmpeg.find(deps.settings), arguments, seconds=deps.settings.ffmpeg_seconds)
    return len(await asyncio.to_thread(lambda: list(path.glob("frame.*.jpg"))))


async def fetch(storage: Storage, place: str, frames: list[str], path: Path) -> int:
    gate = asyncio.Semaphore(DOWNLOADS)

    async def one(index: int, name: str) -> None:
        async with gate:
            await storage.download(storage.media, f"{place}/thumbs/{name}", path / f"frame.{index:07d}.jpg")

    await asyncio.gather(*(one(index, name) for index, name in enumerate(frames)))
    return len(frames)


async def store(storage: Storage, key: str, body: bytes | Path, content_type: str) -> None:
    await storage.put(storage.media, key, body, content_type=content_type, cache_control=IMMUTABLE)
