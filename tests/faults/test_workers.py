"""Workers that are killed and frozen: no job is lost, and late acknowledgements do not count."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.pg.pool import Database
from app.pg.queue import enqueue, enqueue_many
from tests.faults.processes import LEASE_SECONDS, start
from tests.faults.serving import PATIENT, START_SECONDS
from tests.faults.size import size
from tests.signals import until

MARKS_TO_DO = "ops.jobs where kind = 'mark' and state <> 'dead'"
FROZEN_SECONDS = size(0.0, 57.0)


@pytest.fixture
def workers(dsn: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
        process.kill()
        process.wait(30)


def work_command(dsn: str, queues: str = "default:2", **more: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "error", **PATIENT}
    return subprocess.Popen([sys.executable, "-m", "app", "work", "--queues", queues], env=environment, **more)


async def pids(db: Database) -> list[int]:
    return [row["pid"] for row in await db.fetch("select pid from mark order by attempt")]


async def count(db: Database, sql: str) -> int:
    return int(await db.fetchval(f"select count(*) from {sql}"))  # noqa: S608  words of this file


@pytest.fixture(autouse=True)
async def mark_table(db: Database) -> None:
    await db.execute("create table mark (job bigint, attempt int, pid int)")


async def test_a_killed_workers_job_runs_again_elsewhere(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    workers.append(start(dsn))
    await enqueue(db, "default", "mark", {"n": 1, "hang": True})
    await until(lambda: count(db, "mark"), START_SECONDS)
    workers[0].kill()
    killed_at = time.monotonic()
    workers.append(start(dsn))

    async def ran_again() -> bool:
        return await count(db, "mark") >= 2 and await count(db, MARKS_TO_DO) == 0

    await until(ran_again, START_SECONDS)
    took = time.monotonic() - killed_at
    print(f"a killed worker's job ran again {took:.1f} s later, with a lease of {LEASE_SECONDS} s")
    # At least once more: with a database that stands still for longer than the lease it may be twice.
    first, *again = await pids(db)
    assert (first, set(again)) == (workers[0].pid, {workers[1].pid})


async def test_a_frozen_worker_loses_its_jobs_and_its_late_acks_do_not_count(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    log = tmp_path / "frozen.log"
    await db.execute("create table effect (job bigint, pid int); create table gate (n int)")
    workers.append(start(dsn, log))
    await enqueue(db, "default", "late", {"n": 1})
    await until(lambda: count(db, "mark"), START_SECONDS)
    os.kill(workers[0].pid, signal.SIGSTOP)
    frozen_at = time.monotonic()
    workers.append(start(dsn))
    await until(lambda: count(db, "effect"), START_SECONDS)
    taken = time.monotonic() - frozen_at
    # As long as a laptop's lid or a paused machine: nothing more is to happen.
    await asyncio.sleep(FROZEN_SECONDS)
    await db.execute("insert into gate values (1)")
    frozen = time.monotonic() - frozen_at
    os.kill(workers[0].pid, signal.SIGCONT)

    async def has_noticed() -> bool:
        # Noticed while it runs, or told when it reports how it ended.
        return any(words in log.read_text() for words in ("taken over", "taken_over"))

    await until(has_noticed, 30)
    # It works on under a lease of its own.
    workers[1].kill()
    workers[1].wait(30)
    await enqueue(db, "default", "mark", {"n": 2})
    await until(lambda: count(db, "mark where job = 2"), 30)
    assert await db.fetch("select job, pid from effect") == [(1, workers[1].pid)]
    tries = [tuple(row) for row in await db.fetch("select attempt, pid from mark where job = 1 order by attempt")]
    assert tries[0] == (1, workers[0].pid)
    assert {pid for _, pid in tries[1:]} == {workers[1].pid}
    print(f"a worker frozen for {frozen:.0f} s: its job's effect came once, after {taken:.1f} s, and it noticed")


async def test_the_work_command_stops_when_asked_and_leaves_nothing_leased(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    workers.append(work_command(dsn))
    await until(lambda: count(db, "rt.instance"), START_SECONDS)
    workers[0].terminate()
    assert await asyncio.to_thread(workers[0].wait, 30) == 0
    assert await count(db, "rt.instance") == 0


@pytest.mark.parametrize(("queues", "says"), [("trancode", "there are default, mail"), ("media:x", "'media:x' is not")])
def test_the_work_command_refuses_queues_that_are_none(dsn: str, queues: str, says: str) -> None:
    command = work_command(dsn, queues, stderr=subprocess.PIPE)
    _, errors = command.communicate(timeout=START_SECONDS)
    assert command.returncode == 2
    assert says in errors.decode()


async def test_the_work_command_works_the_queues_named_and_no_others(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    # Jobs without a handler's work to do: what they are about is gone.
    for queue, kind in (("default", "purge_video"), ("transcode", "transcode")):
        await enqueue(db, queue, kind, {"video_id": 1, "attempt": 1})
    workers.append(work_command(dsn, "transcode"))

    async def is_worked() -> bool:
        return await count(db, "q.job where queue = 4") == 0

    await until(is_worked, START_SECONDS)
    assert await count(db, "q.job where queue = 1 and kind = 'purge_video'") == 1
    assert await count(db, "q.scheduled where kind = 'transcode'") == 0


async def test_a_thousand_jobs_survive_three_kills(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    await enqueue_many(db, "default", "mark", [{"n": n} for n in range(1000)])
    for round_number in range(3):
        workers.append(start(dsn))
        done = 200 * (round_number + 1)

        async def has_worked(least: int = done) -> bool:
            return await count(db, "mark") >= least

        await until(has_worked, START_SECONDS)
        workers[-1].kill()
    workers.append(start(dsn))

    async def is_over() -> bool:
        # Also those that wait for another try. The product's own schedules come, too, and have no handler here.
        return await count(db, MARKS_TO_DO) == 0

    await until(is_over, START_SECONDS)
    assert await db.fetchval("select count(distinct job) from mark") == 1000
    assert await count(db, "q.dead where kind = 'mark'") == 0


async def test_a_job_that_kills_its_worker_each_time_is_buried(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    await enqueue(db, "default", "crash", {"n": 1})
    await enqueue(db, "default", "mark", {"n": 2})

    async def is_buried() -> bool:
        # As whoever watches over the workers does.
        if not workers or workers[-1].poll() is not None:
            workers.append(start(dsn))
        return await count(db, "ops.jobs where kind = 'crash' and state = 'dead'") == 1

    await until(is_buried, 4 * START_SECONDS)
    assert await count(db, "mark where job = 1") == 3
    # Its neighbour may have gone down with it each time until now.
    await until(lambda: count(db, "mark where job = 2"))
    print("a job that kills its worker: buried after 3 tries,", len(workers), "workers")


async def test_a_job_that_must_not_run_twice_is_buried_when_its_worker_is_killed(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    await enqueue(db, "default", "crash_once", {"n": 1})
    workers.append(start(dsn))
    await asyncio.to_thread(workers[0].wait, START_SECONDS)
    workers.append(start(dsn))

    async def is_buried() -> bool:
        return await count(db, "ops.job_failures where code = 'interrupted' and state = 'dead'") == 1

    await until(is_buried, START_SECONDS)
    assert await count(db, "mark") == 1


async def test_a_key_in_two_processes_at_once_is_one_job(db: Database) -> None:
    """The same hundred keys, each twice in a batch, from eight connections in adverse orders."""
    keys = [f"k{n}" for n in range(100)]
    orders = [(keys + keys)[shift : shift + 200] for shift in range(0, 80, 10)]
    answers = await asyncio.gather(
        *(enqueue_many(db, "default", "mark", [{"n": 1}] * len(order), order) for order in orders)
    )
    assert sum(id is not None for ids in answers for id in ids) == 100
    assert await count(db, "q.job") == 100
