"""A kind of job whose handler a test directs."""

from __future__ import annotations

import asyncio
from typing import Any

from app.deps import Deps
from app.jobs import Job, JobSpec
from app.worker import Worker
from tests.signals import until


class Stage:
    """Each try is put into `started`, waits for `go`, and raises `error` if there is one."""

    def __init__(self) -> None:
        self.started: asyncio.Queue[Job] = asyncio.Queue()
        self.go = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.error: Exception | None = None

    async def run(self, job: Job, deps: Deps) -> None:
        self.started.put_nowait(job)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if self.error is not None:
            raise self.error

    def spec(self, **more: Any) -> JobSpec:
        return JobSpec("stage", "default", self.run, **more)


async def take_over(frozen: Deps, heir: Worker) -> None:
    """Let a worker find a job whose process stands still past its lease, and claim it or bury it."""

    async def is_taken() -> bool:
        # Each time: the process that is said to stand still may renew its lease at any moment.
        await frozen.db.execute("update rt.instance set lease_until = '-infinity' where id = $1", frozen.instance.id)
        heir._look_everywhere()
        return await heir.run_once() > 0

    await until(is_taken)
