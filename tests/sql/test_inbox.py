"""Table inbox: an outside event is stored once with its job, applied once, and seen when it is stuck."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.errors import AppError
from app.pg.pool import Database
from tests.sql.rows import connected


async def store(db: Any, event: str = "e1") -> Any:
    return await db.fetchval("select inbox.store('test', $1, '{\"a\": 1}', 'default', 'apply')", event)


async def test_an_event_is_stored_once_with_one_job(db: Database) -> None:
    assert [await store(db), await store(db), await store(db, "e2")] == [True, False, True]
    assert await db.fetchval("select count(*) from q.job") == 2
    assert await db.fetchval("select payload ->> 'inbox_id' from q.job order by id limit 1") == "1"


async def test_twenty_repeats_at_once_are_one_event(db: Database, dsn: str) -> None:
    async def send() -> Any:
        async with connected(dsn) as connection:
            return await store(connection)

    assert sum(await asyncio.gather(*(send() for _ in range(20)))) == 1
    assert await db.fetchval("select count(*) from q.job") == 1


async def test_it_is_applied_once(db: Database) -> None:
    await store(db)
    assert await db.fetchval("select body from inbox.read(1)") == {"a": 1}
    assert await db.fetchval("select inbox.applied(1)") is True
    assert await db.fetchval("select inbox.applied(1)") is False
    assert await db.fetch("select * from inbox.read(1)") == []


async def test_a_stuck_event_is_seen_with_its_error_and_can_be_tried_again(db: Database) -> None:
    await store(db)
    await db.execute("select inbox.failed(1, 'no such video'); delete from q.job; delete from q.uniq")
    assert await db.fetch("select * from ops.inbox_stuck") == []
    await db.execute("update inbox set received_at = now() - interval '2 minutes'")
    assert await db.fetchval("select error from ops.inbox_stuck") == "no such video"
    assert await db.fetchval("select ops.retry_inbox(1, 'default', 'apply')") == "event 1 is queued"
    await db.execute("select inbox.applied(1)")
    with pytest.raises(AppError, match="inbox_not_found"):
        await db.execute("select ops.retry_inbox(1, 'default', 'apply')")


async def test_applied_events_are_forgotten_after_a_while(db: Database) -> None:
    await store(db)
    await store(db, "e2")
    await db.execute("select inbox.applied(1)")
    assert await db.fetchval("select inbox.purge(now() + interval '1 s')") == 1
    assert await db.fetchval("select count(*) from inbox") == 1
