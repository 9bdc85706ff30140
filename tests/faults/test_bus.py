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
from app.errors import AppError
from app.main import open_deps
from app.pg.migrate import migrate
from app.pg.stream import append
from tests.cluster import Cluster, run_as, start_cluster
from tests.faults.proxy import proxied
from tests.signals import Received, until


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
        await publish(writer, 3)
        assert await received.numbers(3) == [1, 2, 3]
        started = asyncio.get_running_loop().time()
        await until(is_live(cut_off, False))
        assert asyncio.get_running_loop().time() - started < 9
        await publish(writer, 2)
        assert await received.numbers(2) == [4, 5]
        proxy.heal()
        await until(is_live(cut_off), 20)
        await publish(writer)
        assert await received.numbers(1) == [6]


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

        async def is_back() -> bool:
            try:
                return bool(await deps.db.fetchval("select true"))
            except AppError:
                return False

        await until(is_back, 30)
        assert await received.numbers(2) == [4, 5]
        await until(is_live(deps), 30)
        await publish(deps)
        assert await received.numbers(1) == [6]
        # The cache is allowed to be empty, and works on.
        assert await deps.db.fetchval("select count(*) from cache_data") == 0
        await deps.db.execute("select cache.put_many(array['k'], array['2'], array[3600])")
