"""A worker in a process of its own, to be killed and frozen: `python -m tests.faults.processes DSN`.

Its one job, `mark`, writes that it ran; the first try of a job with {"hang": true} never ends.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import subprocess
import sys

from app.config import Settings
from app.crew import Share
from app.deps import Deps
from app.jobs import Job, JobSpec
from app.main import open_deps
from app.worker import working

LEASE_SECONDS = 1.5


async def mark(job: Job, deps: Deps) -> None:
    await deps.db.execute(
        "insert into mark (job, attempt, pid) values ($1, $2, $3)", job.payload["n"], job.attempt, os.getpid()
    )
    if job.payload.get("hang") and job.attempt == 1:
        await asyncio.Event().wait()


def settings_for(dsn: str) -> Settings:
    return dataclasses.replace(Settings(), database_url=dsn, secret_key="x" * 40, lease_seconds=LEASE_SECONDS)


async def work(dsn: str) -> None:
    async with (
        open_deps(settings_for(dsn)) as deps,
        working(deps, [JobSpec("mark", "default", mark)], {"default": Share(4)}),
    ):
        await asyncio.Event().wait()


def start(dsn: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.faults.processes", dsn])


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
