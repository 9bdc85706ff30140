"""Job `poster:sweep`: a picture that somebody sent for a video and that is not shown leaves S3."""

from __future__ import annotations

from app.deps import Deps
from app.jobs.spec import Job
from app.pg import videos


async def sweep(job: Job, deps: Deps) -> None:
    """Twice is harmless: names are never used again, and what is shown stays."""
    video, path = str(job.payload["video_id"]), str(job.payload["path"])
    if not await videos.shows_poster(deps.db, video, path):
        await deps.storage.delete_many(deps.storage.media, [f"vod/{video}/{path}"])
