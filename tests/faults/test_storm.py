"""Ten thousand jobs while their workers are killed and frozen at random: nothing lost, and once where fenced."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from app.pg.pool import Database
from app.pg.queue import enqueue_many
from tests.faults.processes import start
from tests.signals import until

SEED = 7
JOBS = 10_000
WORKERS = 3
# A blow falls each time so many more effects are there.
EVERY = 900
# What a transaction held open by a frozen worker may hold up, ten seconds, and a slow machine.
STEP_SECONDS = 180.0


class Herd:
    """Some workers; whoever dies is replaced."""

    def __init__(self, dsn: str, seed: int) -> None:
        self.dsn = dsn
        self.chance = random.Random(seed)
        self.workers = [start(dsn) for _ in range(WORKERS)]
        self.frozen: list[subprocess.Popen[bytes]] = []
        self.kills = 0
        self.freezes = 0

    def kill_one(self) -> None:
        victim = self.workers.pop(self.chance.randrange(len(self.workers)))
        victim.kill()
        victim.wait(30)
        self.workers.append(start(self.dsn))
        self.kills += 1

    def freeze_one(self) -> None:
        victim = self.workers.pop(self.chance.randrange(len(self.workers)))
        os.kill(victim.pid, signal.SIGSTOP)
        self.frozen.append(victim)
        self.workers.append(start(self.dsn))
        self.freezes += 1

    def thaw_all(self) -> None:
        """They go on in the middle of what they did when they were frozen."""
        for process in self.frozen:
            os.kill(process.pid, signal.SIGCONT)
        self.workers += self.frozen
        self.frozen = []

    def end(self) -> None:
        for process in (*self.workers, *self.frozen):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.kill()
            process.wait(30)


@pytest.fixture
def herd(dsn: str) -> Iterator[Herd]:
    made = Herd(dsn, SEED)
    yield made
    made.end()


async def test_ten_thousand_jobs_survive_kills_and_freezes(db: Database, herd: Herd) -> None:
    await db.execute("create table effect (job bigint, pid int)")
    await db.execute("create table mark (job bigint, attempt int, pid int)")
    clock = asyncio.get_running_loop().time
    started = clock()
    for first in range(0, JOBS, 1000):
        numbers = [{"n": n} for n in range(first, first + 1000)]
        # Nine in ten are fenced; the rest only promise to run at least once.
        await enqueue_many(db, "default", "pay", numbers[:900])
        await enqueue_many(db, "default", "mark", numbers[900:])

    async def effects() -> int:
        return int(await db.fetchval("select count(*) from effect"))

    blows = [herd.kill_one, herd.freeze_one] * (JOBS * 9 // 10 // EVERY // 2)
    herd.chance.shuffle(blows)
    for number, blow in enumerate(blows):

        async def has_come(least: int = number * EVERY) -> bool:
            return await effects() >= least

        await until(has_come, STEP_SECONDS)
        blow()
        if len(herd.frozen) >= 2:
            # Past its lease, so that others have taken over what it holds.
            await until(lambda: leases_ended(db, herd.frozen))
            herd.thaw_all()

    async def is_over() -> bool:
        # The product's own schedules come, too, and have no handler here.
        return not await db.fetchval("select count(*) from ops.jobs where kind in ('pay', 'mark') and state <> 'dead'")

    herd.thaw_all()
    await until(is_over, STEP_SECONDS)
    assert await db.fetchval("select count(*) from q.dead where kind in ('pay', 'mark')") == 0
    assert await effects() == await db.fetchval("select count(distinct job) from effect") == JOBS * 9 // 10
    marks = await db.fetchrow("select count(*) as n, count(distinct job) as jobs from mark")
    assert marks is not None
    assert marks["jobs"] == JOBS // 10
    print(
        f"{JOBS} jobs, {herd.kills} kills, {herd.freezes} freezes, seed {SEED}: none lost, {JOBS * 9 // 10} fenced"
        f" effects once each, {marks['n'] - marks['jobs']} of {JOBS // 10} others twice, {clock() - started:.1f} s"
    )


async def leases_ended(db: Database, frozen: Sequence[subprocess.Popen[bytes]]) -> bool:
    """All of these have fallen silent. One that was frozen at its start has no lease at all."""
    names = [f"%:{process.pid}" for process in frozen]
    return not await db.fetchval(
        "select count(*) from rt.instance where lease_until >= clock_timestamp() and name like any ($1)", names
    )
