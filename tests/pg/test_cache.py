"""The cache as callers use it: one build whoever asks, stale answers while it builds, failures passed on."""

from __future__ import annotations

import asyncio

import pytest

from app.deps import Deps
from app.pg import cache
from app.pg.pool import Database
from tests.signals import soon


class Build:
    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()
        self.started = asyncio.Event()

    async def __call__(self) -> int:
        self.count += 1
        self.started.set()
        await self.go.wait()
        return self.count


async def test_a_thousand_misses_in_two_processes_are_one_build(deps: Deps, other: Deps) -> None:
    build = Build()
    asking = [
        asyncio.create_task(d.cache.get_or_build("k", build, fresh_seconds=60))
        for d in (deps, other)
        for _ in range(500)
    ]
    await soon(build.started.wait())
    build.go.set()
    assert set(await soon(asyncio.gather(*asking))) == {1}
    assert build.count == 1


async def test_a_stale_value_is_answered_at_once_while_one_builds(deps: Deps, db: Database) -> None:
    build = Build()
    build.go.set()
    await deps.cache.get_or_build("k", build, fresh_seconds=60, stale_seconds=60)
    await db.execute("update cache_data set fresh_until = now()")
    build.go.clear()
    build.started.clear()
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60, stale_seconds=60) == 1
    await soon(build.started.wait())
    flight = deps.cache._flights["k"]
    build.go.set()
    await soon(flight)
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60) == 2


async def test_a_failed_build_reaches_its_callers_and_frees_the_key(deps: Deps) -> None:
    async def fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deps.cache.get_or_build("k", fail, fresh_seconds=60)
    build = Build()
    build.go.set()
    assert await soon(deps.cache.get_or_build("k", build, fresh_seconds=60)) == 1


async def test_a_dropped_key_is_built_again(deps: Deps, db: Database) -> None:
    build = Build()
    build.go.set()
    await deps.cache.get_or_build("k", build, fresh_seconds=60)
    await cache.drop(db, "k")
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60) == 2


async def test_counts_reach_the_table_in_one_batch(deps: Deps, db: Database) -> None:
    for _ in range(1000):
        deps.counters.add("test", 7)
    deps.counters.add("test", 8, 5)
    await deps.counters.run_once()
    taken = {row["id"]: row["n"] for row in await db.fetch("select * from ct.take('test')")}
    assert taken == {7: 1000, 8: 5}
