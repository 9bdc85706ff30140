"""Trunkline's cache, one job a start.

argv: what, address, then: `speed` seconds; `hear` and `drop` number of keys (two processes, one line of JSON each
with the moments); `miss` callers.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import uvloop

from app import config
from app.deps import Deps
from app.main import open_deps
from app.pg import cache
from app.pg.bell import Ring
from bench.peers.cache_common import VALUE, drive, fill
from bench.peers.cache_common import key as key_of

NEAR_CALLS = 200_000
BUILD_SECONDS = 0.2


async def speed(deps: Deps, seconds: str) -> dict[str, object]:
    async def put(key: str) -> None:
        await deps.cache.put(key, VALUE, 600)

    async def get(key: str) -> None:
        assert await deps.cache.get(key, near_seconds=0)

    await fill(put)
    told: dict[str, object] = {"get": await drive(get, float(seconds)), "set": await drive(put, float(seconds))}
    await deps.cache.get("bench:1")
    started = time.perf_counter()
    for _ in range(NEAR_CALLS):
        await deps.cache.get("bench:1")
    return {**told, "near": NEAR_CALLS / (time.perf_counter() - started)}


async def hear(deps: Deps, n: str) -> dict[str, object]:
    """When each key was gone from this process; says `ready` once it holds them all."""
    gone: dict[str, float] = {}
    done = asyncio.Event()

    def look(ring: Ring) -> None:
        for key in ring.keys:
            if deps.cache.near.get(key) is None:
                gone.setdefault(key, time.time())
        if len(gone) == int(n):
            done.set()

    deps.bell.hear(look)
    for i in range(int(n)):
        await deps.cache.put(key_of(i), VALUE, 600)
        assert await deps.cache.get(key_of(i))
    while not deps.bell.is_live:  # noqa: ASYNC110  a fact of another loop, asked at the start only
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    async with asyncio.timeout(60):
        await done.wait()
    return {"at": gone}


async def drop(deps: Deps, n: str) -> dict[str, object]:
    """When each key's drop was committed."""
    dropped: dict[str, float] = {}
    for i in range(int(n)):
        await cache.drop(deps.db, key_of(i))
        dropped[key_of(i)] = time.time()
        deps.bell.ring(keys=[key_of(i)])
        await asyncio.sleep(0.02)
    return {"at": dropped}


async def miss(deps: Deps, callers: str) -> dict[str, object]:
    """How often a key was built that everybody asks for at once."""
    built = 0

    async def build() -> bytes:
        nonlocal built
        built += 1
        await asyncio.sleep(BUILD_SECONDS)
        return VALUE

    async def one() -> bytes:
        return await deps.cache.get_or_build("bench:hot", build, fresh_seconds=60)

    values = await asyncio.gather(*(one() for _ in range(int(callers))))
    assert all(json.loads(value) == json.loads(VALUE) for value in values)
    return {"built": built, "callers": len(values)}


async def main(what: str, dsn: str, argument: str) -> None:
    settings = config.load({**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "warning"})
    async with open_deps(settings) as deps:
        told = await {"speed": speed, "hear": hear, "drop": drop, "miss": miss}[what](deps, argument)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
