"""Procrastinate on psycopg 3, 100 jobs at once. See jobs_common.py."""

from __future__ import annotations

import asyncio
import logging
import os

from jobs_common import BATCH, CONCURRENCY, Tally, arguments, tell_latency, tell_speed, timed, trickle
from procrastinate import App, PsycopgConnector

logging.disable()


async def main() -> None:
    mode, dsn, jobs, seconds = arguments()
    tally = Tally(jobs)
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=4, max_size=20))

    @app.task(name="noop")
    async def noop(at: float = 0.0) -> None:
        tally.hit(at)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()

        async def enqueue() -> None:
            for _ in range(0, jobs, BATCH):
                await noop.batch_defer_async(*[{}] * BATCH)

        enqueued = await timed(enqueue, jobs) if mode == "speed" else 0.0
        # A lost acknowledgement runs a job again, with every queue here: none waits for its flush.
        quick = PsycopgConnector(conninfo=f"{dsn}?options=-csynchronous_commit%3Doff", min_size=4, max_size=20)
        worker = app.with_connector(quick)
        async with worker.open_async():
            task = asyncio.create_task(
                worker.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False, delete_jobs="always")
            )
            if mode == "speed":
                await tally.wait(seconds)
                tell_speed(enqueued, tally)
            else:
                await asyncio.sleep(1)
                await trickle(jobs, lambda now: noop.defer_async(at=now))
                await tally.wait(seconds)
                tell_latency(tally)
            task.cancel()
            os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
