"""Jobs `expire_uploads` (the janitor) and `purge_video`: what is given up leaves S3 and the quota."""

from __future__ import annotations

import datetime
from typing import Any

from app.deps import Deps
from app.errors import AppError
from app.jobs.spec import Job
from app.jobs.transcode import CLOCK_SKEW
from app.pg import media

BATCH = 100


async def expire_uploads(job: Job, deps: Deps) -> None:
    """End uploads whose time is over; a purge job each aborts them at S3."""
    while await media.expire_uploads(deps.db, BATCH):
        deps.bell.ring()


async def purge_video(job: Job, deps: Deps) -> None:
    """Remove a deleted video: stop its transcode, abort its upload, delete its objects, then its rows."""
    video_id = str(job.payload["video_id"])
    row = await media.start_purge(deps.db, video_id)
    if row is None:
        return
    await stop_transcodes(deps, video_id, row["intents"])
    storage = deps.storage
    for upload in row["uploads"]:
        key: str = upload["storage_key"]
        if upload["storage_upload_id"] and not upload["is_completed"]:
            await storage.abort_multipart(storage.uploads, key, upload["storage_upload_id"])
        await storage.delete_prefix(storage.uploads, key.rpartition("/")[0] + "/")
    await storage.delete_prefix(storage.media, f"vod/{video_id}/")
    if row["is_in_work"]:
        # What it stores after us must not stay for ever: this job comes again once it has ended.
        raise AppError("unavailable", "A step of this video is still running.")
    await media.forget_video(deps.db, video_id)


async def stop_transcodes(deps: Deps, video_id: str, intents: list[dict[str, Any]]) -> None:
    """Cancel what runs. Raises unavailable until it has stopped: it would write objects after us."""
    if not intents:
        return
    since = min(datetime.datetime.fromisoformat(intent["created_at"]) for intent in intents) - CLOCK_SKEW
    jobs = await deps.transcoder.find_jobs(video_id, deps.settings.trunkline_env, since)
    for state in jobs:
        if not state.is_over:
            await deps.transcoder.cancel_job(state.job_id)
            now = await deps.transcoder.get_job(state.job_id)
            if now is not None and not now.is_over:
                raise AppError("unavailable", "The transcode is stopping.")
