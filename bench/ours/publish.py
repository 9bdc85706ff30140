"""Trunkline's durable publishes: writers that wait for each number, through the product's own streams."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import uvloop

from app import config
from app.main import open_deps

BODY = "x" * 200


async def main() -> None:
    dsn, writers, rooms, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    settings = config.load({**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "warning"})
    taken: list[float] = []
    async with open_deps(settings) as deps:

        async def write(writer: int, until: float) -> None:
            n = writer
            while (now := time.perf_counter()) < until:
                await deps.streams.publish(f"bench:{n % rooms}", "bench:line", {"text": BODY, "n": n})
                taken.append(time.perf_counter() - now)
                n += writers

        async def all_write(for_seconds: float) -> float:
            taken.clear()
            started = time.perf_counter()
            await asyncio.gather(*(write(n, started + for_seconds) for n in range(writers)))
            return len(taken) / (time.perf_counter() - started)

        await all_write(0.5)
        rate = await all_write(seconds)
        taken.sort()
        print(
            json.dumps(
                {"rate": rate, "p50": taken[len(taken) // 2] * 1000, "p99": taken[len(taken) * 99 // 100] * 1000}
            )
        )


if __name__ == "__main__":
    uvloop.run(main())
