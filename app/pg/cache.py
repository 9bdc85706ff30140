"""What is dear to make and cheap to keep: near in the process, behind it table `cache_data` for all processes.

Values are JSON as bytes, ready to send: nothing on the way decodes them. Lookups and stores of one moment travel
in one statement. Use:

    body = await deps.cache.get_or_build("lives:now", build, fresh_seconds=2, stale_seconds=30)

where `build` is `async def () -> bytes`. Whoever changes what a key holds calls `cache.drop(array['lives:now'])`
in the SQL function that changes it, and `deps.bell.ring(keys=["lives:now"])` after the commit (a plain `ring()`
does, too). Then no process answers the old value once the ring has arrived, however slow a build was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.errors import AppError
from app.metrics import Metrics
from app.pg.batch import Batcher
from app.pg.bell import Bell, Ring
from app.pg.counter import Counters
from app.pg.near import Near
from app.pg.queue import Runs

log = logging.getLogger("trunkline.cache")
HOLD_SECONDS = 10.0  # how long a builder may take before another tries
WAIT_SECONDS = 0.02  # between looks at another process's build
NEAR_SECONDS = 10.0  # longest life in the process
BACKLOG = 10_000
OUTCOMES = ("near", "hit", "stale", "miss")

Build = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True)
class Kept:
    """A value of the table. `fresh_seconds` ≤ 0: stale, still good while somebody builds a new one."""

    value: bytes
    fresh_seconds: float


@dataclass(frozen=True)
class Lease:
    """The answer to who builds. `token` None: somebody else does, or did just now."""

    token: int | None
    value: bytes | None
    is_fresh: bool


@dataclass(frozen=True)
class Built:
    key: str
    token: int
    value: bytes
    fresh: float
    stale: float


async def drop(db: Runs, *keys: str) -> None:
    """Make keys invalid. In a business transaction pass its connection, so both happen or neither. Ring afterwards."""
    await db.fetch("select cache.drop($1)", list(keys))


class Cache:
    """Near, then the table, then one builder in the whole cluster. Raises AppError unavailable with the database."""

    def __init__(self, db: Runs, line: Runs, bell: Bell, counters: Counters, metrics: Metrics, near_bytes: int) -> None:
        """`line` is for lookups only: a store may wait for a writer's transaction, and no lookup should behind it."""
        self.db = db
        self.line = line
        self.near = Near(bell, near_bytes)
        self.counters = counters
        self._counts = {name: (metrics.cache.labels(name), f"cache:{name}") for name in OUTCOMES}
        self._gets = Batcher[str, Kept | None]([self._flush_gets], backlog=BACKLOG)
        self._puts = Batcher[tuple[str, bytes, float], None]([self._flush_puts], backlog=BACKLOG)
        self._leases = Batcher[str, Lease | None]([self._flush_leases], backlog=BACKLOG)
        self._fills = Batcher[Built, bool]([self._flush_fills], backlog=BACKLOG)
        self._flights: dict[str, asyncio.Task[bytes]] = {}
        bell.hear(self._hear)

    async def get(self, key: str, *, near_seconds: float = NEAR_SECONDS) -> bytes | None:
        """The value while it is fresh, else None."""
        value = self.near.get(key)
        if value is not None:
            self._count("near")
            return value
        kept = await self._look(key, near_seconds)
        self._count("hit" if kept and kept.fresh_seconds > 0 else "miss")
        return kept.value if kept and kept.fresh_seconds > 0 else None

    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        """Store for everybody. Other processes may answer an older value for NEAR_SECONDS unless the key is rung."""
        await self._puts.put(key, (key, value, ttl_seconds))
        self.near.hear(Ring(keys={key}))

    async def get_or_build(
        self,
        key: str,
        build: Build,
        *,
        fresh_seconds: float,
        stale_seconds: float = 0.0,
        near_seconds: float = NEAR_SECONDS,
    ) -> bytes:
        """Fresh, or stale while one builder works, or what that builder makes. Raises what `build` raises."""
        value = self.near.get(key)
        if value is not None:
            self._count("near")
            return value
        kept = await self._look(key, near_seconds)
        if kept is not None and kept.fresh_seconds > 0:
            self._count("hit")
            return kept.value
        flight = self._flights.get(key)
        if flight is None:
            # A task of its own: the callers that share it must not die with the one that began it.
            flight = asyncio.create_task(self._fly(key, build, fresh_seconds, stale_seconds, near_seconds))
            self._flights[key] = flight
            flight.add_done_callback(lambda task: self._land(key, task))
        if kept is not None:
            self._count("stale")
            return kept.value
        self._count("miss")
        return await asyncio.shield(flight)

    async def _look(self, key: str, near_seconds: float) -> Kept | None:
        mark = self.near.mark(key)
        kept = await self._gets.put(key, key)
        if kept is not None:
            self.near.keep(key, kept.value, min(kept.fresh_seconds, near_seconds), mark)
        return kept

    async def _fly(self, key: str, build: Build, fresh: float, stale: float, near: float) -> bytes:
        while True:
            mark = self.near.mark(key)
            # None: the winner's row was not visible to the statement yet.
            lease = await self._leases.put(key, key)
            if lease is not None and lease.is_fresh and lease.value is not None:
                return lease.value
            if lease is not None and lease.token is not None:
                try:
                    value = await build()
                except BaseException:
                    await self.db.fetch("select cache.release($1, $2)", key, lease.token)
                    raise
                if await self._fills.put(key, Built(key, lease.token, value, fresh, stale)):
                    self.near.keep(key, value, min(fresh, near), mark)
                return value
            await asyncio.sleep(WAIT_SECONDS)

    def _hear(self, ring: Ring) -> None:
        # Who asks after a drop must not share a build that began before it.
        for key in list(self._flights) if ring.is_anything else ring.keys:
            self._flights.pop(key, None)

    def _land(self, key: str, task: asyncio.Task[bytes]) -> None:
        if self._flights.get(key) is task:
            del self._flights[key]
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, AppError):
            log.warning("build failed", extra={"key": key, "error": repr(error)})

    def _count(self, outcome: str) -> None:
        figure, kind = self._counts[outcome]
        figure.inc()
        self.counters.add(kind, 0)

    async def _flush_gets(self, keys: list[str]) -> Sequence[Kept | None]:
        rows = await self.line.fetch(
            "select key, value::text, fresh_seconds from cache.get($1)", list(dict.fromkeys(keys))
        )
        found = {row[0]: Kept(row[1].encode(), row[2]) for row in rows}
        return [found.get(key) for key in keys]

    async def _flush_leases(self, keys: list[str]) -> Sequence[Lease | None]:
        rows = await self.db.fetch(
            "select key, token, value::text, is_fresh from cache.lease($1, make_interval(secs => $2))",
            list(dict.fromkeys(keys)),
            HOLD_SECONDS,
        )
        found = {key: Lease(token, value and value.encode(), is_fresh) for key, token, value, is_fresh in rows}
        # One builder of each key here; who else asks comes again.
        return [found.pop(key, None) for key in keys]

    async def _flush_fills(self, items: list[Built]) -> Sequence[bool]:
        rows = await self.db.fetch(
            "select cache.fill($1, $2, $3::text[], $4, $5)",
            [item.key for item in items],
            [item.token for item in items],
            [item.value.decode() for item in items],
            [item.fresh for item in items],
            [item.stale for item in items],
        )
        stored = {row[0] for row in rows}
        return [item.key in stored for item in items]

    async def _flush_puts(self, items: list[tuple[str, bytes, float]]) -> Sequence[None]:
        # Of one key the last value counts.
        last = {key: (value, ttl) for key, value, ttl in items}
        await self.db.fetch(
            "select cache.put_many($1, $2::text[], $3)",
            list(last),
            [value.decode() for value, _ in last.values()],
            [ttl for _, ttl in last.values()],
        )
        return [None] * len(items)
