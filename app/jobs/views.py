"""Counted views and likes move from their counters into their videos; no viewer is remembered for over an hour."""

from __future__ import annotations

from app.deps import Deps
from app.jobs.spec import Job
from app.pg import videos

BATCH = 1000
FORGET_BATCH = 5000


async def fold(job: Job, deps: Deps) -> None:
    """Safe to run twice: what was folded is gone from the counters in the same commit."""
    while await videos.fold_views(deps.db, BATCH) >= BATCH:
        pass
    while await videos.fold_likes(deps.db, BATCH) >= BATCH:
        pass
    while await videos.forget_viewers(deps.db) >= FORGET_BATCH:
        pass
