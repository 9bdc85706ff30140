"""PgQueuer on asyncpg, batches of 100, as its own benchmark runs it. See jobs_common.py."""

from __future__ import annotations

import asyncio
import os

import asyncpg
import uvloop
from jobs_common import BATCH, Tally, arguments, tell_latency, tell_speed, timed, trickle
from pgqueuer import AsyncpgDriver, PgQueuer, Queries
from pgqueuer.models import Job

KIND = "noop"


async def main() -> None:
    mode, dsn, jobs, seconds = arguments()
    db = await asyncpg.connect(dsn)
    queries = Queries(AsyncpgDriver(db))
    await queries.install()
    tally = Tally(jobs)
    # A lost acknowledgement runs a job again, with every queue here: none waits for its flush.
    own = await asyncpg.connect(dsn, server_settings={"synchronous_commit": "off"})
    worker = PgQueuer(AsyncpgDriver(own))

    @worker.entrypoint(KIND)
    async def noop(job: Job) -> None:
        tally.hit(float(job.payload or 0))

    async def enqueue() -> None:
        for _ in range(0, jobs, BATCH):
            await queries.enqueue([KIND] * BATCH, [None] * BATCH, [0] * BATCH)

    enqueued = await timed(enqueue, jobs) if mode == "speed" else 0.0
    task = asyncio.create_task(worker.run(batch_size=100))
    if mode == "speed":
        await tally.wait(seconds)
        tell_speed(enqueued, tally)
    else:
        await asyncio.sleep(1)
        await trickle(jobs, lambda now: queries.enqueue(KIND, str(now).encode()))
        await tally.wait(seconds)
        tell_latency(tally)
    task.cancel()
    # Its orderly stop may take long; all that was asked is told.
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(main())
