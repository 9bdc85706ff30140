"""The cache when builders die, listeners hear nothing and tables change under planned statements."""

from __future__ import annotations

import asyncio
import dataclasses

from app.config import Settings
from app.main import open_deps
from app.pg import cache
from app.pg.pool import Database
from tests.faults.proxy import proxied
from tests.faults.size import size
from tests.signals import soon, until
from tests.sql.rows import connected


async def test_a_builder_that_died_is_followed_by_another_and_cannot_store_any_more(db: Database) -> None:
    dead = await db.fetchval("select token from cache.lease(array['k'], '30 ms')")

    async def lease() -> int | None:
        token: int | None = await db.fetchval("select token from cache.lease(array['k'], '1 minute')")
        return token

    heir = await until(lease)
    fill = "select cache.fill(array['k'], array[$1::bigint], array[$2], array[60], array[0])"
    assert await db.fetchval(fill, dead, '"old"') is None
    assert await db.fetchval(fill, heir, '"new"') == "k"
    assert await db.fetchval("select value from cache.get(array['k'])") == "new"


async def test_a_near_value_is_bypassed_when_the_listener_goes_dead_without_a_word(settings: Settings) -> None:
    """No ring can arrive, so the only bound is the canary's: five seconds, and two of waiting."""
    async with (
        proxied(settings.database_url) as (proxy, address),
        open_deps(dataclasses.replace(settings, database_listen_url=address)) as deaf,
        open_deps(settings) as writer,
    ):
        # Lookups take the direct line, too: here only the listener is to be deaf.
        deaf.cache.line = deaf.db

        async def are_live() -> bool:
            return deaf.bell.is_live and writer.bell.is_live

        await until(are_live)
        await writer.cache.put("k", b"1", 600)

        async def is_near() -> bool:
            # For ten minutes: nothing but the dead line is to end it.
            assert await deaf.cache.get("k", near_seconds=600) == b"1"
            return deaf.cache.near.get("k") is not None

        await until(is_near)
        proxy.black_hole()
        started = asyncio.get_running_loop().time()
        await cache.drop(writer.db, "k")
        writer.bell.ring(keys=["k"])

        async def is_gone() -> bool:
            return await deaf.cache.get("k") is None

        await until(is_gone)
        took = asyncio.get_running_loop().time() - started
        print(f"a dropped value was answered for {took:.1f} s by a process that heard nothing")
        # Seven, and the wait of the ring that tells.
        assert took < size(25, 10)
        proxy.heal()


async def test_statements_planned_before_a_migration_work_after_it(db: Database) -> None:
    """A function of another shape and a new column, under connections that have the old ones prepared."""
    await db.execute("create table t (a int); insert into t values (1)")
    await db.execute("create function util.shape() returns table (a int) language sql as 'select 1'")
    for _ in range(8):
        assert len((await db.fetch("select * from t"))[0]) == 1
        assert len((await db.fetch("select * from util.shape()"))[0]) == 1
    await db.execute("alter table t add column b int default 2")
    await db.execute("drop function util.shape()")
    await db.execute("create function util.shape() returns table (a int, b text) language sql as $$ select 1, 'x' $$")
    assert tuple((await db.fetch("select * from t"))[0]) == (1, 2)
    assert tuple((await db.fetch("select * from util.shape()"))[0]) == (1, "x")


async def test_lookups_do_not_wait_behind_a_store_that_waits_for_a_writer(settings: Settings, dsn: str) -> None:
    # Longer than a lookup may take here: the store must not give up and let one pass that waited behind it.
    patient = dataclasses.replace(settings, db_statement_seconds=90.0)
    async with open_deps(patient) as deps, connected(dsn) as writer:
        await deps.cache.put("other", b"1", 600)
        async with writer.transaction():
            await writer.execute("select cache.drop(array['k'])")
            storing = asyncio.create_task(deps.cache.put("k", b"2", 60))

            async def is_waiting() -> bool:
                return bool(await deps.db.fetchval("select count(*) from pg_locks where not granted"))

            await until(is_waiting)
            assert await soon(deps.cache.get("other", near_seconds=0)) == b"1"
        await soon(storing)
