"""Chores of accounts: what ended is deleted, and so are pictures nobody shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

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


async def clean_avatars(job: Job, deps: Deps) -> None:
    """Delete pictures that were sent and never used, and public ones whose last step was lost. Twice is harmless."""
    storage = deps.storage
    async for keys in old_avatars(deps, storage.uploads):
        await storage.delete_many(storage.uploads, keys)
    async for keys in old_avatars(deps, storage.media):
        await storage.delete_many(storage.media, await account.unused_avatars(deps.db, keys))


async def old_avatars(deps: Deps, bucket: str) -> AsyncIterator[list[str]]:
    """Keys in batches, of those that had time enough to become somebody's."""
    until = datetime.now(UTC) - timedelta(hours=deps.settings.avatar_unused_hours)
    keys: list[str] = []
    async for item in deps.storage.list_prefix(bucket, "avatars/"):
        if item.modified_at <= until:
            keys.append(item.key)
        if len(keys) == BATCH:
            yield keys
            keys = []
    if keys:
        yield keys
