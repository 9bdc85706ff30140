"""Table cache_data: one builder, no old value after a drop, bounded eviction."""

from __future__ import annotations

import asyncio
from typing import Any

from app.pg.pool import Database
from tests.sql.rows import backend_waits, connected, explain_into


async def get(db: Any, key: str) -> Any:
    return await db.fetchval("select value from cache.get($1)", [key])


async def put(db: Any, key: str, value: str, seconds: float = 3600) -> None:
    await db.execute("select cache.put_many(array[$1], array[$2], array[$3::float8])", key, value, seconds)


async def lease(db: Any, key: str = "k") -> Any:
    row = await db.fetchrow("select token, value, is_fresh from cache.lease(array[$1])", key)
    return row and row["token"]


async def fill(db: Any, token: Any, value: str, fresh: float = 3600, stale: float = 3600) -> bool:
    sql = "select cache.fill(array['k'], array[$1::bigint], array[$2], array[$3::float8], array[$4::float8])"
    return bool(await db.fetchval(sql, token, value, fresh, stale) == "k")


async def test_what_is_put_is_got_until_it_expires(db: Database) -> None:
    await put(db, "a", '{"n": 1}')
    await put(db, "b", "2", -1)
    assert (await get(db, "a"), await get(db, "b"), await get(db, "c")) == ({"n": 1}, None, None)


async def test_one_of_many_gets_the_lease(db: Database, dsn: str) -> None:
    async def ask() -> Any:
        async with connected(dsn) as connection:
            return await lease(connection)

    tokens = await asyncio.gather(*(ask() for _ in range(20)))
    assert sum(token is not None for token in tokens) == 1


async def test_a_stale_value_is_served_while_one_builds(db: Database) -> None:
    await fill(db, await lease(db), "1", fresh=-1)
    row = await db.fetchrow("select * from cache.get(array['k'])")
    assert row is not None
    assert (row["value"], row["fresh_seconds"]) == (1, -1)
    token = await lease(db)
    assert token is not None
    assert await lease(db) is None
    assert await fill(db, token, "2")
    assert await get(db, "k") == 2


async def test_a_build_that_began_before_a_drop_is_not_stored(db: Database) -> None:
    token = await lease(db)
    await db.execute("select cache.drop(array['k'])")
    assert not await fill(db, token, '"old"')
    assert await get(db, "k") is None


async def test_a_fill_waits_for_the_writer_that_drops_and_then_fails(db: Database, dsn: str) -> None:
    token = await lease(db)
    async with connected(dsn) as writer, connected(dsn) as builder:
        change = writer.transaction()
        await change.start()
        await writer.execute("select cache.drop(array['k'])")
        filling = asyncio.create_task(fill(builder, token, '"old"'))
        await backend_waits(db, builder.get_server_pid())
        await change.commit()
        assert await filling is False


async def test_a_lease_on_an_absent_key_waits_for_the_writer_that_drops_it(db: Database, dsn: str) -> None:
    async with connected(dsn) as writer, connected(dsn) as builder:
        change = writer.transaction()
        await change.start()
        await writer.execute("select cache.drop(array['k'])")
        leasing = asyncio.create_task(lease(builder))
        await backend_waits(db, builder.get_server_pid())
        await change.commit()
        assert await leasing is not None


async def test_a_lease_does_not_bring_an_expired_value_back(db: Database) -> None:
    await put(db, "k", "1", -1)
    assert await lease(db) is not None
    assert await get(db, "k") is None


async def test_each_write_evicts_a_bounded_number_and_many_evict_all(db: Database) -> None:
    await db.execute("alter table cache_data disable trigger evict_expired")
    await db.execute(
        "insert into cache_data (key, value, expires_at)"
        " select 'old:' || n, to_jsonb(n), now() - interval '1 s' from generate_series(1, 3000) n"
    )
    await db.execute("alter table cache_data enable trigger evict_expired")
    await put(db, "live:0", "0")
    after_one = await db.fetchval("select count(*) from cache_data where key like 'old:%'")
    assert 3000 - 64 <= after_one < 3000
    for n in range(1, 300):
        await put(db, f"live:{n}", "0")
    assert await db.fetchval("select count(*) from cache_data where key like 'old:%'") == 0
    assert await db.fetchval("select count(*) from cache_data where key like 'live:%'") == 300


async def test_the_eviction_reads_a_range_of_pages_only(db: Database) -> None:
    rows = await db.fetch(
        "explain select ctid from cache_data where ctid >= '(0,0)'::tid and ctid < '(2,0)'::tid and expires_at < now()"
    )
    assert "Tid Range Scan" in "\n".join(row[0] for row in rows)


async def test_a_write_reads_a_few_pages_also_when_its_connection_knew_the_table_small(db: Database) -> None:
    plans: list[str] = []
    async with db.connection() as connection:
        for _ in range(8):
            await put(connection, "k", "1")
        await connection.execute(
            "insert into cache_data (key, value, expires_at)"
            " select 'k' || n, to_jsonb(n), now() + interval '1 hour' from generate_series(1, 5000) n"
        )
        stop = await explain_into(connection, plans)
        await put(connection, "k", "1")
        stop()
    evictions = [plan for plan in plans if "Delete on cache_data" in plan]
    assert len(evictions) == 1
    assert "Tid Range Scan" in evictions[0]
    assert "Seq Scan" not in evictions[0], evictions[0]


async def test_a_refresh_stays_on_its_page(db: Database) -> None:
    async with db.connection() as connection:
        for n in range(20):
            await put(connection, "k", str(n))
        await connection.execute("select pg_stat_force_next_flush()")
    row = await db.fetchrow("select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'cache_data'")
    assert row is not None
    assert row["n_tup_upd"] == row["n_tup_hot_upd"] == 19


async def test_over_its_size_the_table_loses_what_expires_soonest(db: Database) -> None:
    await db.execute("alter table cache_data disable trigger evict_expired")
    await db.execute(
        "insert into cache_data (key, value, fresh_until, expires_at)"
        " select 'k:' || n, to_jsonb(repeat(md5(n::text), 30)), now(), now() + n * interval '1 minute'"
        " from generate_series(1, 1000) n"
    )
    assert await db.fetchval("select cache.shrink(100000000)") == 0
    assert 0 < await db.fetchval("select cache.shrink(300000)") < 1000
    row = await db.fetchrow("select min(substr(key, 3)::int), max(substr(key, 3)::int), count(*) from cache_data")
    assert row is not None
    assert row["max"] == 1000
    assert row["count"] == 1000 - row["min"] + 1
    assert await db.fetchval("select sum(pg_column_size(value)) from cache_data") <= 300_000
    await db.execute("update cache_data set expires_at = now() - interval '1 s' where key = 'k:999'")
    assert await db.fetchval("select cache.shrink(300000)") >= 1


async def test_many_values_are_stored_in_one_statement(db: Database) -> None:
    await db.execute("select cache.put_many(array['b', 'a'], array['{\"n\": 1}', '2'], array[60, -1])")
    assert (await get(db, "b"), await get(db, "a")) == ({"n": 1}, None)
