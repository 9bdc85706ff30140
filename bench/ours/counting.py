"""Increments of one counter: the product's counters, or the statement one would write first.

argv: how (counters, naive), address, seconds. One process of several; prints {"n", "seconds"}.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import asyncpg
import uvloop

from app import config
from app.main import open_deps

CALLERS = 16  # people at once in one process
TURN = 100  # increments between two looks at the loop, as requests would leave it


async def counters(dsn: str, seconds: float) -> int:
    """Everything counted is in the table when this returns."""
    n = 0
    settings = config.load({**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "warning"})
    async with open_deps(settings) as deps:
        await deps.instance.joined.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            for _ in range(TURN):
                deps.counters.add("bench", 1)
            n += TURN
            await asyncio.sleep(0)
        await deps.counters.run_once()
    return n


async def naive(dsn: str, seconds: float) -> int:
    """`update … set n = n + 1`, one commit each."""
    n = 0
    async with asyncpg.create_pool(dsn, min_size=CALLERS, max_size=CALLERS) as pool:
        until = time.perf_counter() + seconds

        async def one() -> None:
            nonlocal n
            while time.perf_counter() < until:
                await pool.execute("update bench_naive set n = n + 1 where id = 1")
                n += 1

        await asyncio.gather(*(one() for _ in range(CALLERS)))
    return n


async def main(how: str, dsn: str, seconds: str) -> None:
    started = time.perf_counter()
    n = await {"counters": counters, "naive": naive}[how](dsn, float(seconds))
    print(json.dumps({"n": n, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
