"""Schedules: jobs by the clock. The database's clock decides; a compare-and-set fires each time once."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfoNotFoundError

from app.pg.cronexpr import CronError, next_time
from app.pg.queue import Runs

log = logging.getLogger("trunkline.cron")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BROKEN_RETRY = timedelta(hours=1)


class Listed(Protocol):
    """What a schedule of the code says; see app/jobs/spec.py."""

    @property
    def name(self) -> str: ...
    @property
    def every_seconds(self) -> int | None: ...
    @property
    def expr(self) -> str | None: ...
    @property
    def tz(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> dict[str, Any]: ...


def next_at(every_seconds: int | None, expr: str | None, tz: str, after: datetime) -> datetime:
    """The beat after a time. Intervals sit on multiples of themselves, so every process finds the same ones."""
    if every_seconds is not None:
        beats = int((after - EPOCH).total_seconds()) // every_seconds + 1
        return EPOCH + timedelta(seconds=beats * every_seconds)
    return next_time(expr or "", tz, after)


async def list_schedules(db: Runs, schedules: Iterable[Listed]) -> None:
    """Make q.cron's listed rows equal to the code's list."""
    now: datetime = (await db.fetch("select now()"))[0][0]
    rows = [
        {
            "name": s.name,
            "every_seconds": s.every_seconds,
            "expr": s.expr,
            "tz": s.tz,
            "queue": s.queue,
            "kind": s.kind,
            "payload": s.payload,
            "next_at": next_at(s.every_seconds, s.expr, s.tz, now).isoformat(),
        }
        for s in schedules
    ]
    await db.fetch("select q.list_crons($1)", rows)


async def fire_due(db: Runs, now: datetime | None = None) -> list[str]:
    """Fire what is due; returns the queue of each job made. Times missed while nobody ran are made up by one job."""
    fired = []
    for row in await db.fetch("select * from q.due_crons(coalesce($1, now()))", now):
        try:
            following = next_at(row["every_seconds"], row["expr"], row["tz"], row["now_at"])
        except (CronError, ZoneInfoNotFoundError) as error:
            log.error("schedule cannot be read", extra={"schedule": row["name"], "error": str(error)})
            await db.fetch("update q.cron set next_at = $2 where name = $1", row["name"], row["now_at"] + BROKEN_RETRY)
            continue
        job = await db.fetch("select q.fire($1, $2, $3)", row["name"], row["next_at"], following)
        if job[0][0] is not None:
            fired.append(row["queue"])
    return fired
