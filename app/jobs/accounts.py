"""Chores of accounts: what ended is deleted, and so are pictures nobody shows."""

from __future__ import annotations

from app.deps import Deps
from app.jobs.spec import Job
from app.pg import account

BATCH = 1000
MAXIMUM_BATCHES = 100


async def clean(job: Job, deps: Deps) -> None:
    """Delete ended sessions, used-up tokens and empty rate limits, in batches so that no lock is held long."""
    for _ in range(MAXIMUM_BATCHES):
        if await account.clean(deps.db, BATCH) == 0:
            return


async def delete_avatar(job: Job, deps: Deps) -> None:
    await deps.storage.delete_many(deps.storage.media, [job.payload["key"]])
