"""Schedules: when they come, and that each time comes once."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from app.deps import Deps
from app.jobs import Schedule
from app.pg import cron
from app.pg.cronexpr import CronError, next_time
from app.pg.leader import Leader
from app.pg.pool import Database
from app.pg.upkeep import Upkeep
from tests.signals import until
from tests.sql.rows import claim, enqueue, finish, join

HOURLY = Schedule("hourly", 3600, "tidy", "default")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expr", "tz", "after", "expected"),
    [
        ("*/15 * * * *", "UTC", "2026-03-01 00:00", "2026-03-01 00:15"),
        ("0 9 * * mon-fri", "UTC", "2026-03-06 09:00", "2026-03-09 09:00"),
        ("30 2 1 jan *", "UTC", "2026-01-01 02:30", "2027-01-01 02:30"),
        ("0 0 29 2 *", "UTC", "2026-01-01 00:00", "2028-02-29 00:00"),
        ("0 0 13 * fri", "UTC", "2026-03-01 00:00", "2026-03-06 00:00"),
        ("0 0 * * 7", "UTC", "2026-03-02 00:00", "2026-03-08 00:00"),
        ("5,35 8-9 * * *", "UTC", "2026-03-01 08:35", "2026-03-01 09:05"),
        ("0 9 * * *", "Asia/Taipei", "2026-03-01 00:30", "2026-03-01 01:00"),
        # Half past two does not exist on that night in Berlin, and exists twice in autumn.
        ("30 2 * * *", "Europe/Berlin", "2026-03-29 00:00", "2026-03-30 00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:30"),
        # Every half hour goes on through the hour that comes twice, and through the one that never comes.
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 01:00"),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25 01:00", "2026-10-25 01:30"),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25 01:30", "2026-10-25 02:00"),
        ("*/30 * * * *", "Europe/Berlin", "2026-03-29 00:30", "2026-03-29 01:00"),
        # Half an hour, in Lord Howe's way.
        ("15 1 * * *", "Australia/Lord_Howe", "2026-04-04 12:00", "2026-04-04 14:15"),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-04 15:15"),
    ],
)
def test_the_next_time(expr: str, tz: str, after: str, expected: str) -> None:
    assert next_time(expr, tz, at(after)) == at(expected)


@pytest.mark.parametrize("tz", ["Europe/Berlin", "America/New_York", "Asia/Taipei", "Australia/Lord_Howe", "UTC"])
def test_every_quarter_has_no_gap_and_no_repeat_around_changes_of_the_clock(tz: str) -> None:
    for day in ("2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"):
        moment = at(day)
        for _ in range(2 * 96):
            following = next_time("*/15 * * * *", tz, moment)
            assert following - moment == timedelta(minutes=15), (moment, following)
            moment = following


@pytest.mark.parametrize("expr", ["", "* * * *", "60 * * * *", "* * 0 * *", "a * * * *", "*/0 * * * *", "0 0 31 2 *"])
def test_what_is_no_expression_says_so(expr: str) -> None:
    with pytest.raises(CronError):
        next_time(expr, "UTC", at("2026-01-01"))


def test_intervals_sit_on_multiples_of_themselves() -> None:
    assert cron.next_at(300, None, "UTC", at("2026-01-01 00:03")) == at("2026-01-01 00:05")
    assert cron.next_at(300, None, "UTC", at("2026-01-01 00:05")) == at("2026-01-01 00:10")


async def jobs(db: Database) -> int:
    return int(await db.fetchval("select count(*) from q.job"))


async def due(db: Database) -> None:
    await db.execute("update q.cron set next_at = now() - interval '1 s'")


async def test_a_due_schedule_fires_once_even_when_all_look(db: Database) -> None:
    await cron.list_schedules(db, [HOURLY])
    await due(db)
    fired = await asyncio.gather(*(cron.fire_due(db) for _ in range(8)))
    assert ([queue for queues in fired for queue in queues], await jobs(db)) == (["default"], 1)
    assert await cron.fire_due(db) == []


async def test_it_does_not_queue_up_behind_itself(db: Database) -> None:
    me = await join(db)
    await cron.list_schedules(db, [HOURLY])
    await due(db)
    await cron.fire_due(db)
    await due(db)
    assert await cron.fire_due(db) == []
    await finish(db, me, await claim(db, me))
    await due(db)
    assert await cron.fire_due(db) == ["default"]


async def test_times_missed_while_nobody_ran_are_one_job(db: Database) -> None:
    await cron.list_schedules(db, [HOURLY])
    later = datetime.now(UTC) + timedelta(days=3)
    assert await cron.fire_due(db, later) == ["default"]
    assert await cron.fire_due(db, later) == []


async def test_the_list_in_the_code_rules_and_operators_switches_stay(db: Database) -> None:
    await cron.list_schedules(db, [HOURLY, dataclasses.replace(HOURLY, name="gone")])
    await db.execute("update q.cron set is_enabled = false where name = 'hourly'")
    await db.execute(
        "insert into q.cron (name, expr, queue, kind, next_at) values ('mine', '0 0 * * *', 'default', 'k', now())"
    )
    await cron.list_schedules(db, [dataclasses.replace(HOURLY, every_seconds=60)])
    rows = await db.fetch("select name, every_seconds, is_enabled from q.cron order by name")
    assert [tuple(row) for row in rows] == [("hourly", 60, False), ("mine", None, True)]


async def test_a_broken_expression_does_not_stop_the_others(db: Database) -> None:
    await cron.list_schedules(db, [HOURLY])
    await db.execute(
        "insert into q.cron (name, expr, queue, kind, next_at) values ('broken', 'x', 'default', 'k', now())"
    )
    await due(db)
    assert await cron.fire_due(db) == ["default"]


async def test_upkeep_moves_due_jobs_in_the_one_process_that_leads(
    deps: Deps, other: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pg.leader.LEASE_SECONDS", 3600.0)
    first, second = (
        Upkeep(
            d.counters.line,
            d.bell,
            Leader(d.counters.line, d.instance, "test"),
            [HOURLY],
            event_days=7,
            job_days=30,
            cache_bytes=1 << 28,
        )
        for d in (deps, other)
    )
    await enqueue(deps.db, run_at=datetime.now(UTC) + timedelta(hours=1))
    await deps.db.execute("update q.scheduled set run_at = now()")
    assert await first.leader.is_leading()
    assert not await second.leader.is_leading()
    assert await second.run_once() == 0

    async def is_moved() -> bool:
        await first.run_once()
        # Of its kind: at a full hour the schedule makes a job, too.
        return bool(await deps.db.fetchval("select count(*) = 1 from q.job where kind = 'k'"))

    await until(is_moved)

    async def is_listed() -> bool:
        # The process has an upkeep of its own, which may list just now that there is nothing.
        first._is_listed = False
        await first.run_once()
        return bool(await deps.db.fetchval("select count(*) = 1 from q.cron where name = 'hourly'"))

    await until(is_listed)


async def test_another_process_leads_when_the_first_leaves(
    deps: Deps, other: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pg.leader.LEASE_SECONDS", 3600.0)
    trials = itertools.count(1)

    async def is_taken_over() -> bool:
        # A chore of its own for each trial: a process that cannot say goodbye within a second goes without.
        chore = f"trial {next(trials)}"
        first, second = (Leader(d.counters.line, d.instance, chore) for d in (deps, other))
        if not await first.is_leading():
            return False  # not joined again yet
        await deps.instance.leave()
        return await second.is_leading()

    await until(is_taken_over)
