"""Job `probe`: look at the source, choose the renditions, make it playable as it is where that is possible."""

from __future__ import annotations

import asyncio
import functools
import logging
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.clients import ffmpeg, probe, sprites
from app.clients.transcode_settings import folder
from app.config import Settings
from app.deps import Deps
from app.errors import unavailable
from app.jobs import outcome
from app.jobs.spec import Job
from app.pg import media

log = logging.getLogger("trunkline.media")
HEAD_BYTES = 65_536
URL_SECONDS = 3600
IMMUTABLE = "public, max-age=31536000, immutable"


async def run(job: Job, deps: Deps) -> None:
    async with outcome.visible(job, deps, "service_unavailable") as step:
        row = await media.start_probe(deps.db, step.video, step.attempt)
        if row is None:
            return
        deps.bell.ring()
        try:
            await work(deps, step, row)
        except probe.Unfit as error:
            # Not raised on: the file will be no better next time.
            await outcome.fail(deps, step, error.reason, str(error))
        except ffmpeg.FFmpegError as error:
            raise unavailable() from error


async def work(deps: Deps, step: outcome.Step, row: dict[str, Any]) -> None:
    storage, settings = deps.storage, deps.settings
    tools = ffmpeg.find(settings)
    head = await storage.get(storage.uploads, row["source_key"], limit=HEAD_BYTES)
    url = await storage.presign_get(storage.uploads, row["source_key"], URL_SECONDS, is_inside=True)
    bounds = probe.Bounds(settings.video_max_seconds, settings.video_max_pixels)
    decoders = None if settings.is_aws_transcoding else await ffmpeg.decoders(tools)
    facts = await probe.look(tools, url, head, seconds=settings.probe_seconds, bounds=bounds, decoders=decoders)
    await check_gaps(settings, tools, url, facts, row["size"])
    if not row["is_probed"]:
        rungs = [asdict(rung) for rung in probe.rungs(facts.width, facts.height)]
        most = settings.user_minutes_per_day
        is_saved = await media.save_probe(deps.db, step.video, step.attempt, facts.as_json(), rungs, most)
        deps.bell.ring()
        if not is_saved:
            return
    place = folder(row["public_id"], step.attempt)
    if row["progressive_path"] is None and probe.is_playable(facts, row["size"]):
        await make_playable(deps, step, place, url, facts)
    if row["poster_path"] is None:
        await make_poster(deps, step, place, url, facts)


async def check_gaps(settings: Settings, tools: ffmpeg.Tools, url: str, facts: probe.Facts, size: int) -> None:
    """A few pictures hours apart are hours of work for a transcoder. Raises Unfit.

    Only small files are read for it: in a large one a gap is no cheaper than pictures would be.
    """
    most = settings.video_max_gap_seconds
    is_mended = facts.container in {"mpegts", "mpeg"}  # a jump of the clock, which whoever reads these takes out
    if (facts.duration_seconds or 0) <= most or size > settings.video_gap_bytes or is_mended:
        return
    gap = await probe.longest_gap(tools, url, facts.picture, seconds=settings.probe_seconds)
    if gap > most:
        raise probe.Unfit("gap_too_long", f"{gap:.0f} s")


async def make_playable(deps: Deps, step: outcome.Step, place: str, url: str, facts: probe.Facts) -> None:
    """Always rewritten, never copied: only picture and sound are anybody's. Failing is no reason to stop."""
    key = f"{place}/progressive.mp4"
    arguments = functools.partial(sprites.remux_arguments, url, facts.picture, facts.sound)
    if await produce(deps, arguments, key, "video/mp4", deps.settings.ffmpeg_seconds):
        await publish(deps, step, key, progressive=f"{step.attempt}/progressive.mp4")


async def make_poster(deps: Deps, step: outcome.Step, place: str, url: str, facts: probe.Facts) -> None:
    """From a tenth into the video; from its start where there is nothing, as when it says it is longer than it is."""
    key = f"{place}/poster.jpg"
    still = sprites.Still(facts.picture, facts.width, facts.height, facts.color)
    for at in dict.fromkeys((sprites.poster_second(facts.duration_seconds), 0.0)):
        arguments = functools.partial(sprites.poster_arguments, url, still, at)
        if await produce(deps, arguments, key, "image/jpeg", deps.settings.poster_seconds):
            await publish(deps, step, key, poster=f"{step.attempt}/poster.jpg")
            return


async def produce(
    deps: Deps, arguments: Callable[[Path], list[str]], key: str, content_type: str, seconds: float
) -> bool:
    """Run FFmpeg with the arguments for its target and store what it makes; false when it made nothing."""
    with tempfile.TemporaryDirectory(prefix="trunkline-") as temporary:
        target = Path(temporary) / Path(key).name
        try:
            wanted = await asyncio.to_thread(arguments, target)
            await ffmpeg.run(ffmpeg.find(deps.settings), wanted, seconds=seconds)
        except ffmpeg.FFmpegError as error:
            log.warning("ffmpeg failed", extra={"key": key, "error": str(error)[-500:]})
            return False
        if not target.exists() or not target.stat().st_size:
            return False
        await deps.storage.put(deps.storage.media, key, target, content_type=content_type, cache_control=IMMUTABLE)
    return True


async def publish(deps: Deps, step: outcome.Step, key: str, **path: str) -> None:
    if await media.save_paths(deps.db, step.video, **path):
        deps.bell.ring()
    else:
        # Deleted meanwhile; its purge may have passed before our object came.
        await deps.storage.delete_many(deps.storage.media, [key])
