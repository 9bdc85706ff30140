"""Schema rt: dense numbers in commit order, catching up, partitions, leases, tickets."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from app.pg.pool import Database
from tests.signals import SECONDS, soon
from tests.sql.rows import backend_waits, connected


async def publish(db: Any, channel: str, data: Any = None) -> int:
    return int(await db.fetchval("select rt.publish($1, 'test:event', $2)", channel, data or {}))


async def append(db: Any, channels: list[str]) -> list[int]:
    n = len(channels)
    rows = await db.fetch("select * from rt.append($1, $2, $3) order by ord", channels, ["t"] * n, [{}] * n)
    return [row["seq"] for row in rows]


async def seqs(db: Database, channel: str, after: int = 0, limit: int = 10_000) -> list[int]:
    rows = await db.fetch("select seq from rt.catch_up($1, $2, $3, $4)", [channel], [after], [None], limit)
    return [row["seq"] for row in rows]


async def test_numbers_start_at_one_and_are_dense_per_channel(db: Database) -> None:
    assert [await publish(db, "user:1"), await publish(db, "user:2"), await publish(db, "user:1")] == [1, 1, 2]
    assert await append(db, ["user:1", "user:2", "user:1"]) == [3, 2, 4]
    assert await seqs(db, "user:1") == [1, 2, 3, 4]


async def test_a_rollback_leaves_no_gap(db: Database) -> None:
    await publish(db, "user:1")
    async with db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        assert await publish(connection, "user:1") == 2
        await transaction.rollback()
    assert await publish(db, "user:1") == 2


async def test_the_second_writer_waits_for_the_first_and_gets_the_next_number(db: Database, dsn: str) -> None:
    async with connected(dsn) as one, connected(dsn) as two:
        first = one.transaction()
        await first.start()
        assert await publish(one, "user:1") == 1
        second = asyncio.create_task(publish(two, "user:1"))
        await backend_waits(db, two.get_server_pid())
        assert await seqs(db, "user:1") == []
        await first.commit()
        assert await second == 2


async def test_many_writers_with_rollbacks_and_crossed_batches_lose_nothing(db: Database, dsn: str) -> None:
    """Writers append to the same channels in adverse order; a reader that follows sees every number once."""
    channels = [f"room:{n}" for n in range(4)]
    committed: list[tuple[str, int]] = []

    async def write(seed: int) -> None:
        dice = random.Random(seed)
        async with connected(dsn) as connection:
            for _ in range(40):
                batch = dice.sample(channels, dice.randint(1, 4)) * dice.randint(1, 2)
                transaction = connection.transaction()
                await transaction.start()
                numbers = await append(connection, batch)
                if dice.random() < 0.15:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    committed.extend(zip(batch, numbers, strict=True))

    await asyncio.gather(*(write(seed) for seed in range(6)))
    for channel in channels:
        written = sorted(seq for name, seq in committed if name == channel)
        assert written == list(range(1, len(written) + 1))
        assert await seqs(db, channel) == written


async def test_times_grow_with_numbers(db: Database) -> None:
    await append(db, ["user:1"] * 5)
    await publish(db, "user:1")
    ats = [row["at"] for row in await db.fetch("select at from rt.event order by seq")]
    assert ats == sorted(ats)


async def test_catching_up_many_channels_is_one_query_with_a_page_each(db: Database) -> None:
    await append(db, ["user:1"] * 5 + ["user:2"] * 5)
    rows = await db.fetch(
        "select channel, seq from rt.catch_up($1, $2, $3, 2)", ["user:1", "user:2", "user:3"], [1, 4, 0], [None] * 3
    )
    assert [tuple(row) for row in rows] == [("user:1", 2), ("user:1", 3), ("user:2", 5)]


async def test_a_cursors_time_keeps_older_days_closed(db: Database) -> None:
    await publish(db, "user:1")
    await db.execute("analyze rt.event")
    # Its own time: a minute before may be another day.
    at = await db.fetchval("select at from rt.event")
    async with db.connection() as connection:
        rows = await connection.fetch(
            "explain (analyze, costs off, timing off) select * from rt.catch_up($1, $2, $3, 10)", ["user:1"], [0], [at]
        )
    plan = "\n".join(row[0] for row in rows)
    assert plan.count("never executed") >= 1, plan


async def test_top_and_recent(db: Database) -> None:
    await append(db, ["user:1", "user:1", "user:2"])
    tops = {r["channel"]: r["last_seq"] for r in await db.fetch("select * from rt.top($1)", ["user:1", "user:9"])}
    assert tops == {"user:1": 2, "user:9": 0}
    recent = await db.fetch("select * from rt.recent(now() - interval '1 minute') order by channel")
    assert [tuple(row) for row in recent] == [("user:1", 2), ("user:2", 1)]
    assert await db.fetch("select * from rt.recent(now() + interval '1 minute')") == []


async def test_the_epoch_is_a_small_positive_number_that_stays(db: Database) -> None:
    epoch = await db.fetchval("select rt.epoch()")
    assert 0 <= epoch < 2**31
    assert await db.fetchval("select rt.epoch()") == epoch


async def test_partitions_are_made_ahead_by_twenty_at_once(db: Database, dsn: str) -> None:
    # The same for all: midnight may come between two of them.
    later = datetime.now(UTC) + timedelta(days=30)

    async def ensure() -> int:
        async with connected(dsn) as connection:
            return int(await connection.fetchval("select rt.ensure_partitions(2, $1)", later))

    made = await asyncio.gather(*(ensure() for _ in range(20)))
    assert sum(made) == 4


async def test_a_new_day_waits_for_nobody(db: Database, dsn: str) -> None:
    later = datetime.now(UTC) + timedelta(days=30)
    async with connected(dsn) as busy, busy.transaction():
        await busy.fetch("select count(*) from rt.event")
        await publish(busy, "user:1")
        assert await soon(db.fetchval("select rt.ensure_partitions(0, $1)", later)) == 2
    await db.execute("insert into rt.event (channel, seq, at, type, data) values ('user:1', 2, $1, 't', '{}')", later)


async def test_old_days_are_dropped_and_a_long_reader_is_not_waited_for(db: Database, dsn: str) -> None:
    past = datetime.now(UTC) - timedelta(days=30)
    await db.execute("select rt.ensure_partitions(0, $1)", past)
    edge = datetime.now(UTC) - timedelta(days=10)
    async with connected(dsn) as reader, reader.transaction():
        await reader.fetch("select count(*) from rt.event")
        assert await db.fetchval("select rt.drop_partitions($1)", edge) == 0
    assert await db.fetchval("select rt.drop_partitions($1)", edge) == 2
    await publish(db, "user:1")


async def waits_or_ends(db: Database, pid: int, task: asyncio.Task[Any]) -> None:
    """Return once the backend waits for another, or its task is over: its wait may be shorter than two looks."""
    async with asyncio.timeout(SECONDS):
        while not task.done() and not await db.fetchval("select cardinality(pg_blocking_pids($1)) > 0", pid):
            pass


async def test_two_processes_drop_the_same_day_at_once(db: Database, dsn: str) -> None:
    """A leader that believes it still leads: the lease saves work, it guards nothing."""
    past = datetime.now(UTC) - timedelta(days=20)
    await db.execute("select rt.ensure_partitions(0, $1)", past)
    edge = datetime.now(UTC) - timedelta(days=10)
    async with connected(dsn) as second:
        pid = await second.fetchval("select pg_backend_pid()")
        async with db.transaction() as first:
            assert await first.fetchval("select rt.drop_partitions($1)", edge) == 2
            dropping = asyncio.create_task(second.fetchval("select rt.drop_partitions($1)", edge))
            await waits_or_ends(db, pid, dropping)
        # It waits a tenth of a second at most; then it gives up, or finds nothing left and says nothing about it.
        await dropping
    assert await db.fetchval("select rt.drop_partitions($1)", edge) == 0


async def test_leadership_changes_hands_only_when_the_lease_ends_and_tokens_grow(db: Database) -> None:
    async def lead(holder: int, lease: str = "1 hour") -> Any:
        return await db.fetchval("select rt.lead('chore', $1, $2::text::interval)", holder, lease)

    first = await lead(1)
    assert await lead(2) is None
    assert await lead(1, "-1 s") == first
    second = await lead(2)
    assert second > first
    assert await lead(1) is None


async def test_leaving_frees_the_chore_at_once(db: Database) -> None:
    me = await db.fetchval("select rt.join('a', '1 hour')")
    await db.fetchval("select rt.lead('chore', $1, '1 hour')", me)
    await db.execute("select rt.leave($1)", me)
    assert await db.fetchval("select rt.lead('chore', $1, '1 hour')", me + 1) is not None
    assert await db.fetchval("select rt.renew($1, '1 hour')", me) is False


async def test_a_ticket_works_once_and_not_late(db: Database) -> None:
    await db.execute("select rt.issue_ticket($1, 7, 's', '30 s')", b"one")
    await db.execute("select rt.issue_ticket($1, 7, 's', '-1 s')", b"old")
    assert await db.fetchval("select user_id from rt.take_ticket($1)", b"one") == 7
    assert await db.fetch("select * from rt.take_ticket($1)", b"one") == []
    assert await db.fetch("select * from rt.take_ticket($1)", b"old") == []


async def test_two_users_of_one_ticket_at_once_make_one_sign_in(db: Database, dsn: str) -> None:
    await db.execute("select rt.issue_ticket($1, 7, 's', '30 s')", b"one")
    async with connected(dsn) as one, connected(dsn) as two:
        took = await asyncio.gather(
            *(connection.fetch("select * from rt.take_ticket($1)", b"one") for connection in (one, two))
        )
    assert sorted(len(rows) for rows in took) == [0, 1]


async def test_old_days_are_dropped_whatever_the_planner_reads_first(db: Database) -> None:
    await db.execute("select rt.ensure_partitions()")
    await db.execute("vacuum analyze")
    for setting in ("enable_nestloop", "enable_indexscan", "enable_bitmapscan"):
        await db.execute(f"alter database {await db.fetchval('select current_database()')} set {setting} = off")
    await db.close()
    assert await db.fetchval("select rt.drop_partitions('-infinity')") == 0
