"""Schema q: enqueue, turn, fail, keys, fencing, dead letters. Each race on two real connections."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import AppError
from app.pg.pool import Database
from tests.signals import soon
from tests.sql.rows import backend_waits, claim, connected, enqueue, explain_into, fail, finish, join


async def test_a_job_lives_and_ends(db: Database) -> None:
    me = await join(db)
    id = await enqueue(db, payload={"a": 1})
    (job,) = await claim(db, me)
    assert (job["id"], job["kind"], job["payload"], job["attempt"]) == (id, "k", {"a": 1}, 1)
    assert await finish(db, me, [job]) == [id]
    assert await db.fetchval("select count(*) from ops.jobs") == 0


async def test_an_enqueue_that_is_rolled_back_leaves_nothing(db: Database) -> None:
    async with db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await enqueue(connection, ukey="once")
        await transaction.rollback()
    assert await db.fetchval("select (select count(*) from q.job) + (select count(*) from q.uniq)") == 0


async def test_an_unknown_queue_is_a_clear_error(db: Database) -> None:
    with pytest.raises(AppError) as caught:
        await enqueue(db, queue="nowhere")
    assert (caught.value.code, caught.value.status) == ("unknown_queue", 422)


async def test_lower_priority_numbers_go_first_then_age(db: Database) -> None:
    me = await join(db)
    late = [await enqueue(db, priority=5), await enqueue(db, priority=5)]
    first = await enqueue(db, priority=-1)
    assert [job["id"] for job in await claim(db, me)] == [first, *late]


async def test_two_workers_never_get_the_same_job(db: Database, dsn: str) -> None:
    me, other = await join(db), await join(db)
    for _ in range(6):
        await enqueue(db)
    async with connected(dsn) as one, connected(dsn) as two, one.transaction():
        mine = await claim(one, me, 3)
        theirs = await soon(claim(two, other, 6))
    assert len(mine) == len(theirs) == 3
    assert {job["id"] for job in mine}.isdisjoint(job["id"] for job in theirs)


async def test_one_turn_acknowledges_and_claims_of_several_queues(db: Database) -> None:
    me = await join(db)
    await enqueue(db)
    await enqueue(db)
    await enqueue(db, queue="mail")
    (first,) = await claim(db, me, 1)
    rows = await db.fetch("select * from q.turn($1, $2, $3, $4, $5, $6)", me, [1], [0], [first["id"]], [1, 3], [5, 5])
    assert sorted(row["queue"] for row in rows) == [1, 3]
    assert first["id"] not in [row["id"] for row in rows]
    assert await db.fetchval("select count(*) from q.job where id = $1", first["id"]) == 0


async def test_a_dead_workers_job_is_free_when_its_lease_ends_and_its_ack_is_refused(db: Database) -> None:
    gone, me = await join(db), await join(db)
    await enqueue(db)
    (job,) = await claim(db, gone)
    assert await claim(db, me) == []
    await db.execute("update rt.instance set lease_until = now() - interval '1 ms' where id = $1", gone)
    (again,) = await claim(db, me)
    assert (again["id"], again["attempt"]) == (job["id"], 2)
    assert await finish(db, gone, [job]) == []
    assert [row["id"] for row in await fail(db, gone, [job])] == []
    assert await finish(db, me, [again]) == [job["id"]]


async def test_a_key_is_held_until_the_job_ends(db: Database) -> None:
    me = await join(db)
    first = await enqueue(db, ukey="k1")
    assert await enqueue(db, ukey="k1") is None
    jobs = await claim(db, me)
    assert await enqueue(db, ukey="k1") is None
    await finish(db, me, jobs)
    assert await enqueue(db, ukey="k1") not in (None, first)


async def test_a_key_meets_itself_in_two_open_transactions(db: Database, dsn: str) -> None:
    async with connected(dsn) as one, connected(dsn) as two:
        start = one.transaction()
        await start.start()
        assert await enqueue(one, ukey="same") is not None
        waiting = asyncio.create_task(enqueue(two, ukey="same"))
        pid = two.get_server_pid()
        await backend_waits(db, pid)
        await start.commit()
        assert await waiting is None
    assert await db.fetchval("select count(*) from q.job") == 1


async def test_duplicate_keys_inside_one_batch_make_one_job(db: Database) -> None:
    rows = await db.fetch(
        "select * from q.enqueue_many($1, $2, $3, p_ukey => $4) order by ord",
        ["default"] * 4,
        ["k"] * 4,
        [{}] * 4,
        ["a", "a", None, "b"],
    )
    assert [row["id"] is None for row in rows] == [False, True, False, False]
    assert await db.fetchval("select count(*) from q.job") == 3


async def test_a_failed_try_waits_and_comes_back(db: Database) -> None:
    me = await join(db)
    await enqueue(db, ukey="u")
    jobs = await claim(db, me)
    async with db.transaction() as connection:
        (row,) = await fail(connection, me, jobs)
        failed_at = await connection.fetchval("select now()")
    wait = row["run_at"] - failed_at
    assert row["outcome"] == "retry"
    assert 0.5 < wait.total_seconds() < 3
    assert await enqueue(db, ukey="u") is None
    assert await db.fetch("select * from q.promote(10, $1)", row["run_at"] - timedelta(milliseconds=1)) == []
    (moved,) = await db.fetch("select * from q.promote(10, $1)", row["run_at"])
    assert tuple(moved) == ("default", 1)
    (again,) = await claim(db, me)
    assert again["attempt"] == 2
    assert (await db.fetchval("select last_error from q.job"))["message"] == "broken"


async def test_the_last_try_and_giving_up_are_dead_letters_and_free_the_key(db: Database) -> None:
    me = await join(db)
    await enqueue(db, ukey="u", max_attempts=1)
    await enqueue(db)
    one, two = await claim(db, me)
    await fail(db, me, [one])
    await fail(db, me, [two], give_up=True)
    assert await db.fetchval("select count(*) from q.dead") == 2
    assert await db.fetchval("select message from ops.job_failures limit 1") == "broken"
    assert await enqueue(db, ukey="u") is not None


async def test_a_dead_job_is_revived_with_its_tries_anew(db: Database) -> None:
    me = await join(db)
    id = await enqueue(db, ukey="u", max_attempts=1)
    await fail(db, me, await claim(db, me))
    assert await db.fetchval("select ops.retry_job($1)", id) == f"job {id} is queued"
    (job,) = await claim(db, me)
    assert (job["id"], job["attempt"]) == (id, 1)
    with pytest.raises(AppError, match="job_not_found"):
        await db.execute("select ops.retry_job($1)", id)


async def test_reviving_meets_a_job_that_took_the_key(db: Database) -> None:
    me = await join(db)
    id = await enqueue(db, ukey="u", max_attempts=1)
    await fail(db, me, await claim(db, me))
    await enqueue(db, ukey="u")
    with pytest.raises(AppError, match="job_exists"):
        await db.execute("select ops.retry_job($1)", id)
    assert await db.fetchval("select count(*) from q.dead") == 1


async def test_a_later_job_comes_at_its_time_and_can_be_cancelled(db: Database) -> None:
    me = await join(db)
    id = await enqueue(db, run_at=datetime.now(UTC) + timedelta(hours=1), ukey="u")
    assert await claim(db, me) == []
    assert await db.fetchval("select q.cancel($1)", id) is True
    assert await db.fetchval("select q.cancel($1)", id) is False
    assert await enqueue(db, ukey="u") is not None
    (job,) = await claim(db, me)
    assert await db.fetchval("select q.cancel($1)", job["id"]) is False


async def test_jobs_handed_back_are_as_if_never_tried(db: Database) -> None:
    me = await join(db)
    await enqueue(db)
    jobs = await claim(db, me)
    assert await db.fetchval("select q.hand_back($1, $2, $3, $4)", me, [1], [0], [jobs[0]["id"]]) == 1
    assert (await claim(db, await join(db)))[0]["attempt"] == 1


async def test_claims_whose_answer_was_lost_are_given_back(db: Database) -> None:
    me = await join(db)
    for _ in range(3):
        await enqueue(db)
    known, *_ = await claim(db, me)
    assert await db.fetchval("select q.release_lost($1, $2)", me, [known["id"]]) == 2
    assert len(await claim(db, me)) == 2


async def test_a_paused_queue_is_left_alone(db: Database) -> None:
    me = await join(db)
    await enqueue(db)
    await db.execute("select ops.pause_queue('default')")
    assert await claim(db, me) == []
    await db.execute("select ops.pause_queue('default', false)")
    assert len(await claim(db, me)) == 1


async def test_a_bound_holds_for_all_processes_together(db: Database) -> None:
    me, other, dead = await join(db), await join(db), await join(db, "-1 s")
    for _ in range(9):
        await enqueue(db)
    await db.execute("select ops.limit_queue('default', 3)")
    mine = await claim(db, me, 2)
    assert (len(mine), len(await claim(db, other, 5)), len(await claim(db, me, 5))) == (2, 1, 0)
    await finish(db, me, mine[:1])
    assert len(await claim(db, other, 5)) == 1
    # What a dead process holds takes no room: it is free to be claimed itself.
    await db.execute("update q.job set leased_by = $1 where leased_by = $2", dead, other)
    assert len(await claim(db, me, 5)) == 2
    await db.execute("select ops.limit_queue('default', null)")
    assert len(await claim(db, me, 50)) == 5
    with pytest.raises(AppError, match="unknown_queue"):
        await db.execute("select ops.limit_queue('nowhere', 1)")


async def test_two_claims_at_once_do_not_count_the_same_room(db: Database, dsn: str) -> None:
    me, other = await join(db), await join(db)
    for _ in range(6):
        await enqueue(db)
    await db.execute("select ops.limit_queue('default', 4)")
    async with connected(dsn) as one, connected(dsn) as two:
        first = one.transaction()
        await first.start()
        assert len(await claim(one, me, 3)) == 3
        second = asyncio.create_task(claim(two, other, 3))
        await backend_waits(db, two.get_server_pid())
        await first.commit()
        assert len(await second) == 1


async def test_claiming_touches_no_index(db: Database) -> None:
    me = await join(db)
    for _ in range(50):
        await enqueue(db)
    async with db.connection() as connection:
        for _ in range(5):
            await claim(connection, me)
        await connection.execute("select pg_stat_force_next_flush()")
    row = await db.fetchrow(
        "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where schemaname = 'q' and relname = 'job'"
    )
    assert row is not None
    assert row["n_tup_upd"] == row["n_tup_hot_upd"] == 50


async def test_the_claim_walks_the_primary_key_and_sorts_nothing(db: Database) -> None:
    await db.execute(
        "insert into q.job (queue, priority, kind) select 1 + n % 3, n % 5, 'k' from generate_series(1, 20000) n"
    )
    await db.execute("analyze q.job")
    me = await join(db)
    plans: list[str] = []
    async with db.connection() as connection:
        stop = await explain_into(connection, plans)
        # Past the fifth run plpgsql may choose a plan that no longer knows the arguments.
        for _ in range(8):
            await claim(connection, me, 10)
        stop()
    claims = [plan for plan in plans if "for update skip locked" in plan]
    assert len(claims) == 8
    for plan in claims:
        assert "Index Scan using job_pkey on job j" in plan, plan
        assert "Sort" not in plan, plan
        assert "Seq Scan on job" not in plan, plan
