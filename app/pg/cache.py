"""What is dear to make and cheap to keep: table `cache_data`, one builder per key in the whole cluster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.errors import AppError
from app.metrics import Metrics
from app.pg.queue import Runs

log = logging.getLogger("trunkline.cache")
HOLD_SECONDS = 10.0  # how long a builder may take before another tries
WAIT_SECONDS = 0.02  # between looks at another process's build

Build = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Kept:
    value: Any
    is_fresh: bool


async def get(db: Runs, key: str) -> Kept | None:
    rows = await db.fetch("select value, is_fresh from cache.get($1)", [key])
    return Kept(rows[0]["value"], rows[0]["is_fresh"]) if rows else None


async def put(db: Runs, key: str, value: Any, ttl_seconds: float) -> None:
    await db.fetch("select cache.put($1, $2, make_interval(secs => $3))", key, value, ttl_seconds)


async def drop(db: Runs, *keys: str) -> None:
    """Make keys invalid. In a business transaction pass its connection, so both happen or neither."""
    await db.fetch("select cache.drop($1)", list(keys))


class Cache:
    """`get_or_build`: fresh from the table, else stale while one builder works, else wait for that builder."""

    def __init__(self, db: Runs, metrics: Metrics) -> None:
        self.db = db
        self.metrics = metrics
        self._flights: dict[str, asyncio.Task[Any]] = {}

    async def get_or_build(self, key: str, build: Build, *, fresh_seconds: float, stale_seconds: float = 0.0) -> Any:
        """The value of a key. Values must be JSON and not None. Raises what `build` raises."""
        kept = await get(self.db, key)
        if kept is not None and kept.is_fresh:
            self.metrics.cache.labels("hit").inc()
            return kept.value
        flight = self._flights.get(key)
        if flight is None:
            # A task of its own: the callers that share it must not die with the one that began it.
            flight = asyncio.create_task(self._fly(key, build, fresh_seconds, stale_seconds))
            self._flights[key] = flight
            flight.add_done_callback(lambda task: self._land(key, task))
        if kept is not None:
            self.metrics.cache.labels("stale").inc()
            return kept.value
        self.metrics.cache.labels("miss").inc()
        return await asyncio.shield(flight)

    async def _fly(self, key: str, build: Build, fresh: float, stale: float) -> Any:
        while True:
            rows = await self.db.fetch("select * from cache.lease($1, make_interval(secs => $2))", key, HOLD_SECONDS)
            # No row: the winner's row is not visible to this statement yet.
            lease = rows[0] if rows else None
            if lease is not None and lease["is_fresh"] and lease["value"] is not None:
                return lease["value"]
            if lease is not None and lease["token"] is not None:
                try:
                    value = await build()
                except BaseException:
                    await self.db.fetch("select cache.release($1, $2)", key, lease["token"])
                    raise
                await self.db.fetch(
                    "select cache.fill($1, $2, $3, make_interval(secs => $4), make_interval(secs => $5))",
                    key,
                    lease["token"],
                    value,
                    fresh,
                    stale,
                )
                return value
            await asyncio.sleep(WAIT_SECONDS)

    def _land(self, key: str, task: asyncio.Task[Any]) -> None:
        self._flights.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, AppError):
            log.warning("build failed", extra={"key": key, "error": repr(error)})
