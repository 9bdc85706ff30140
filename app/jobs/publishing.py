"""Job `publish_due`: videos that wait for their time become public."""

from __future__ import annotations

from app.deps import Deps
from app.jobs.spec import Job
from app.pg import guests, videos

BATCH = 100


async def publish_due(job: Job, deps: Deps) -> None:
    """Twice is harmless: what is public is not due any more. Killed on the way, it comes again for the rest."""
    while ids := await videos.publish_due(deps.db, BATCH):
        for id in ids:
            deps.bell.ring(keys=guests.keys(id))
