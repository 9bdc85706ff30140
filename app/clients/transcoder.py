"""MediaConvert by its REST interface (2017-08-29): create, look, list, cancel.

Raises AppError("unavailable") while it is away, busy or slow; refusals are botocore's ClientError, told apart by
`is_refusal`. Shapes: https://docs.aws.amazon.com/mediaconvert/latest/apireference/
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from app.clients.aws import error_code, make_config, make_session, status_of, translated
from app.config import Settings

MAX_PAGES = 25  # 500 jobs of one account within one retry's time is beyond us
ENDED = {"COMPLETE", "CANCELED", "ERROR"}


@dataclass(frozen=True)
class JobState:
    """One job as MediaConvert tells it. `percent` is None before the first report."""

    job_id: str
    status: str  # SUBMITTED, PROGRESSING, COMPLETE, CANCELED, ERROR
    percent: int | None
    error_code: int | None
    error_message: str | None
    metadata: dict[str, str]
    created_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.status in ENDED


def is_refusal(error: ClientError) -> bool:
    """The request itself is wrong (or not allowed): asking again changes nothing."""
    return 400 <= status_of(error) < 500


class Transcoder:
    """The MediaConvert client of one process; connects at first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = contextlib.AsyncExitStack()
        self._opening = asyncio.Lock()
        self._client: Any = None

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    async def client(self) -> Any:
        async with self._opening:
            if self._client is None:
                s = self.settings
                own = (s.mediaconvert_access_key_id, s.mediaconvert_secret_access_key)
                session = make_session(*(own if own[0] else (s.s3_access_key_id, s.s3_secret_access_key)))
                # The model is large: reading it takes 200 ms of CPU, so not in the event loop.
                loader = session.get_component("data_loader")
                await asyncio.to_thread(loader.load_service_model, "mediaconvert", "service-2")
                self._client = await self._stack.enter_async_context(
                    session.create_client(
                        "mediaconvert",
                        region_name=s.mediaconvert_region,
                        endpoint_url=s.mediaconvert_endpoint or None,
                        config=make_config(
                            attempts=s.mediaconvert_attempts,
                            connect_seconds=3,
                            read_seconds=s.mediaconvert_deadline_seconds,
                        ),
                    )
                )
            return self._client

    async def call(self, operation: str, **params: Any) -> Any:
        client = await self.client()
        async with translated(self.settings.mediaconvert_deadline_seconds):
            return await getattr(client, operation)(**params)

    async def create_job(self, body: dict[str, Any]) -> JobState:
        """Start a job. The client token in the body keeps a repeat within a minute from becoming a second one."""
        return read_job((await self.call("create_job", **body))["Job"])

    async def get_job(self, job_id: str) -> JobState | None:
        """None when there is no such job."""
        try:
            return read_job((await self.call("get_job", Id=job_id))["Job"])
        except ClientError as error:
            if error_code(error) == "NotFoundException" or status_of(error) == 404:
                return None
            raise

    async def find_jobs(self, video_id: str, env: str, since: datetime) -> list[JobState]:
        """Every job created for a video after `since`, newest first, whoever asked for it."""
        found: list[JobState] = []
        token: str | None = None
        for _ in range(MAX_PAGES):
            more = {"NextToken": token} if token else {}
            page = await self.call("list_jobs", MaxResults=20, Order="DESCENDING", **more)
            jobs = [read_job(job) for job in page.get("Jobs", [])]
            found += [j for j in jobs if (j.metadata.get("video_id"), j.metadata.get("env")) == (video_id, env)]
            token = page.get("NextToken")
            if not token or any(j.created_at is not None and j.created_at < since for j in jobs):
                break
        return found

    async def cancel_job(self, job_id: str) -> None:
        """Stop a job; one that is over or gone is fine."""
        try:
            await self.call("cancel_job", Id=job_id)
        except ClientError as error:
            if not is_refusal(error):
                raise


def read_job(job: dict[str, Any]) -> JobState:
    code = job.get("ErrorCode")
    return JobState(
        job_id=job["Id"],
        status=job.get("Status", "SUBMITTED"),
        percent=job.get("JobPercentComplete"),
        error_code=int(code) if code is not None else None,
        error_message=job.get("ErrorMessage"),
        metadata=job.get("UserMetadata") or {},
        created_at=job.get("CreatedAt"),
    )
