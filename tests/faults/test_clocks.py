"""A host whose clock is an hour off: leases, expiries and schedules go by the database's clock (F22)."""

from __future__ import annotations

import dataclasses
import time
import uuid
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from app.auth.tokens import Tokens
from app.config import Settings
from app.crew import Share
from app.deps import Deps
from app.errors import AppError
from app.jobs import Job, JobSpec, Schedule
from app.main import open_deps
from app.pg import cron
from app.pg.leader import Leader
from app.pg.pool import Database
from app.pg.queue import enqueue
from app.worker import Worker
from tests.house.files import ROOT

ENGINE = ("app/worker.py", "app/crew.py", "app/pg/*.py")


@pytest.mark.parametrize("skew", [-3600.0, 3600.0])
async def test_an_hour_off_steals_nothing_and_expires_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, skew: float
) -> None:
    real = time.time
    ran: list[int] = []

    async def note(job: Job, deps: Deps) -> None:
        ran.append(job.id)

    # Everything holds for some minutes: more than a machine may stand still, less than the hour.
    patient = dataclasses.replace(settings, lease_seconds=600.0)
    async with open_deps(patient) as right:
        await right.instance.joined.wait()
        leader = Leader(right.counters.line, right.instance, "chore")
        assert await leader.is_leading()
        await right.db.execute("update rt.leader set until = now() + interval '10 minutes' where name = 'chore'")
        await right.cache.put("k", b"1", 600)
        await right.db.execute("create table t as select now() + interval '10 minutes' as at")
        held = await enqueue(right.db, "default", "held", {})
        await right.db.execute("update q.job set leased_by = $1, attempt = 1", right.instance.id)
        later = await right.db.fetchval("select q.enqueue('default', 'note', '{}', (select at from t))")
        async with right.db.transaction() as connection:
            await cron.list_schedules(connection, [Schedule("hourly", 3600, "note", "default")])
            # Not at the full hour, which may be now; and an operator's, which the leading process does not take off.
            await connection.execute("update q.cron set is_listed = false, next_at = now() + interval '10 minutes'")

        monkeypatch.setattr(time, "time", lambda: real() + skew)
        async with open_deps(patient) as wrong:
            await wrong.instance.joined.wait()
            # What others hold is theirs, what is due later is not due, what is fresh is fresh.
            assert not await Leader(wrong.counters.line, wrong.instance, "chore").is_leading()
            worker = Worker(wrong, [JobSpec("note", "default", note)], {"default": Share(4)})
            assert await worker.run_once() == 0
            assert await wrong.db.fetch("select * from q.promote()") == []
            assert await cron.fire_due(wrong.db) == []
            assert await wrong.cache.get("k") == b"1"
            await wrong.cache.put("short", b"1", 600)
            assert await right.cache.get("short") == b"1"
            alive = await right.db.fetchval("select count(*) from rt.instance where lease_until > now()")
            assert alive == 2
            assert await right.db.fetchval("select count(*) from q.cron where name = 'hourly'") == 1
            await worker.stop(0)
        rows = await right.db.fetch("select id, state, attempt from ops.jobs order by id")
        assert [tuple(row) for row in rows] == [(held, "running", 1), (later, "scheduled", 0)]
    assert ran == []
    print(f"a host {skew:+.0f} s off: stole nothing, expired nothing, fired nothing")


@pytest.mark.parametrize(("seconds", "is_read"), [(-25, True), (25, True), (-600, False), (600, False)])
def test_a_token_of_a_host_whose_clock_differs_is_read_within_the_leeway(
    monkeypatch: pytest.MonkeyPatch, seconds: int, is_read: bool
) -> None:
    """Half a minute either way. A host ten minutes off is refused with 401 and signs in anew."""
    at, tokens = time.time(), Tokens("a test's key, long enough for everybody", 0 if seconds < 0 else 600)

    class Still(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Still:
            return cls.fromtimestamp(at, tz)

    # Both read in the same moment: this machine may stand still between them for longer than the leeway leaves.
    monkeypatch.setattr("jwt.api_jwt.datetime", Still)
    monkeypatch.setattr(time, "time", lambda: at + seconds)
    token = tokens.issue(7, str(uuid.UUID(int=7)))
    if is_read:
        assert tokens.read(token).user_id == 7
        return
    with pytest.raises(AppError, match="not_signed_in"):
        tokens.read(token)


def test_the_engine_never_asks_the_hosts_clock_what_time_it_is() -> None:
    """Only how much time passed: time.monotonic and the loop's clock."""
    found = []
    for pattern in ENGINE:
        for path in sorted(Path(ROOT).glob(pattern)):
            text = path.read_text(encoding="utf-8")
            found += [f"{path.name}: {word}" for word in ("time.time(", "datetime.now(", "utcnow(") if word in text]
    assert found == []


async def test_two_leaders_at_once_fire_a_schedule_once(db: Database) -> None:
    """A leader that stood still and believes it still leads: the schedule's own row decides."""
    await cron.list_schedules(db, [Schedule("hourly", 3600, "note", "default")])
    await db.execute("update q.cron set next_at = now() - interval '1 s'")
    due = await db.fetch("select * from q.due_crons()")
    following = cron.next_at(3600, None, "UTC", due[0]["now_at"])
    first = await db.fetchval("select q.fire('hourly', $1, $2)", due[0]["next_at"], following)
    late = await db.fetchval("select q.fire('hourly', $1, $2)", due[0]["next_at"], following)
    assert first is not None
    assert late is None
    assert await db.fetchval("select count(*) from q.job") == 1
