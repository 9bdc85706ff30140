"""An address of several hosts: the one that takes writes is found beside those that are silent, gone or behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from app.config import ConfigError, load
from app.errors import AppError
from app.pg.connect import Connector, servers
from app.pg.operators import connect as connect_plainly
from app.pg.pool import Database
from tests.cluster import free_port
from tests.signals import soon, until


def several(dsn: str, *ports: int) -> str:
    """Hosts of 127.0.0.1 at these ports before the address's own."""
    parts = urlsplit(dsn)
    hosts = ",".join(f"127.0.0.1:{port}" for port in (*ports, parts.port))
    return urlunsplit(parts._replace(netloc=f"postgres@{hosts}", query="target_session_attrs=read-write"))


@contextlib.asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """The port of a host that takes connections and says nothing, as a frozen one does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_an_address_of_several_hosts_is_one_for_each() -> None:
    assert servers("postgresql://u:p@a:1,[::1]:2,c/d?x=y") == [
        "postgresql://u:p@a:1/d?x=y",
        "postgresql://u:p@[::1]:2/d?x=y",
        "postgresql://u:p@c/d?x=y",
    ]
    assert servers("postgresql://u:p,q@a:1/d") == ["postgresql://u:p,q@a:1/d"]


def test_several_hosts_without_a_word_on_which_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"DATABASE_URL.*target_session_attrs=read-write"):
        load({"DATABASE_URL": "postgresql://u@a:1,b:2/d"})
    for wanted in ("read-write", "primary"):
        load({"DATABASE_URL": f"postgresql://u@a:1,b:2/d?target_session_attrs={wanted}"})


async def test_a_silent_first_host_is_passed_by(dsn: str) -> None:
    """Its whole time limit would be 100 s."""
    connector = Connector(seconds=100, stagger_seconds=0.01)
    async with silent() as port:
        first = await soon(Connector(seconds=5, stagger_seconds=0.01).connect(several(dsn, port), timeout=100))
        assert await first.fetchval("select 1") == 1
        # Once the timeline is known nobody is waited for.
        connector._timeline = 1
        second = await soon(connector.connect(several(dsn, port), timeout=100))
        for connection in (first, second):
            await connection.close()


async def test_a_host_that_refuses_is_passed_by(dsn: str) -> None:
    connection = await soon(Connector(seconds=30).connect(several(dsn, free_port()), timeout=100))
    await connection.close()


async def test_what_a_host_says_is_told_and_not_that_another_is_silent(dsn: str) -> None:
    absent = dsn.rpartition("/")[0] + "/absent"
    async with silent() as port:
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await Connector(seconds=5, stagger_seconds=0.01).connect(several(absent, port), timeout=100)
        with pytest.raises(TimeoutError):
            await Connector(seconds=0.1).connect(several(f"postgresql://u@127.0.0.1:{port}/d", port), timeout=100)


async def test_a_caller_that_gives_up_leaves_no_connection(dsn: str) -> None:
    async with silent() as port:
        connecting = asyncio.create_task(
            Connector(seconds=100, stagger_seconds=0).connect(
                several(dsn, port), timeout=100, server_settings={"application_name": "given-up"}
            )
        )
        watcher = await asyncpg.connect(dsn)
        count = "select count(*) from pg_stat_activity where application_name = 'given-up'"
        await until(lambda: watcher.fetchval(count))
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await until(lambda: watcher.fetchval(f"select ({count}) = 0"))
        await watcher.close()


async def test_every_connection_notices_a_peer_that_vanished(dsn: str) -> None:
    connector = Connector(keepalive_seconds=7)
    db = Database(dsn, size=1, acquire_seconds=30, statement_seconds=30, name="test", connector=connector)
    async with db.connection() as connection:
        sock = connection._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 7
    await db.close()


async def test_idle_connections_are_let_go_when_one_finds_no_primary(dsn: str) -> None:
    """A server that was demoted in place goes on answering, and each of them would refuse in its turn."""
    db = Database(dsn, size=2, acquire_seconds=30, statement_seconds=30, name="test")

    async def pid() -> int:
        return int(await db.fetchval("select pg_backend_pid()"))

    async def refused() -> None:
        with pytest.raises(AppError, match="unavailable"):
            async with db.connection() as connection, connection.transaction(readonly=True):
                await connection.execute("create table refused ()")

    before = await pid()
    assert await pid() == before
    await refused()
    assert await pid() != before
    # At most once a second: the next refusal lets nothing go.
    after = await pid()
    await refused()
    assert await pid() == after
    await db.close()


async def test_a_pool_that_is_full_keeps_its_connections(dsn: str) -> None:
    db = Database(dsn, size=1, acquire_seconds=30, statement_seconds=30, name="test")
    async with db.connection() as connection:
        db.acquire_seconds = 0.05
        pid = await connection.fetchval("select pg_backend_pid()")
        with pytest.raises(AppError, match="unavailable"):
            await db.fetchval("select 1")
    db.acquire_seconds = 30
    assert await db.fetchval("select pg_backend_pid()") == pid
    await db.close()


async def test_the_migrators_connection_passes_a_host_by(dsn: str) -> None:
    def connect() -> int:
        with connect_plainly(several(dsn, free_port()), "test") as connection:
            row = connection.execute("select 1").fetchone()
        assert row is not None
        return int(row[0])

    assert await asyncio.to_thread(connect) == 1
