"""Somebody forgets a COMMIT: our own connections are ended, those of others are reported to the operator (F6)."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from app.errors import AppError
from app.pg.pool import Database
from tests.signals import until
from tests.sql.rows import connected

ENDED_SECONDS = 60.0


async def test_a_forgotten_transaction_of_our_own_is_ended_and_a_strangers_is_reported(db: Database, dsn: str) -> None:
    clock = asyncio.get_running_loop().time
    started = clock()
    async with connected(dsn) as stranger:
        await stranger.execute("begin")
        await stranger.execute("listen elsewhere")
        await stranger.execute("select 'forgotten by a person'")
        with pytest.raises(AppError, match="unavailable"):
            await forget(db)
        ended = clock() - started

        async def reported() -> asyncpg.Record | None:
            return await db.fetchrow("select * from ops.open_transactions where application <> 'test'")

        row = await until(reported)
        assert row["pid"] == stranger.get_server_pid()
        assert (row["state"], row["last_query"]) == ("idle in transaction", "select 'forgotten by a person'")
        assert row["open_for"].total_seconds() >= 5
        assert await db.fetchval("select pg_terminate_backend($1)", row["pid"])

        async def is_gone() -> bool:
            return bool(stranger.is_closed())

        # A goodbye of ours would meet the server's.
        await until(is_gone)
    print(f"a transaction of ours that idles is ended after {ended:.1f} s; a stranger's is listed with pid and query")
    assert ended < ENDED_SECONDS


async def forget(db: Database) -> None:
    """Begin, listen, and do nothing until PostgreSQL ends the session."""
    async with db.transaction() as connection:
        await connection.execute("listen elsewhere")
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        async with asyncio.timeout(ENDED_SECONDS):
            await lost.wait()
        await connection.execute("select 1")
