"""The cache as callers use it: one build whoever asks, stale answers while it builds, failures passed on."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from app.deps import Deps
from app.pg import cache
from app.pg.pool import Database
from tests.signals import soon, until


class Build:
    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()
        self.started = asyncio.Event()

    async def __call__(self) -> bytes:
        self.count += 1
        number = self.count
        self.started.set()
        await self.go.wait()
        return str(number).encode()


@pytest.fixture
def build() -> Build:
    """Builds 1, 2, … as soon as asked; `go.clear()` holds the next one up."""
    built = Build()
    built.go.set()
    return built


@pytest.fixture(autouse=True)
def patient_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A builder that stood still for seconds is no dead one."""
    monkeypatch.setattr(cache, "HOLD_SECONDS", 60.0)


async def live(*processes: Deps) -> None:
    for process in processes:

        async def is_live(one: Deps = process) -> bool:
            return one.bell.is_live

        await until(is_live)


async def test_a_thousand_misses_in_two_processes_are_one_build(deps: Deps, other: Deps, build: Build) -> None:
    build.go.clear()
    asking = [
        asyncio.create_task(d.cache.get_or_build("k", build, fresh_seconds=60))
        for d in (deps, other)
        for _ in range(500)
    ]
    await soon(build.started.wait())
    build.go.set()
    assert set(await soon(asyncio.gather(*asking))) == {b"1"}
    assert build.count == 1


async def test_ten_thousand_keys_that_expire_at_once_are_built_once_each(deps: Deps, other: Deps) -> None:
    """A thousand keys, ten callers each, in two processes."""
    built: list[int] = []

    def builder(n: int) -> Any:
        async def build() -> bytes:
            built.append(n)
            return b"1"

        return build

    asks = [
        d.cache.get_or_build(f"k{n}", builder(n), fresh_seconds=60)
        for n in range(1000)
        for d in (deps, other)
        for _ in range(5)
    ]
    await soon(asyncio.gather(*asks), 60)
    assert sorted(built) == list(range(1000))


async def test_a_stale_value_is_answered_at_once_while_one_builds(deps: Deps, db: Database, build: Build) -> None:
    # Whoever hears of that forgets the builds under way.
    await live(deps)
    await deps.cache.get_or_build("k", build, fresh_seconds=60, stale_seconds=60, near_seconds=0)
    await db.execute("update cache_data set fresh_until = now()")
    build.go.clear()
    build.started.clear()
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60, stale_seconds=60, near_seconds=0) == b"1"
    await soon(build.started.wait())
    flight = deps.cache._flights["k"]
    build.go.set()
    await soon(flight)
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60) == b"2"


async def test_a_failed_build_reaches_its_callers_and_frees_the_key(deps: Deps, build: Build) -> None:
    async def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deps.cache.get_or_build("k", fail, fresh_seconds=60)
    assert await soon(deps.cache.get_or_build("k", build, fresh_seconds=60)) == b"1"


async def test_a_dropped_key_is_built_again(deps: Deps, db: Database, build: Build) -> None:
    await live(deps)
    await deps.cache.get_or_build("k", build, fresh_seconds=60, near_seconds=60)
    await cache.drop(db, "k")
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60) == b"1"
    deps.bell.ring(keys=["k"])
    assert await deps.cache.get_or_build("k", build, fresh_seconds=60) == b"2"


async def test_a_near_hit_asks_nobody_and_a_ring_of_another_process_ends_it(
    deps: Deps, other: Deps, db: Database, build: Build
) -> None:
    await live(deps, other)
    await deps.cache.get_or_build("k", build, fresh_seconds=60, near_seconds=60)
    await db.execute("update cache_data set value = '7'")
    assert await deps.cache.get("k") == b"1"
    other.bell.ring(keys=["k"])

    async def is_seen() -> bool:
        return await deps.cache.get("k") == b"7"

    await until(is_seen)


async def test_a_fetch_that_raced_a_drop_is_not_kept_near(deps: Deps, db: Database) -> None:
    """The row is read, the key dropped and rung, and only then the answer arrives."""
    await live(deps)
    await deps.cache.put("k", b'"old"', 60)
    real = deps.cache.line.fetch

    async def late(sql: str, *args: Any) -> list[asyncpg.Record]:
        rows = await real(sql, *args)
        await cache.drop(db, "k")
        deps.bell.ring(keys=["k"])
        return rows

    deps.cache.line.fetch = late  # type: ignore[method-assign]
    assert await deps.cache.get("k") == b'"old"'
    deps.cache.line.fetch = real  # type: ignore[method-assign]
    assert deps.cache.near.get("k") is None
    assert await deps.cache.get("k") is None


async def test_who_asks_after_a_drop_does_not_share_a_build_from_before(deps: Deps, db: Database, build: Build) -> None:
    build.go.clear()
    early = asyncio.create_task(deps.cache.get_or_build("k", build, fresh_seconds=60))
    await soon(build.started.wait())
    await cache.drop(db, "k")
    deps.bell.ring(keys=["k"])
    late = asyncio.create_task(deps.cache.get_or_build("k", build, fresh_seconds=60))

    async def is_second() -> bool:
        return build.count == 2

    await until(is_second)
    build.go.set()
    assert (await soon(early), await soon(late)) == (b"1", b"2")
    assert await deps.cache.get("k") == b"2"


async def test_near_values_are_bypassed_while_the_listener_is_down_and_forgotten_when_it_is_back(
    deps: Deps, db: Database
) -> None:
    await live(deps)
    await deps.cache.put("k", b"1", 60)
    await deps.cache.get("k", near_seconds=60)
    await db.execute("update cache_data set value = '2'")
    deps.bell.is_live = False
    assert await deps.cache.get("k") == b"2"
    deps.bell.is_live = True
    # Bypassed, not forgotten: what was near is here again, until "look everywhere" comes.
    assert await deps.cache.get("k") == b"1"
    deps.bell.ring()
    assert await deps.cache.get("k") == b"2"


async def test_near_values_are_bounded_in_bytes_and_the_least_used_goes_first(deps: Deps) -> None:
    await live(deps)
    near = deps.cache.near
    near.maximum_bytes = 3500
    for n in range(3):
        assert near.keep(f"k{n}", b"x" * 900, 60, near.mark(f"k{n}"))
    assert near.get("k0") is not None
    assert near.keep("k3", b"x" * 900, 60, near.mark("k3"))
    assert [near.get(f"k{n}") is not None for n in range(4)] == [True, False, True, True]
    assert near.bytes <= near.maximum_bytes
    assert not near.keep("large", b"x" * 4000, 60, near.mark("large"))


async def test_near_values_end_with_their_time(deps: Deps) -> None:
    await live(deps)
    near, now = deps.cache.near, 1000.0
    near.clock = lambda: now
    assert near.keep("k", b"1", 5, near.mark("k"))
    now = 1004.9
    assert near.get("k") == b"1"
    now = 1005.0
    assert near.get("k") is None
    assert near.bytes == 0


async def test_lookups_of_one_moment_are_one_statement(deps: Deps) -> None:
    await asyncio.gather(*(deps.cache.put(f"k{n}", b"1", 60) for n in range(100)))
    asked = 0
    real = deps.cache.line.fetch

    async def counted(sql: str, *args: Any) -> list[asyncpg.Record]:
        nonlocal asked
        asked += 1
        return await real(sql, *args)

    deps.cache.line.fetch = counted  # type: ignore[method-assign]
    found = await asyncio.gather(*(deps.cache.get(f"k{n % 110}") for n in range(200)))
    assert found.count(b"1") == 190
    assert asked <= 2


async def test_a_value_that_is_no_json_hurts_only_its_own_caller(deps: Deps) -> None:
    answers = await asyncio.gather(
        deps.cache.put("a", b"1", 60), deps.cache.put("b", b"{", 60), deps.cache.put("a", b"2", 60),
        return_exceptions=True,
    )  # fmt: skip
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, False]
    assert await deps.cache.get("a") == b"2"


async def test_counts_reach_the_table_in_one_batch(deps: Deps, db: Database) -> None:
    for _ in range(1000):
        deps.counters.add("test", 7)
    deps.counters.add("test", 8, 5)
    await deps.counters.run_once()
    taken = {row["id"]: row["n"] for row in await db.fetch("select * from ct.take('test')")}
    assert taken == {7: 1000, 8: 5}


async def test_operators_see_keys_and_hits(deps: Deps, db: Database) -> None:
    await live(deps)
    await deps.cache.put("k", b'{"a": 1}', 60)
    await deps.cache.get("k", near_seconds=60)
    await deps.cache.get("k")
    await deps.cache.get("absent")
    await deps.counters.run_once()
    row = await db.fetchrow("select fresh, near, hit, miss, percent_answered, value_bytes > 0 from ops.cache")
    assert row is not None
    assert [str(value) for value in row] == ["1", "1", "1", "1", "66.7", "True"]
