"""Somebody forgets an open transaction: dead rows pile up, and claims must not walk them each time."""

from __future__ import annotations

import re

import asyncpg

from app.pg.floor import Floor
from app.pg.pool import Database
from app.pg.queue import Part
from tests.sql.rows import connected, join

BACKLOG = 20_000
BATCH = 250


async def buffers_of_a_turn(connection: asyncpg.Connection, instance: int, parts: list[Part]) -> int:
    """Pages one claim of BATCH jobs touches; its jobs are claimed and acknowledged afterwards."""
    columns = [[getattr(part, name) for part in parts] for name in ("queue_id", "priority", "id", "last")]
    plan = await connection.fetch(
        "explain (analyze, buffers, costs off, timing off)"
        " select id from q.turn($1, '{}', '{}', '{}', '{1}', $2, $3, $4, $5, $6)",
        instance,
        [BATCH],
        *columns,
    )
    found = re.search(r"shared hit=(\d+)", "\n".join(row[0] for row in plan))
    assert found is not None
    return int(found[1])


async def drain(connection: asyncpg.Connection, instance: int, jobs: int) -> None:
    for _ in range(jobs // BATCH):
        await connection.execute("select count(*) from q.turn($1, '{}', '{}', '{}', '{1}', $2)", instance, [BATCH])
        await connection.execute("delete from q.job where leased_by = $1", instance)


async def test_a_claim_reads_as_little_while_a_snapshot_is_held_as_without(db: Database, dsn: str) -> None:
    me = await join(db)
    floor = Floor(1)
    async with connected(dsn) as worker, connected(dsn) as forgetful:
        await worker.execute(
            "insert into q.job (queue, kind) select 1, 'k' from generate_series(1, $1::int) n", 3 * BACKLOG
        )
        fresh = await buffers_of_a_turn(worker, me, floor.parts(True))
        forgotten = forgetful.transaction(isolation="repeatable_read")
        await forgotten.start()
        await forgetful.fetch("select 1 from q.job limit 1")
        await drain(worker, me, BACKLOG)
        top = await worker.fetchval("select min(id) - 1 from q.job where leased_by is null")
        floor._tops[0] = top
        floored = await buffers_of_a_turn(worker, me, floor.parts(False))
        walked = await buffers_of_a_turn(worker, me, floor.parts(True))
        await forgotten.rollback()
    print(
        f"pages read to claim {BATCH} of {BACKLOG * 2}: {fresh} without dead rows; with {BACKLOG} of them held by a"
        f" snapshot {floored}, from the head of the queue {walked}"
    )
    assert floored < 1.25 * fresh + MARGIN_PAGES
    assert walked > 2 * floored


# The rows of the 200 numbers that are looked at again.
MARGIN_PAGES = 200
