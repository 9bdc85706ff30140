"""Job `transcode`: ask MediaConvert, so that however often and wherever we die there is one paid job.

MediaConvert's client token protects for one minute only. Therefore: our intent is a row before we ask; a second
run finds the intent and looks through MediaConvert's jobs by the metadata we put there before it asks again.
"""

from __future__ import annotations

import datetime
import logging
from typing import Any

from botocore.exceptions import ClientError

from app.clients.transcode_settings import Order, Rung, create_job
from app.clients.transcoder import JobState, is_refusal
from app.config import Settings
from app.deps import Deps
from app.jobs import outcome
from app.jobs.spec import Job
from app.pg import media

log = logging.getLogger("trunkline.media")
CLOCK_SKEW = datetime.timedelta(minutes=5)


async def run(job: Job, deps: Deps) -> None:
    async with outcome.visible(job, deps, "transcoder_unavailable") as step:
        row = await media.start_transcode(deps.db, step.video, step.attempt)
        if row is None:
            return
        body = create_job(order_of(row, step.attempt, deps.settings))
        state = await find_earlier(deps, step, row) if row["is_asked"] else None
        if state is None:
            try:
                state = await deps.transcoder.create_job(body)
            except ClientError as error:
                if not is_refusal(error):
                    raise
                await outcome.fail(deps, step, "transcoder_refused", str(error))
                return
        counts = await media.save_transcode(deps.db, step.video, step.attempt, state.job_id, body["Settings"])
        if counts != state.job_id:
            # Another worker's job counts, or the video is gone.
            await deps.transcoder.cancel_job(state.job_id)


async def find_earlier(deps: Deps, step: outcome.Step, row: dict[str, Any]) -> JobState | None:
    """What we (or a worker that died) asked for already; jobs of earlier attempts are cancelled on the way."""
    since = datetime.datetime.fromisoformat(row["since"]) - CLOCK_SKEW
    jobs = await deps.transcoder.find_jobs(row["public_id"], deps.settings.trunkline_env, since)
    mine = [job for job in jobs if job.metadata.get("attempt") == str(step.attempt)]
    keep = mine[-1] if mine else None
    for job in jobs:
        if job is not keep and not job.is_over:
            await deps.transcoder.cancel_job(job.job_id)
    await media.drop_transcode(deps.db, step.video, step.attempt)
    return keep


def order_of(row: dict[str, Any], attempt: int, settings: Settings) -> Order:
    facts = row["probe"]
    return Order(
        video_id=row["public_id"],
        attempt=attempt,
        env=settings.trunkline_env,
        source=f"s3://{settings.s3_upload_bucket}/{row['source_key']}",
        media_bucket=settings.s3_media_bucket,
        rungs=[Rung(r["label"], r["width"], r["height"], r["bitrate"]) for r in row["rungs"]],
        has_audio=facts["has_audio"],
        sound_track=facts.get("sound_track"),  # facts of an earlier release have none
        frame_rate=facts["frame_rate"],
        color_matrix=facts.get("color", {}).get("matrix", "bt709"),
        duration_seconds=facts["duration_seconds"],
        role_arn=settings.mediaconvert_role_arn,
        queue_arn=settings.mediaconvert_queue_arn,
        client_token=row["client_token"],
        turn=row["turn"],
    )
