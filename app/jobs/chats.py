"""What a chat leaves to be done later."""

from __future__ import annotations

from app.deps import Deps
from app.jobs.spec import Job
from app.pg import moderation

STRETCH = 5000
QUOTES = 1000


async def scrub(job: Job, deps: Deps) -> None:
    """Take the texts of a cleared chat out of its events. Safe to run twice: what is empty stays empty."""
    after: int | None = 0
    while after is not None:
        after = await moderation.scrub(deps.db, job.payload["live"], after, job.payload["up_to"], STRETCH)


async def requote(job: Job, deps: Deps) -> None:
    """Mend what answers quote of messages that were changed. Safe to run twice: what says the same stays."""
    while await moderation.requote(deps.db, job.payload["live"], job.payload["seqs"], QUOTES) == QUOTES:
        pass
