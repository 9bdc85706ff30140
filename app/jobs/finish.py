"""Job `finish`: the transcode is complete; look at what really lies in S3, add what is ours, show the video."""

from __future__ import annotations

from typing import Any

from app.clients import hls
from app.clients.storage import Storage
from app.clients.transcode_settings import folder
from app.deps import Deps
from app.errors import AppError
from app.jobs import outcome, previews
from app.jobs.rendered import list_output, read_ladder
from app.jobs.spec import Job
from app.pg import media

ROUNDING_SECONDS = 1.0  # what padding to whole frames may add


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
        duration = renditions[0].duration
        if duration > deps.settings.video_max_seconds + ROUNDING_SECONDS:
            # The file said less, or nothing.
            await outcome.fail(deps, step, "too_long", f"{duration:.0f} s")
            return
        has_sprite = await previews.make(deps, output, row, renditions)
        poster = row["poster_path"] is None and await previews.make_poster(deps, output, renditions[0])
        frames = await previews.make_frames(deps, output, renditions[0])
        if not await media.finish_video(
            deps.db,
            step.video,
            step.attempt,
            [quality(r, rung["label"]) for r, rung in zip(renditions, row["rungs"], strict=True)],
            hls=f"{step.attempt}/hls/master.m3u8",
            sprite=f"{step.attempt}/thumbs/thumbs.vtt" if has_sprite else None,
            poster=f"{step.attempt}/poster.jpg" if poster else None,
            duration=duration,
            frames=[f"{step.attempt}/{name}" for name in frames],
        ):
            return
        deps.bell.ring()
        await drop_earlier(deps.storage, row["public_id"], step.attempt)


def quality(rendition: hls.Rendition, label: str) -> dict[str, Any]:
    return {"label": label, "width": rendition.width, "height": rendition.height, "bitrate": rendition.peak}


async def drop_earlier(storage: Storage, video_id: str, attempt: int) -> None:
    """Remove the ladders of attempts that failed; what they gave that still plays stays."""
    for earlier in range(1, attempt):
        for part in ("hls", "thumbs", "frames"):
            await storage.delete_prefix(storage.media, f"{folder(video_id, earlier)}/{part}/")
