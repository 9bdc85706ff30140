"""arq on Redis, 100 jobs at once, results not kept. See jobs_common.py."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import uvloop
from arq import create_pool, func
from arq.connections import RedisSettings
from arq.worker import Worker
from jobs_common import CONCURRENCY, Tally, arguments, tell_latency, tell_speed, timed, trickle


async def main() -> None:
    mode, address, jobs, seconds = arguments()
    tally = Tally(jobs)
    pool = await create_pool(RedisSettings.from_dsn(address))

    async def noop(context: dict[Any, Any], at: float = 0.0) -> None:
        tally.hit(at)

    async def enqueue() -> None:
        for _ in range(0, jobs, CONCURRENCY):
            await asyncio.gather(*(pool.enqueue_job("noop") for _ in range(CONCURRENCY)))

    enqueued = await timed(enqueue, jobs) if mode == "speed" else 0.0
    worker = Worker(
        [func(noop, name="noop", keep_result=0)],
        redis_settings=RedisSettings.from_dsn(address),
        max_jobs=CONCURRENCY,
        poll_delay=0.01 if mode == "latency" else 0.5,
        handle_signals=False,
    )
    task = asyncio.create_task(worker.async_run())
    if mode == "speed":
        await tally.wait(seconds)
        tell_speed(enqueued, tally)
    else:
        await asyncio.sleep(1)
        await trickle(jobs, lambda now: pool.enqueue_job("noop", now))
        await tally.wait(seconds)
        tell_latency(tally)
    task.cancel()
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(main())
