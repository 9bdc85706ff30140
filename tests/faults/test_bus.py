"""The bus when lines go dead and PostgreSQL restarts: later, never less."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.deps import Deps
from app.main import open_deps
from app.metrics import Metrics
from app.pg.bell import Bell
from app.pg.line import Line
from app.pg.migrate import migrate
from app.pg.pool import Database
from app.pg.stream import Streams, append
from tests.cluster import Cluster, run_as, start_cluster
from tests.faults.proxy import proxied
from tests.faults.size import size
from tests.signals import Received, insist, soon, until

# How long the line stays dead after that was noticed; thirty seconds in all in the full size.
DEAF_SECONDS = size(0.0, 23.0)
# One safety poll, for this part of the events: a machine that stands still makes some of them late, not half.
LATE_SECONDS, LATE_SHARE = size((3.0, 0.5), (1.2, 0.99))
FOLLOWED = 12
# Seven and the wait of the ring that tells; without the canary it would be never.
NOTICED_SECONDS = size(25.0, 10.0)
# Without polls it would be half a minute.
CAUGHT_UP_SECONDS = size(15.0, 1.0)
LISTENING_SECONDS = size(15.0, 0.5)
CUT_LISTENERS = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where datname = current_database() and application_name = 'trunkline:listen'"
)


async def publish(deps: Deps, n: int = 1) -> None:
    await append(deps.db, [("user:1", "test:event", {})] * n)
    deps.bell.ring()


def is_live(deps: Deps, expected: bool = True) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return deps.bell.is_live is expected

    return check


async def test_a_line_that_goes_dead_silently_is_noticed_and_polled_around(settings: Settings) -> None:
    async with (
        proxied(settings.database_url) as (proxy, address),
        open_deps(dataclasses.replace(settings, database_listen_url=address)) as cut_off,
        open_deps(settings) as writer,
    ):
        received = Received(cut_off)
        await cut_off.streams.watch("user:1")
        await until(is_live(cut_off))
        proxy.black_hole()
        started = asyncio.get_running_loop().time()
        late = await soon(follow(writer, received, is_live(cut_off, False)), 60)
        noticed = asyncio.get_running_loop().time() - started
        late += await follow(writer, received, for_seconds(DEAF_SECONDS), FOLLOWED)
        proxy.heal()
        # Its statements under way have to end first: ten seconds, and five to connect.
        await until(is_live(cut_off), 60)
        await publish(writer)
        assert await received.numbers(1) == [len(late) + 1]
        assert reconnects(cut_off) > 0
    late.sort()
    p99 = late[int(len(late) * 0.99)]
    print(f"a dead line noticed after {noticed:.1f} s; {len(late)} events meanwhile, p99 of arrival {p99:.2f} s")
    assert noticed < NOTICED_SECONDS
    assert late[int(len(late) * LATE_SHARE)] < LATE_SECONDS


def reconnects(deps: Deps) -> float:
    lines = deps.metrics.render().decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith("trunkline_listener_reconnects_total"))


async def follow(
    writer: Deps, received: Received, is_over: Callable[[], Awaitable[bool]], least: int = 0
) -> list[float]:
    """Write and hear one event after the other until something holds; how long each took to arrive."""
    clock = asyncio.get_running_loop().time
    late: list[float] = []
    while len(late) < least or not await is_over():
        started = clock()
        [seq] = await append(writer.db, [("user:1", "test:event", {})])
        writer.bell.ring()
        assert await received.numbers(1) == [seq]
        late.append(clock() - started)
    return late


def for_seconds(seconds: float) -> Callable[[], Awaitable[bool]]:
    ends = asyncio.get_running_loop().time() + seconds

    async def check() -> bool:
        return asyncio.get_running_loop().time() >= ends

    return check


async def test_what_is_written_while_no_listener_hears_is_caught_up_in_order(settings: Settings) -> None:
    """LISTEN's connections are cut: two hundred events meanwhile, each once, by both processes."""
    async with open_deps(settings) as one, open_deps(settings) as other:
        heard = [Received(deps) for deps in (one, other)]
        for deps in (one, other):
            await deps.streams.watch("user:1")
            await until(is_live(deps))
        clock = asyncio.get_running_loop().time
        started = clock()
        # One that just comes back by itself hears nothing, either.
        assert await one.db.fetchval(CUT_LISTENERS) > 0
        for _ in range(10):
            await publish(one, 20)
        assert [await received.numbers(200) for received in heard] == [list(range(1, 201))] * 2
        caught_up = clock() - started
        for deps in (one, other):
            await until(is_live(deps))
        live = clock() - started
    print(f"listeners cut: 200 events caught up after {caught_up:.2f} s, listening again after {live:.2f} s")
    assert caught_up < CAUGHT_UP_SECONDS
    assert live < LISTENING_SECONDS


async def test_a_process_that_stood_still_finds_what_is_recent_no_more(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cheap look reaches back some seconds only: after a longer pause it would miss what came meanwhile."""
    monkeypatch.setattr("app.pg.stream.RECENT_SECONDS", 0.2)
    streams = Streams(db, Bell(Line(db.dsn, "test"), Metrics()))  # not run: looks when it is told to
    told: list[int] = []
    streams.deliver = lambda channel, events: told.extend(event.seq for event in events)
    await streams.watch("user:1")
    assert await streams.run_once() == 0
    await append(db, [("user:1", "test:event", {})])
    await until(lambda: db.fetchval("select now() - max(at) > interval '0.2 s' from rt.event"))
    assert await streams.run_once() == 1
    assert told == [1]


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[Cluster]:
    """A server of our own with fsync on, which a test may crash."""
    with start_cluster(tmp_path, durable=True) as cluster:
        migrate(cluster.dsn("postgres"))
        yield cluster


def crash(cluster: Cluster) -> None:
    """No checkpoint, no goodbye; then start again with the same options."""
    command = [cluster.bin / "pg_ctl", "-D", cluster.data, "-m", "immediate", "-w", "-l", cluster.data.parent / "log"]
    subprocess.run(
        [*command, "restart"],
        check=True,
        cwd=cluster.data.parent,
        stdout=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        **run_as(),  # type: ignore[call-overload]
    )


async def test_a_crash_of_postgresql_loses_no_event_and_no_number(durable: Cluster, settings: Settings) -> None:
    async with open_deps(dataclasses.replace(settings, database_url=durable.dsn("postgres"))) as deps:
        received = Received(deps)
        await deps.streams.watch("user:1")
        await publish(deps, 3)
        assert await received.numbers(3) == [1, 2, 3]
        await deps.db.execute("select cache.put_many(array['k'], array['1'], array[3600])")
        await append(deps.db, [("user:1", "test:event", {})] * 2)
        await asyncio.to_thread(crash, durable)

        assert await received.numbers(2) == [4, 5]
        await until(is_live(deps))
        await insist(lambda: publish(deps))
        assert await received.numbers(1) == [6]
        # The cache is allowed to be empty, and works on.
        assert await insist(lambda: deps.db.fetchval("select count(*) from cache_data")) == 0
        await insist(lambda: deps.db.execute("select cache.put_many(array['k'], array['2'], array[3600])"))
