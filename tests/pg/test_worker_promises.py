"""What a kind of job may rely on: once, at most once, never twice at a time, progress told, cancelled when asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.crew import Share
from app.deps import Deps
from app.errors import AppError
from app.jobs import Job, JobSpec
from app.pg.pool import Database
from app.pg.queue import enqueue, enqueue_many
from app.worker import Worker, working
from tests.pg.stage import Stage, take_over
from tests.signals import Received, soon, until

ONE = {"default": Share(1)}
FAST = {"default": Share(20, 200)}


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def state(db: Database, id: int | None) -> Any:
    return await db.fetchval("select state from ops.jobs where id = $1", id)


async def count(db: Database, what: str) -> int:
    return int(await db.fetchval(f"select count(*) from {what}"))  # noqa: S608  words of this file


async def test_an_effect_that_ends_its_job_happens_once_though_the_worker_lost_it(
    deps: Deps, other: Deps, stage: Stage
) -> None:
    """The first worker stands still past its lease, the second does the work, then the first goes on."""
    await deps.db.execute("create table effect (n int)")

    async def once(job: Job, deps: Deps) -> None:
        await stage.run(job, deps)
        async with deps.db.transaction() as connection:
            await job.finish(connection)
            await connection.execute("insert into effect values (1)")

    spec = JobSpec("once", "default", once)
    frozen, taker = Worker(deps, [spec], ONE), Worker(other, [spec], ONE)
    await enqueue(deps.db, "default", "once", {})
    await frozen.run_once()
    await soon(stage.started.get())
    await take_over(deps, taker)
    await soon(stage.started.get())
    stage.go.set()
    await taker.drain()
    await frozen.drain()
    assert await count(deps.db, "effect") == 1
    assert await count(deps.db, "q.job") == 0
    await frozen.stop(0)
    await taker.stop(0)


async def test_an_effect_rolled_back_leaves_its_job(deps: Deps) -> None:
    async def fails(job: Job, deps: Deps) -> None:
        async with deps.db.transaction() as connection:
            await job.finish(connection)
            raise AppError("unavailable")

    worker = Worker(deps, [JobSpec("fails", "default", fails, backoff_seconds=600)], ONE)
    id = await enqueue(deps.db, "default", "fails", {}, ukey="u")
    await worker.drain()
    assert await state(deps.db, id) == "retrying"
    assert await count(deps.db, "q.uniq") == 1
    await worker.stop(0)


async def test_what_must_not_run_twice_is_buried_when_its_worker_died(deps: Deps, other: Deps, stage: Stage) -> None:
    spec = stage.spec(is_repeatable=False)
    dead, heir = Worker(deps, [spec], ONE), Worker(other, [spec], ONE)
    id = await enqueue(deps.db, "default", "stage", {})
    await dead.run_once()
    await soon(stage.started.get())
    await take_over(deps, heir)
    await heir.drain()
    assert stage.started.empty()
    assert await state(deps.db, id) == "dead"
    assert await deps.db.fetchval("select code from ops.job_failures") == "interrupted"
    stage.go.set()
    await dead.stop(1)
    await heir.stop(0)


async def test_what_must_not_run_twice_is_buried_by_a_stop_and_by_its_time_limit(deps: Deps, stage: Stage) -> None:
    stopped, too_slow = stage.spec(is_repeatable=False), stage.spec(is_repeatable=False, timeout_seconds=0.01)
    for spec, seconds in ((stopped, 0.0), (too_slow, 5.0)):
        worker = Worker(deps, [spec], ONE)
        id = await enqueue(deps.db, "default", "stage", {})
        await worker.run_once()
        await soon(stage.started.get())

        async def is_buried(worker: Worker = worker, seconds: float = seconds, id: int | None = id) -> bool:
            # What cannot be told within two seconds is left to the end of the lease, or to a second word.
            await worker.stop(seconds)
            return bool(await state(deps.db, id) == "dead")

        await until(is_buried)
    assert await deps.db.fetchval("select array_agg(distinct code) from ops.job_failures") == ["interrupted"]


async def test_a_try_that_failed_by_itself_is_repeated_all_the_same(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec(is_repeatable=False, backoff_seconds=600)], ONE)
    stage.error = ValueError("known to have failed")
    stage.go.set()
    id = await enqueue(deps.db, "default", "stage", {})
    await worker.drain()
    assert await state(deps.db, id) == "retrying"
    await worker.stop(0)


async def test_an_exclusive_job_stops_before_the_lease_ends(deps: Deps, stage: Stage) -> None:
    async with working(deps, [stage.spec(is_exclusive=True)], ONE):
        await enqueue(deps.db, "default", "stage", {})
        deps.bell.ring()
        job = await soon(stage.started.get())

        async def is_cancelled() -> bool:
            deps.instance._renewed = -1e9  # each time: it may be renewed at any moment
            return stage.cancelled.is_set()

        await until(is_cancelled)
        await deps.instance.run_once()
        # Handed back: it starts anew, and this counts as the same try.
        assert (await soon(stage.started.get())).attempt == job.attempt
        stage.go.set()


async def test_a_running_job_is_cancelled(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec()], ONE)
    id = await enqueue(deps.db, "default", "stage", {}, ukey="u")
    await worker.run_once()
    await soon(stage.started.get())
    assert await deps.db.fetchval("select q.cancel($1)", id) is False
    assert await deps.db.fetchval("select ops.cancel_job($1)", id) == f"job {id} is cancelled"
    await worker.drop_foreign(0)
    await soon(stage.cancelled.wait())
    await worker.drain()
    assert await count(deps.db, "ops.jobs") == 0
    assert await enqueue(deps.db, "default", "stage", {}, ukey="u") is not None
    with pytest.raises(AppError, match="job_not_found"):
        await deps.db.execute("select ops.cancel_job($1)", id)
    await worker.stop(0)


async def test_a_worker_that_stood_still_notices_and_drops_its_job(deps: Deps, other: Deps, stage: Stage) -> None:
    frozen, taker = Worker(deps, [stage.spec()], ONE), Worker(other, [stage.spec()], ONE)
    await enqueue(deps.db, "default", "stage", {})
    await frozen.run_once()
    await soon(stage.started.get())
    await take_over(deps, taker)
    await soon(stage.started.get())
    await frozen.drop_foreign(0)
    await soon(stage.cancelled.wait())
    stage.go.set()
    await taker.drain()
    assert await count(deps.db, "q.job") == 0
    await frozen.stop(0)
    await taker.stop(0)


async def test_progress_is_told_on_the_channel_the_payload_names(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    # All within one moment, however long an event takes to the disk.
    monkeypatch.setattr("app.jobs.spec.time", SimpleNamespace(monotonic=lambda: 1000.0))

    async def works(job: Job, deps: Deps) -> None:
        for percent in (0, 0, 50, 100):
            await job.progress(percent, step="x")

    received = Received(deps)
    await deps.streams.watch("user:1")
    worker = Worker(deps, [JobSpec("works", "default", works)], ONE)
    id = await enqueue(deps.db, "default", "works", {"channel": "user:1"})
    await worker.drain()
    events = [await soon(received.queue.get()) for _ in range(2)]
    # 50 came within the same quarter of a second as 0.
    assert [event and (event.type, bytes(event.data)) for event in events] == [
        ("job:progress", b'{"job": %d, "kind": "works", "step": "x", "percent": %d}' % (id or 0, percent))
        for percent in (0, 100)
    ]
    await worker.stop(0)


async def test_a_fast_queue_claims_ahead_and_runs_each_job_once_in_order(deps: Deps) -> None:
    ran: list[int] = []

    async def note(job: Job, deps: Deps) -> None:
        ran.append(job.payload["n"])

    await enqueue_many(deps.db, "default", "note", [{"n": n} for n in range(3000)])
    async with working(deps, [JobSpec("note", "default", note)], FAST) as worker:
        assert len(worker.lines) == 2

        async def is_empty() -> bool:
            return await count(deps.db, "q.job") == 0

        await until(is_empty)
    assert sorted(ran) == list(range(3000))
    assert ran[:20] == list(range(20))


async def test_what_ends_while_a_report_is_under_way_is_reported_after_it(
    deps: Deps, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lanes: the one that claims must not take the other's call for its own."""
    monkeypatch.setattr("app.worker.POLL_SECONDS", 3600)
    async with working(deps, [stage.spec()], FAST) as worker:
        first = await enqueue(deps.db, "default", "stage", {})
        deps.bell.ring(queues=["default"])
        await soon(stage.started.get())
        async with deps.db.transaction() as holding:
            await holding.execute("select from q.job where id = $1 for update", first)
            stage.go.set()

            async def report_waits() -> bool:
                lanes = "pg_stat_activity where datname = current_database() and application_name = 'trunkline:queue'"
                return await count(deps.db, f"{lanes} and wait_event_type = 'Lock'") > 0

            await until(report_waits)
            await enqueue(deps.db, "default", "stage", {})
            deps.bell.ring(queues=["default"])
            await soon(stage.started.get())

            async def claims_rest() -> bool:
                is_called = worker._wakes[worker.lines[0]].is_set()
                return bool(worker._ends.done) and worker._turns == 1 and worker._timer is None and not is_called

            await until(claims_rest)

        async def is_empty() -> bool:
            return await count(deps.db, "q.job") == 0

        await until(is_empty)


async def test_jobs_that_wait_are_run_beside_each_other_up_to_the_bound(deps: Deps, stage: Stage) -> None:
    await enqueue_many(deps.db, "default", "stage", [{}] * 30)
    async with working(deps, [stage.spec()], {"default": Share(10)}):
        for _ in range(10):
            await soon(stage.started.get())
        assert stage.started.empty()
        stage.go.set()
        for _ in range(20):
            await soon(stage.started.get())


async def test_jobs_claimed_ahead_go_back_when_those_before_them_take_long(
    deps: Deps, other: Deps, stage: Stage
) -> None:
    worker = Worker(deps, [stage.spec()], {"default": Share(1, 50)})
    await worker.run_once()
    crew = next(iter(worker.crews.values()))
    crew.mean_seconds, crew.is_dry = 0.0, False
    await enqueue_many(deps.db, "default", "stage", [{}] * 50)
    assert await worker.run_once() + await worker.run_once() == 50
    await soon(stage.started.get())
    crew._moved_at -= 2
    crew.give_back_waiting(only_stale=True)
    await worker.run_once()
    assert await count(deps.db, "ops.jobs where state = 'ready'") == 49
    assert await deps.db.fetchval("select max(attempt) from q.job where leased_by is null") == 0
    # While they take long, no more than may run are claimed.
    assert await worker.run_once() == 0
    stage.go.set()
    await worker.stop(1)


async def test_a_job_below_what_was_walked_is_found(deps: Deps) -> None:
    """A commit that came late, a retry, a dead worker's job: their numbers are far below the last ones claimed."""
    ran: list[int] = []

    async def note(job: Job, deps: Deps) -> None:
        ran.append(job.id)

    worker = Worker(deps, [JobSpec("note", "default", note)], ONE)
    first = await enqueue(deps.db, "default", "note", {})
    await deps.db.execute("update q.job set id = id - 1000000")
    await enqueue_many(deps.db, "default", "note", [{}] * 3)
    async with working(deps, [JobSpec("note", "default", note)], FAST):

        async def is_empty() -> bool:
            return await count(deps.db, "q.job") == 0

        await until(is_empty)
        await deps.db.execute(
            "insert into q.job (queue, priority, id, kind) values (1, 5, 1, 'note'), (1, 0, 2, 'note')"
        )
        deps.bell.ring(queues=["default"])
        await until(is_empty)
    assert {1, 2, (first or 0) - 1000000} <= set(ran)
    await worker.stop(0)


async def test_a_lower_number_goes_first_while_a_backlog_is_worked(deps: Deps) -> None:
    """Claims start where the last ended; a new job of another priority is found all the same, with the next turn."""
    ran: list[int] = []

    async def note(job: Job, deps: Deps) -> None:
        ran.append(job.payload["n"])

    worker = Worker(deps, [JobSpec("note", "default", note)], {"default": Share(10)})
    await enqueue_many(deps.db, "default", "note", [{"n": 0}] * 100)
    await worker.run_once()
    for crew in worker.crews.values():
        crew.floor._full_at = 1e12
    await enqueue(deps.db, "default", "note", {"n": 1}, priority=-1)
    await worker.drain()
    assert ran.index(1) <= 20
    await worker.stop(0)
