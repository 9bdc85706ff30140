"""A process that writes to a room when told: `python -m tests.faults.writer DSN EVENTS`.

Says "ready", waits for a line, writes its events over a second, each with the time it was handed over.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import time

from app.config import Settings
from app.main import open_deps
from tests.signals import insist

SPREAD_SECONDS = 1.0


async def write(dsn: str, events: int) -> None:
    settings = dataclasses.replace(Settings(), database_url=dsn, secret_key="x" * 40, log_level="error")
    async with open_deps(settings) as deps:
        await deps.instance.joined.wait()
        # A first connection has its own time limit, after which publishing is refused: not what is looked at here.
        for lane in deps.streams.lanes:
            await insist(lambda lane=lane: lane.fetch("select 1"))  # type: ignore[misc]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

        async def one(n: int) -> None:
            await asyncio.sleep(SPREAD_SECONDS * n / events)
            # The same clock in every process of a machine.
            await deps.streams.publish("room:1", "test:event", {"at": time.monotonic()})

        await asyncio.gather(*(one(n) for n in range(events)))


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
