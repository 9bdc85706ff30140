"""A load that has nothing to do with the bus: 8 connections, each commit a row of 200 bytes, at a pace or without.

argv: address, seconds, inserts a second (0: as many as there can be). Prints {"rate"}: commits a second.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import asyncpg
import uvloop

CONNECTIONS = 8
SQL = "insert into bench_orders (body) values ($1)"
TABLE = "create table if not exists bench_orders (id bigint generated always as identity primary key, body text)"


async def main(dsn: str, seconds: float, pace: float) -> None:
    n = 0
    async with asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        await pool.execute(TABLE)
        started = time.perf_counter()
        until = started + seconds

        async def one() -> None:
            nonlocal n
            async with pool.acquire() as connection:
                while time.perf_counter() < until:
                    await connection.execute(SQL, "x" * 200)
                    n += 1
                    if pace:
                        await asyncio.sleep(max(0.0, started + n / pace - time.perf_counter()))

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    print(json.dumps({"rate": n / seconds}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
