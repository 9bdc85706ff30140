"""The engine of one process, built and started in order, stopped in reverse."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from app.config import Settings
from app.metrics import Metrics
from app.pg.bell import Bell
from app.pg.cache import Cache
from app.pg.counter import Counters
from app.pg.cron import Listed
from app.pg.instance import Instance
from app.pg.leader import Leader
from app.pg.line import Line
from app.pg.listener import Listener
from app.pg.loop import background
from app.pg.pool import Database
from app.pg.stream import Streams
from app.pg.upkeep import Upkeep


@dataclass
class Engine:
    bell: Bell
    listener: Listener
    instance: Instance
    streams: Streams
    counters: Counters
    cache: Cache
    upkeep: Upkeep


@contextlib.asynccontextmanager
async def open_engine(
    settings: Settings, db: Database, metrics: Metrics, schedules: Iterable[Listed]
) -> AsyncIterator[Engine]:
    """Start the loops. Never waits for the database: a service without one starts, and says so at /ready."""
    # One direct connection for everything small: rings, leases, counts. Losing its last moments in a crash of
    # the server costs nothing that the next second does not repair.
    kept, connector = settings.listen_statement_cache, db.connector
    line = Line(settings.listen_url, "trunkline:control", connector=connector, cache=kept, synchronous_commit="off")
    bell = Bell(line, metrics)
    # Writers of messages; not for LISTEN, so they may go through a pooler.
    lanes = [
        Line(settings.database_url, "trunkline:write", connector=connector, cache=settings.db_statement_cache)
        for _ in range(settings.write_lanes)
    ]
    instance = Instance(line, "app", settings.lease_seconds)
    instance.facts["is_listening"] = lambda: bell.is_live
    counters = Counters(line, instance)
    lookups = Line(settings.listen_url, "trunkline:cache", connector=connector, cache=kept)
    engine = Engine(
        bell=bell,
        listener=Listener(bell, settings.listen_url, connector=connector),
        instance=instance,
        streams=Streams(db, bell, lanes, backlog=settings.write_backlog),
        counters=counters,
        cache=Cache(db, lookups, bell, counters, metrics, settings.cache_near_bytes),
        upkeep=Upkeep(
            line,
            bell,
            Leader(line, instance, "upkeep"),
            schedules,
            event_days=settings.event_keep_days,
            job_days=settings.job_keep_days,
            cache_bytes=settings.cache_max_bytes,
        ),
    )
    try:
        async with background(
            instance.run(),
            bell.run(),
            engine.listener.run(),
            engine.streams.run(),
            engine.counters.run(),
            engine.upkeep.run(),
        ):
            yield engine
            await engine.streams.close()
        with contextlib.suppress(Exception):
            await engine.counters.run_once()
        await instance.leave()
    finally:
        for opened in (line, lookups, *lanes):
            await opened.close()
