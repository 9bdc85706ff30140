"""Jobs `apply_transcode_event` (news that MediaConvert sent) and `sweep_transcodes` (news we ask for)."""

from __future__ import annotations

import logging
from typing import Any

from app.clients.transcoder import ENDED, JobState
from app.deps import Deps
from app.errors import AppError
from app.jobs.spec import Job
from app.pg import media

log = logging.getLogger("trunkline.media")
SWEEP_BATCH = 50
# A video in work for this long without any job that could move it.
STRANDED_SECONDS = 300


async def apply(job: Job, deps: Deps) -> None:
    """Apply one stored event, forward only. How a job ended is believed only when MediaConvert says so itself."""
    inbox_id = int(job.payload["inbox_id"])
    event = await media.read_transcode_event(deps.db, inbox_id)
    if event is None:
        return
    news = read_event(event)
    if news is None or news.metadata.get("env") != deps.settings.trunkline_env:
        log.warning("event is not for us", extra={"inbox": inbox_id})
    else:
        if news.is_over:
            news = await confirm(deps, news)
        if news is not None:
            await move(deps, news)
    await media.close_transcode_event(deps.db, inbox_id)


async def confirm(deps: Deps, news: JobState) -> JobState | None:
    state = await deps.transcoder.get_job(news.job_id)
    if state is None or state.metadata != news.metadata:
        log.warning("event about an unknown job", extra={"transcode": news.job_id})
        return None
    if not state.is_over:
        raise AppError("unavailable", "The transcoder does not say yet that this job is over.")
    return state


async def move(deps: Deps, news: JobState) -> None:
    did = await media.apply_transcode_event(
        deps.db,
        news.metadata["video_id"],
        int(news.metadata["attempt"]),
        news.job_id,
        news.status,
        news.percent,
        news.error_code,
        news.error_message,
    )
    deps.bell.ring()
    log.info("transcode", extra={"transcode": news.job_id, "status": news.status, "did": did})


def read_event(event: dict[str, Any]) -> JobState | None:
    """MediaConvert's "Job State Change" as a job's state, or None when it is something else."""
    detail = event.get("detail", {})
    metadata = detail.get("userMetadata")
    if not isinstance(metadata, dict) or not str(metadata.get("attempt", "")).isdigit() or "video_id" not in metadata:
        return None
    percent = (detail.get("jobProgress") or {}).get("jobPercentComplete")
    code = detail.get("errorCode")
    return JobState(
        job_id=str(detail.get("jobId", "")),
        status=str(detail.get("status", "")),
        percent=int(percent) if isinstance(percent, (int, float)) else None,
        error_code=int(code) if str(code).isdigit() else None,
        error_message=str(detail["errorMessage"]) if detail.get("errorMessage") else None,
        metadata={str(key): str(value) for key, value in metadata.items()},
        created_at=None,
    )


async def sweep(job: Job, deps: Deps) -> None:
    """Ask about transcodes that went silent; a lost event is then only late."""
    silent = await media.silent_transcodes(deps.db, deps.settings.transcode_silent_seconds, SWEEP_BATCH)
    for row in silent:
        if row["job_id"] is None:
            await media.requeue_transcode(deps.db, row["id"], row["attempt"])
            continue
        state = await deps.transcoder.get_job(row["job_id"])
        if state is None:
            state = JobState(row["job_id"], "ERROR", None, None, "The transcoder does not know this job.", {}, None)
        metadata = {"video_id": row["video_id"], "attempt": str(row["attempt"])}
        await move(deps, told_anew(state, metadata))
    if await media.fail_stranded(deps.db, STRANDED_SECONDS, SWEEP_BATCH):
        deps.bell.ring()
    if silent:
        deps.bell.ring()


def told_anew(state: JobState, metadata: dict[str, str]) -> JobState:
    status = state.status if state.status in ENDED or state.status == "SUBMITTED" else "STATUS_UPDATE"
    return JobState(
        state.job_id, status, state.percent, state.error_code, state.error_message, metadata, state.created_at
    )
