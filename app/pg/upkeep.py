"""Chores that one process does for all: due jobs, schedules, tomorrow's tables, forgetting what is old."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from app.pg import cron
from app.pg.bell import Bell
from app.pg.leader import Leader
from app.pg.line import Line
from app.pg.loop import forever

log = logging.getLogger("trunkline.upkeep")
TICK_SECONDS = 1.0
MINUTE = 60.0
HOUR = 3600.0
PROMOTE_LIMIT = 1000


class Upkeep:
    """Runs everywhere, works in the process that leads; each chore is safe in two at once (app/pg/leader.py)."""

    def __init__(
        self,
        line: Line,
        bell: Bell,
        leader: Leader,
        schedules: Iterable[cron.Listed],
        *,
        event_days: int,
        job_days: int,
        cache_bytes: int,
    ) -> None:
        self.line = line
        self.bell = bell
        self.leader = leader
        self.schedules = list(schedules)
        self.keep_events = timedelta(days=event_days)
        self.keep_jobs = timedelta(days=job_days)
        self.cache_bytes = cache_bytes
        self._is_listed = False
        self._minute_at = 0.0
        self._hour_at = 0.0

    async def run(self) -> None:
        await forever("upkeep", self.run_once, TICK_SECONDS)

    async def run_once(self) -> int:
        """One tick; returns how many jobs became ready."""
        if not await self.leader.is_leading():
            return 0
        if not self._is_listed:
            await cron.list_schedules(self.line, self.schedules)
            self._is_listed = True
        ready = await self.promote() + Counter(await cron.fire_due(self.line))
        if ready:
            self.bell.ring(queues=ready)
        now = asyncio.get_running_loop().time()
        if now >= self._minute_at:
            # Made a week ahead, so this finds nothing to do but once a day, and after a jump of the server's clock.
            await self.line.fetch("select rt.ensure_partitions()")
            await self.line.fetch("select rt.purge()")
            await self.line.fetch("select cache.shrink($1)", self.cache_bytes)
            self._minute_at = now + MINUTE
        if now >= self._hour_at:
            await self.hourly()
            self._hour_at = now + HOUR
        return ready.total()

    async def promote(self) -> Counter[str]:
        """How many jobs of each queue became ready."""
        moved: Counter[str] = Counter()
        while True:
            rows = await self.line.fetch("select queue, n from q.promote($1)", PROMOTE_LIMIT)
            batch = Counter({row["queue"]: int(row["n"]) for row in rows})
            moved += batch
            if batch.total() < PROMOTE_LIMIT:
                return moved

    async def hourly(self) -> None:
        await self.line.fetch("select rt.drop_partitions(now() - $1::interval)", self.keep_events)
        await self.line.fetch("select q.purge(now() - $1::interval)", self.keep_jobs)
        await self.line.fetch("select inbox.purge(now() - $1::interval)", self.keep_jobs)
