"""Redis through redis-py with hiredis, a pool of 32 connections. argv: address, seconds. See cache_common.py."""

from __future__ import annotations

import json
import sys

import redis.asyncio
import uvloop
from cache_common import CALLERS, VALUE, drive, fill


async def main(address: str, seconds: float) -> None:
    pool = redis.asyncio.BlockingConnectionPool.from_url(address, max_connections=CALLERS)
    client = redis.asyncio.Redis(connection_pool=pool)

    async def put(key: str) -> None:
        await client.set(key, VALUE, ex=600)

    await fill(put)
    told = {"get": await drive(client.get, seconds), "set": await drive(put, seconds)}
    print(json.dumps(told), flush=True)
    await client.aclose()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], float(sys.argv[2])))
