"""A worker in a process of its own, to be killed and frozen: `python -m tests.faults.processes DSN`.

`mark` writes that it ran; the first try of a job with {"hang": true} never ends. `pay` takes effect exactly once:
it ends its job in the transaction of the effect; the first try of a `late` one waits for a row in `gate` before that.
`crash` kills its worker in each try.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from app.config import Settings
from app.crew import Share
from app.deps import Deps
from app.jobs import Job, JobSpec
from app.main import open_deps
from app.worker import working
from tests.signals import until

LEASE_SECONDS = 1.5


async def mark(job: Job, deps: Deps) -> None:
    await deps.db.execute(
        "insert into mark (job, attempt, pid) values ($1, $2, $3)", job.payload["n"], job.attempt, os.getpid()
    )
    if job.payload.get("hang") and job.attempt == 1:
        await asyncio.Event().wait()


async def pay(job: Job, deps: Deps) -> None:
    async with deps.db.transaction() as connection:
        await job.finish(connection)
        await connection.execute("insert into effect (job, pid) values ($1, $2)", job.payload["n"], os.getpid())


async def late(job: Job, deps: Deps) -> None:
    await mark(job, deps)
    if job.attempt == 1:
        await until(lambda: deps.db.fetchval("select count(*) from gate"), 120)
    await pay(job, deps)


async def crash(job: Job, deps: Deps) -> None:
    await mark(job, deps)
    os.kill(os.getpid(), signal.SIGKILL)


JOBS = [
    JobSpec("mark", "default", mark, backoff_seconds=0.05),
    JobSpec("pay", "default", pay, backoff_seconds=0.05, max_attempts=100),
    JobSpec("late", "default", late, backoff_seconds=0.05),
    JobSpec("crash", "default", crash, max_attempts=3),
    JobSpec("crash_once", "default", crash, is_repeatable=False),
]


def settings_for(dsn: str) -> Settings:
    # A job that waits for a database that stands still has not failed: the tries of a job are counted here.
    return dataclasses.replace(
        Settings(), database_url=dsn, secret_key="x" * 40, lease_seconds=LEASE_SECONDS, db_acquire_seconds=30.0
    )


async def work(dsn: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s %(outcome)s", defaults={"outcome": ""}))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    async with open_deps(settings_for(dsn)) as deps, working(deps, JOBS, {"default": Share(4, 40)}):
        await asyncio.Event().wait()


def start(dsn: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    """What it logs is thrown away (jobs taken over, the product's own schedules), or added to a file."""
    command = [sys.executable, "-m", "tests.faults.processes", dsn]
    with (log or Path(os.devnull)).open("ab") as errors:
        return subprocess.Popen(command, stderr=errors)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
