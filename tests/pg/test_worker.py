"""The worker loop on a real queue: runs, retries, gives up, times out, stops softly, survives the database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.config import ConfigError
from app.crew import Share
from app.deps import Deps
from app.errors import AppError
from app.jobs import GiveUp, JobSpec
from app.pg.queue import enqueue, enqueue_many
from app.worker import Worker, parse_queues, working
from tests.pg.stage import Stage, take_over
from tests.signals import SECONDS, soon, until

QUEUES = {"default": Share(4), "media": Share(1)}


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def state(deps: Deps, id: int | None) -> Any:
    return await deps.db.fetchval("select state from ops.jobs where id = $1", id)


async def test_a_job_runs_and_is_gone(deps: Deps, stage: Stage) -> None:
    async with working(deps, [stage.spec()], QUEUES):
        await enqueue(deps.db, "default", "stage", {"a": 1})
        deps.bell.ring()
        job = await soon(stage.started.get())
        assert (job.payload, job.attempt, job.max_attempts, job.queue) == ({"a": 1}, 1, 10, "default")
        stage.go.set()

        async def is_empty() -> bool:
            return bool(await deps.db.fetchval("select count(*) = 0 from q.job"))

        await until(is_empty)


async def test_no_more_run_at_once_than_the_queue_allows(deps: Deps, stage: Stage) -> None:
    spec = JobSpec("one", "media", stage.run)
    await enqueue_many(deps.db, "media", "one", [{}] * 3)
    async with working(deps, [spec], QUEUES) as worker:
        await soon(stage.started.get())
        await worker.run_once()
        assert stage.started.empty()
        stage.go.set()
        await soon(stage.started.get())
        await soon(stage.started.get())


async def test_a_failed_try_is_scheduled_again_with_its_reason(deps: Deps, stage: Stage) -> None:
    stage.error, worker = AppError("unavailable"), Worker(deps, [stage.spec(backoff_seconds=600)], QUEUES)
    stage.go.set()
    id = await enqueue(deps.db, "default", "stage", {})
    assert await worker.drain() == 1
    assert await state(deps, id) == "retrying"
    failure = await deps.db.fetchrow(
        "select code, next_try_at > failed_at + interval '400 s' as late from ops.job_failures"
    )
    assert failure is not None
    assert (failure["code"], failure["late"]) == ("unavailable", True)
    await worker.stop(0)


@pytest.mark.parametrize(
    ("error", "attempts", "code"),
    [(GiveUp("no use"), 10, "gave_up"), (ValueError("what\x00"), 1, "ValueError")],
)
async def test_giving_up_and_the_last_try_bury_the_job(
    deps: Deps, stage: Stage, error: Exception, attempts: int, code: str
) -> None:
    stage.error, worker = error, Worker(deps, [stage.spec(max_attempts=attempts)], QUEUES)
    stage.go.set()
    id = await enqueue(deps.db, "default", "stage", {})
    await worker.drain()
    assert await state(deps, id) == "dead"
    assert await deps.db.fetchval("select code from ops.job_failures") == code
    await worker.stop(0)


async def test_a_job_over_its_time_is_stopped(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec(timeout_seconds=0.01, backoff_seconds=600)], QUEUES)
    id = await enqueue(deps.db, "default", "stage", {})
    await worker.drain()
    assert await state(deps, id) == "retrying"
    assert await deps.db.fetchval("select code from ops.job_failures") == "timeout"
    await worker.stop(0)


async def test_an_unknown_kind_waits_for_a_process_that_knows_it(deps: Deps) -> None:
    worker = Worker(deps, [], QUEUES)
    id = await enqueue(deps.db, "default", "of_tomorrow", {})
    await worker.drain()
    # Tried again after two seconds, which may be over.
    assert await state(deps, id) in ("retrying", "ready")
    assert await deps.db.fetchval("select last_error ->> 'code' from ops.jobs where id = $1", id) == "LookupError"
    await worker.stop(0)


async def test_a_job_that_kills_its_worker_each_time_is_buried_unrun(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec(max_attempts=2)], QUEUES)
    id = await enqueue(deps.db, "default", "stage", {})
    await deps.db.execute("update q.job set attempt = 2")
    await worker.drain()
    assert stage.started.empty()
    assert await state(deps, id) == "dead"
    await worker.stop(0)


async def test_a_soft_stop_lets_a_job_finish(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec()], QUEUES)
    await enqueue(deps.db, "default", "stage", {})
    await worker.run_once()
    await soon(stage.started.get())
    stopping = asyncio.create_task(worker.stop(SECONDS))
    stage.go.set()
    await soon(stopping)
    assert await deps.db.fetchval("select count(*) from q.job") == 0


async def test_a_stop_hands_back_what_does_not_finish(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec()], QUEUES)
    id = await enqueue(deps.db, "default", "stage", {})
    await worker.run_once()
    await soon(stage.started.get())

    async def is_back() -> bool:
        # What cannot be told within two seconds is left to the end of the lease, or to a second word.
        await worker.stop(0.01)
        return bool(await state(deps, id) == "ready")

    await until(is_back)
    assert await deps.db.fetchval("select attempt from q.job") == 0


async def test_a_worker_whose_lease_ended_gets_no_credit(deps: Deps, other: Deps, stage: Stage) -> None:
    """As after SIGSTOP: another process took the job over while this one stood still."""
    frozen, taker = Worker(deps, [stage.spec()], QUEUES), Worker(other, [stage.spec()], QUEUES)
    await enqueue(deps.db, "default", "stage", {})
    await frozen.run_once()
    await soon(stage.started.get())
    await take_over(deps, taker)
    again = await soon(stage.started.get())
    assert again.attempt == 2
    stage.go.set()
    await frozen.drain()
    assert await deps.db.fetchval("select count(*) from q.job") == 1
    await taker.drain()
    assert await deps.db.fetchval("select count(*) from q.job") == 0
    await frozen.stop(0)
    await taker.stop(0)


async def test_a_worker_that_is_late_with_its_lease_claims_nothing(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec()], QUEUES)
    await worker._open(worker.lines[0])
    await enqueue(deps.db, "default", "stage", {})
    # Nothing to wait for from here to the claim: the lease is not renewed in between.
    deps.instance._renewed = -1e9
    assert await worker.run_once() == 0
    await deps.instance.run_once()
    assert await worker.run_once() == 1
    await soon(worker.stop(0))


async def test_a_lost_answer_loses_no_job(deps: Deps, stage: Stage) -> None:
    """The claim is committed, the connection dies before the answer: the next turn gives the jobs back."""
    worker = Worker(deps, [stage.spec()], QUEUES)
    stage.go.set()
    await enqueue(deps.db, "default", "stage", {})
    await worker.run_once()
    await worker.drain()
    await enqueue(deps.db, "default", "stage", {})
    await deps.db.execute("update q.job set leased_by = $1, attempt = 1", deps.instance.id)
    worker._look_everywhere()  # as when it is rung: it may have found its queue empty
    line = worker.lines[0]
    real, line.fetch = line.fetch, broken  # type: ignore[method-assign]
    with pytest.raises(AppError):
        await worker.run_once()
    line.fetch = real  # type: ignore[method-assign]
    await worker.drain()
    assert await deps.db.fetchval("select count(*) from q.job") == 0
    await worker.stop(0)


async def test_jobs_whose_handing_back_is_lost_are_given_back_by_the_next_turn(deps: Deps, stage: Stage) -> None:
    worker = Worker(deps, [stage.spec()], QUEUES)
    await enqueue(deps.db, "default", "stage", {})
    await worker.run_once()
    await soon(stage.started.get())
    line = worker.lines[0]
    real, line.fetch = line.fetch, broken  # type: ignore[method-assign]
    for crew in worker.crews.values():
        for runner in crew.runners:
            runner.cancel("stop")
    await worker._next_end()
    with pytest.raises(AppError):
        await worker.run_once()
    line.fetch = real  # type: ignore[method-assign]
    stage.go.set()
    await worker.drain()
    assert await deps.db.fetchval("select count(*) from q.job") == 0
    await worker.stop(0)


async def test_a_turn_that_fails_for_a_reason_of_its_own_does_not_end_the_work(deps: Deps, stage: Stage) -> None:
    stage.go.set()
    async with working(deps, [stage.spec()], QUEUES) as worker:
        line = worker.lines[0]
        real = line.fetch
        failed = asyncio.Event()

        async def fails(sql: str, *args: Any) -> Any:
            failed.set()
            raise ZeroDivisionError

        line.fetch = fails  # type: ignore[method-assign]
        deps.bell.ring()
        await soon(failed.wait())
        line.fetch = real  # type: ignore[method-assign]
        await enqueue(deps.db, "default", "stage", {})
        deps.bell.ring()
        await soon(stage.started.get())


async def broken(sql: str, *args: Any) -> Any:
    raise AppError("unavailable")


async def test_a_job_enqueued_in_another_process_starts_at_once(
    deps: Deps, other: Deps, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the ring: nobody looks by himself for an hour."""
    monkeypatch.setattr("app.worker.POLL_SECONDS", 3600)

    async def is_live() -> bool:
        return other.bell.is_live

    await until(is_live)
    async with working(other, [stage.spec()], QUEUES):
        await enqueue(deps.db, "default", "stage", {})
        deps.bell.ring(queues=["default"])
        await soon(stage.started.get())
        stage.go.set()


def test_queues_are_read_from_text() -> None:
    assert parse_queues("media:2, mail,bulk:50:500") == {"media": Share(2), "mail": Share(1), "bulk": Share(50, 500)}
    for wrong in ("media:many", "media:0", "a b", "media:1:2:3"):
        with pytest.raises(ConfigError, match="is not queue"):
            parse_queues(wrong)
