"""Short words for the SQL tests: plain connections that commit at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg

from app.pg.pool import Database, set_codecs
from tests.signals import SECONDS


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """One more real connection, for races."""
    connection = await asyncpg.connect(dsn)
    await set_codecs(connection)
    try:
        yield connection
    finally:
        await connection.close()


async def backend_waits(db: Database, pid: int) -> None:
    """Return once that backend waits for a lock of another."""
    async with asyncio.timeout(SECONDS):
        while not await db.fetchval("select cardinality(pg_blocking_pids($1)) > 0", pid):
            pass


async def join(db: Any, lease: str = "1 hour") -> int:
    return int(await db.fetchval("select rt.join('test', $1::text::interval)", lease))


async def enqueue(db: Any, *, queue: str = "default", kind: str = "k", ukey: str | None = None, **more: Any) -> Any:
    return await db.fetchval(
        "select q.enqueue($1, $2, $3, $4, $5, $6, $7)",
        queue,
        kind,
        more.get("payload", {}),
        more.get("run_at"),
        ukey,
        more.get("priority", 0),
        more.get("max_attempts"),
    )


async def claim(db: Any, instance: int, want: int = 10, queue: int = 1) -> list[Any]:
    rows = await db.fetch(
        "select id, queue, priority, kind, payload::jsonb as payload, attempt, is_lost"
        " from q.turn($1, '{}', '{}', '{}', $2, $3)",
        instance,
        [queue],
        [want],
    )
    return sorted(rows, key=lambda row: (row["priority"], row["id"]))


async def finish(db: Any, instance: int, jobs: list[Any]) -> list[int]:
    """The ids whose acknowledgement counted."""
    rows = await db.fetch("select id from q.turn($1, $2, $3, $4, '{}', '{}')", instance, *keys(jobs))
    return sorted({job["id"] for job in jobs} - {row["id"] for row in rows})


async def fail(db: Any, instance: int, jobs: list[Any], *, delay: float | None = None, give_up: bool = False) -> Any:
    n = len(jobs)
    return await db.fetch(
        "select * from q.fail($1, $2, $3, $4, $5, $6, $7)",
        instance,
        *keys(jobs),
        [{"code": "x", "message": "broken"}] * n,
        [delay] * n,
        [give_up] * n,
    )


def keys(jobs: list[Any]) -> tuple[list[int], list[int], list[int]]:
    return [j["queue"] for j in jobs], [j["priority"] for j in jobs], [j["id"] for j in jobs]


async def explain_into(connection: asyncpg.Connection, plans: list[str]) -> Callable[[], None]:
    """Collect the plan of every statement, those inside functions included, until the function returned is called."""

    def note(_: Any, message: Any) -> None:
        plans.append(str(message.message))

    connection.add_log_listener(note)
    await connection.execute(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;"
        " set client_min_messages = log"
    )
    return lambda: connection.remove_log_listener(note)
