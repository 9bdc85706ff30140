"""What the job scripts share. argv of each: mode, address, number of jobs, seconds at most.

`speed`: enqueue them all, then drain them with one worker; `latency`: enqueue 100 a second into an idle worker.
Each prints one JSON object: {"enqueue", "drain"} in jobs a second, or {"p50", "p99"} in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

BATCH = 1000
CONCURRENCY = 100
LATENCY_RATE = 100


class Tally:
    """Counts jobs as they start. `done` is set at the last one."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.n = 0
        self.done = asyncio.Event()
        self.first = self.last = 0.0
        self.waits: list[float] = []

    def hit(self, sent_at: float = 0.0) -> None:
        """One job has started; `sent_at` is when its enqueueing began."""
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.n += 1
        if sent_at:
            self.waits.append(time.time() - sent_at)
        if self.n >= self.jobs:
            self.done.set()

    @property
    def per_second(self) -> float:
        """From the first start to the last: a worker's own start and stop are not counted."""
        return (self.n - 1) / (self.last - self.first) if self.n > 1 else 0.0

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.done.wait()
        except TimeoutError:
            pass


def arguments() -> tuple[str, str, int, float]:
    mode, address, jobs, seconds = sys.argv[1:5]
    return mode, address, int(jobs), float(seconds)


async def timed(enqueue: Callable[[], Awaitable[None]], jobs: int) -> float:
    """Jobs enqueued a second."""
    started = time.perf_counter()
    await enqueue()
    return jobs / (time.perf_counter() - started)


async def trickle(jobs: int, enqueue: Callable[[float], Awaitable[object]]) -> None:
    """One job at a time at an even rate."""
    started = time.perf_counter()
    for n in range(jobs):
        await asyncio.sleep(max(0.0, started + n / LATENCY_RATE - time.perf_counter()))
        await enqueue(time.time())


def tell_speed(enqueued: float, tally: Tally) -> None:
    print(json.dumps({"enqueue": enqueued, "drain": tally.per_second, "jobs": tally.n}), flush=True)


def tell_latency(tally: Tally) -> None:
    waits = sorted(tally.waits)
    p50, p99 = (waits[min(len(waits) - 1, int(len(waits) * part))] * 1000 for part in (0.5, 0.99))
    print(json.dumps({"p50": p50, "p99": p99, "jobs": len(waits)}), flush=True)
