"""Job `clean_lives`: who was counted in a live goes when it is over, all of a deleted live after its time."""

from __future__ import annotations

from datetime import timedelta

from app.deps import Deps
from app.jobs.spec import Job
from app.pg import lives

BATCH = 5000
MAXIMUM_BATCHES = 1000


async def run(job: Job, deps: Deps) -> None:
    """In batches, so that no lock is held long; what is left is the next run's. Safe to run twice at once."""
    keep = timedelta(days=deps.settings.deleted_live_keep_days)
    for _ in range(MAXIMUM_BATCHES):
        if not await lives.forget_viewers(deps.db, BATCH) and not await lives.purge(deps.db, keep, BATCH):
            return
