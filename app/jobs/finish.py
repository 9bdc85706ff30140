"""Job `finish`: the transcode is complete; look at what really lies in S3, add what is ours, show the video."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.clients import ffmpeg, hls, sprites
from app.clients.storage import Storage
from app.clients.transcode_settings import folder, thumb_seconds, thumb_size
from app.deps import Deps
from app.errors import AppError
from app.jobs import outcome
from app.jobs.probe import IMMUTABLE
from app.jobs.spec import Job
from app.pg import media

log = logging.getLogger("trunkline.media")
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
DOWNLOADS = 8  # pictures fetched at once
HEAD_BYTES = 65_536


@dataclass(frozen=True)
class Output:
    """The objects of one attempt: `place` is their folder, `sizes` by the name behind it."""

    place: str
    sizes: dict[str, int]

    def under(self, prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): size for name, size in self.sizes.items() if name.startswith(prefix)}


async def run(job: Job, deps: Deps) -> None:
    async with outcome.visible(job, deps, "output_missing") as step:
        row = await media.start_finish(deps.db, step.video, step.attempt)
        if row is None:
            return
        output = await list_output(deps.storage, folder(row["public_id"], step.attempt))
        try:
            renditions = await read_ladder(deps.storage, output, row)
        except hls.PlaylistError as error:
            raise AppError("unavailable", f"The transcoder's output is not whole: {error}") from error
        duration = row["duration_seconds"] or renditions[0].duration
        has_sprite, poster = await make_previews(deps, output, row, duration)
        if not await media.finish_video(
            deps.db,
            step.video,
            step.attempt,
            [quality(r, rung["label"]) for r, rung in zip(renditions, row["rungs"], strict=True)],
            hls=f"{step.attempt}/hls/master.m3u8",
            sprite=f"{step.attempt}/thumbs/thumbs.vtt" if has_sprite else None,
            poster=f"{step.attempt}/poster.jpg" if poster else None,
            duration=duration,
        ):
            return
        deps.bell.ring()
        await drop_earlier(deps.storage, row["public_id"], step.attempt)


async def list_output(storage: Storage, place: str) -> Output:
    prefix = f"{place}/"
    return Output(place, {o.key.removeprefix(prefix): o.size async for o in storage.list_prefix(storage.media, prefix)})


async def read_ladder(storage: Storage, output: Output, row: dict[str, Any]) -> list[hls.Rendition]:
    """Check every playlist and segment, and put the multivariant playlist right. Raises PlaylistError."""
    files = output.under("hls/")
    if "master.m3u8" not in files:
        raise hls.PlaylistError("no multivariant playlist")
    master = (await storage.get(storage.media, f"{output.place}/hls/master.m3u8")).decode(errors="replace")
    said = {variant.uri: variant.attributes for variant in hls.read_multivariant(master)}
    renditions = []
    for rung in row["rungs"]:
        uri = f"master_{rung['label']}.m3u8"
        if uri not in files:
            raise hls.PlaylistError(f"{uri} is missing")
        text = (await storage.get(storage.media, f"{output.place}/hls/{uri}")).decode(errors="replace")
        segments, target = hls.read_media(text, files)
        attributes = said.get(uri, {})
        codecs = attributes.get("CODECS") or await find_codecs(storage, output, segments[0].name, row)
        size = attributes.get("RESOLUTION", "").partition("x")
        is_told = size[0].isdigit() and size[2].isdigit()
        width, height = (int(size[0]), int(size[2])) if is_told else (rung["width"], rung["height"])
        frame_rate = float(attributes.get("FRAME-RATE") or min(row["probe"]["frame_rate"], 60))
        renditions.append(hls.Rendition(uri, width, height, frame_rate, codecs, segments, target))
    if not hls.is_correct(master, renditions):
        await storage.put(
            storage.media,
            f"{output.place}/hls/master.m3u8",
            hls.write_multivariant(renditions).encode(),
            content_type=PLAYLIST_TYPE,
            cache_control=IMMUTABLE,
        )
    return renditions


async def find_codecs(storage: Storage, output: Output, segment: str, row: dict[str, Any]) -> str:
    head = await storage.get(storage.media, f"{output.place}/hls/{segment}", limit=HEAD_BYTES)
    return hls.codecs_of(head, row["probe"]["has_audio"])


async def make_previews(deps: Deps, output: Output, row: dict[str, Any], duration: float) -> tuple[bool, bool]:
    """Sprite sheets with their WebVTT, and a poster where the probe made none: (has sprite, has poster)."""
    storage, place = deps.storage, output.place
    frames = sorted(name for name in output.under("thumbs/") if name.startswith("frame.") and name.endswith(".jpg"))
    if not frames:
        return False, False
    if row["poster_path"] is None:
        chosen = f"{place}/thumbs/{frames[len(frames) // 10]}"
        await storage.copy(
            storage.media,
            chosen,
            storage.media,
            f"{place}/poster.jpg",
            content_type="image/jpeg",
            cache_control=IMMUTABLE,
        )
    best = row["rungs"][0]
    size = sprites.tile_size(*thumb_size(best["width"], best["height"]))
    with tempfile.TemporaryDirectory(prefix="trunkline-") as temporary:
        path = Path(temporary)
        await fetch_frames(storage, place, frames, path)
        try:
            sheets = await sprites.make_sheets(
                ffmpeg.find(deps.settings), path, len(frames), size, deps.settings.ffmpeg_seconds
            )
        except ffmpeg.FFmpegError as error:
            log.warning("no sprite", extra={"place": place, "error": str(error)[-500:]})
            return False, row["poster_path"] is None
        for index in range(sheets):
            name = sprites.sheet_name(index)
            await storage.put(
                storage.media,
                f"{place}/thumbs/{name}",
                path / name,
                content_type="image/jpeg",
                cache_control=IMMUTABLE,
            )
    # From the source's own length, as the pictures were ordered.
    vtt = sprites.write_vtt(len(frames), thumb_seconds(row["probe"]["duration_seconds"]), duration, size)
    await storage.put(
        storage.media, f"{place}/thumbs/thumbs.vtt", vtt.encode(), content_type="text/vtt", cache_control=IMMUTABLE
    )
    return True, row["poster_path"] is None


async def fetch_frames(storage: Storage, place: str, frames: list[str], path: Path) -> None:
    gate = asyncio.Semaphore(DOWNLOADS)

    async def fetch(index: int, name: str) -> None:
        async with gate:
            await storage.download(storage.media, f"{place}/thumbs/{name}", path / f"frame.{index:07d}.jpg")

    await asyncio.gather(*(fetch(index, name) for index, name in enumerate(frames)))


def quality(rendition: hls.Rendition, label: str) -> dict[str, Any]:
    return {"label": label, "width": rendition.width, "height": rendition.height, "bitrate": rendition.peak}


async def drop_earlier(storage: Storage, video_id: str, attempt: int) -> None:
    """Remove the ladders of attempts that failed; what they gave that still plays stays."""
    for earlier in range(1, attempt):
        for part in ("hls", "thumbs"):
            await storage.delete_prefix(storage.media, f"{folder(video_id, earlier)}/{part}/")
