"""Trunkline's queue: jobs enqueued as SQL functions do, worked by the product's own worker in one process."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop

from app import config
from app.crew import Share
from app.deps import Deps
from app.jobs.spec import Job, JobSpec
from app.main import open_deps
from app.pg import queue
from app.worker import Worker
from bench.peers.jobs_common import BATCH, CONCURRENCY, Tally, arguments, tell_latency, tell_speed, timed, trickle

QUEUE = "default"
# As worker_queues has it for a fast queue: name:at_once:held.
HELD = 1000


async def main() -> None:
    mode, dsn, jobs, seconds = arguments()
    tally = Tally(jobs)

    async def noop(job: Job, deps: Deps) -> None:
        tally.hit(job.payload.get("at", 0.0))

    settings = config.load({**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "warning"})
    async with open_deps(settings) as deps:

        async def enqueue() -> None:
            for _ in range(0, jobs, BATCH):
                await queue.enqueue_many(deps.db, QUEUE, "noop", [{}] * BATCH)

        async def enqueue_one(now: float) -> None:
            await queue.enqueue(deps.db, QUEUE, "noop", {"at": now})
            deps.bell.ring(queues=[QUEUE])

        enqueued = await timed(enqueue, jobs) if mode == "speed" else 0.0
        worker = Worker(deps, [JobSpec("noop", QUEUE, noop)], {QUEUE: Share(CONCURRENCY, HELD)})
        task = asyncio.create_task(worker.run())
        if mode == "speed":
            await tally.wait(seconds)
            tell_speed(enqueued, tally)
        else:
            await asyncio.sleep(1)
            await trickle(jobs, enqueue_one)
            await tally.wait(seconds)
            tell_latency(tally)
        await worker.stop(1)
        task.cancel()


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    uvloop.run(main())
