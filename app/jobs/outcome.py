"""What a job's failure means for its video: tried again while it may pass, in the end a state people see."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.deps import Deps
from app.errors import AppError
from app.jobs.spec import Job
from app.pg import media

log = logging.getLogger("trunkline.media")


@dataclass(frozen=True)
class Step:
    """The video and the attempt a job works for."""

    video: int
    attempt: int


def step_of(job: Job) -> Step:
    return Step(int(job.payload["video_id"]), int(job.payload["attempt"]))


async def fail(deps: Deps, step: Step, reason: str, detail: str = "") -> None:
    """The video ends here, for this reason; the detail is for the log only."""
    log.warning(
        "video failed", extra={"video": step.video, "attempt": step.attempt, "reason": reason, "detail": detail}
    )
    await media.fail_video(deps.db, step.video, step.attempt, reason)
    deps.bell.ring()


@contextlib.asynccontextmanager
async def visible(job: Job, deps: Deps, reason: str) -> AsyncIterator[Step]:
    """When even the last try raises, the video shows `reason` and a button to try again."""
    step = step_of(job)
    try:
        yield step
    except Exception as error:
        if job.is_last_attempt:
            await fail(deps, step, reason, error.message if isinstance(error, AppError) else str(error))
        raise
