"""Thin callers of schema q. The rules are in sql/functions/q; the loop is in app/worker.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg

from app.pg.line import Line


class Runs(Protocol):
    """A pool, a connection or a line: what can run one statement."""

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]: ...


@dataclass(frozen=True)
class Claimed:
    """A job this process leased. (queue_id, priority, id) is its key."""

    queue_id: int
    priority: int
    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int | None
    created_at: Any


@dataclass(frozen=True)
class Failed:
    """The end of a try that failed. `delay_seconds` None leaves the wait to SQL."""

    job: Claimed
    error: dict[str, Any]
    delay_seconds: float | None
    give_up: bool


async def enqueue(
    db: Runs, queue: str, kind: str, payload: Mapping[str, Any], *, ukey: str | None = None
) -> int | None:
    """One job; None when one with that key waits or runs. Raises AppError unknown_queue. Ring afterwards."""
    rows = await db.fetch("select q.enqueue($1, $2, $3, p_ukey => $4)", queue, kind, dict(payload), ukey)
    id: int | None = rows[0][0]
    return id


async def enqueue_many(
    db: Runs, queue: str, kind: str, payloads: Sequence[Mapping[str, Any]], ukeys: Sequence[str | None] | None = None
) -> list[int | None]:
    """Many jobs of one kind in one statement; ids in order, None for duplicates."""
    n = len(payloads)
    rows = await db.fetch(
        "select id from q.enqueue_many($1, $2, $3, p_ukey => $4) order by ord",
        [queue] * n,
        [kind] * n,
        [dict(p) for p in payloads],
        None if ukeys is None else list(ukeys),
    )
    return [row["id"] for row in rows]


async def queue_ids(db: Runs) -> dict[str, int]:
    return {row["name"]: row["id"] for row in await db.fetch("select name, id from q.queue")}


async def turn(
    line: Line, instance_id: int, done: Sequence[Claimed], wanted: Mapping[int, int]
) -> tuple[set[int], list[Claimed]]:
    """Acknowledge and claim in one round trip: (ids acknowledged, jobs claimed in the order to run them)."""
    rows = await line.fetch(
        "select * from q.turn($1, $2, $3, $4, $5, $6)",
        instance_id,
        *keys(done),
        list(wanted),
        list(wanted.values()),
    )
    acknowledged = {row["id"] for row in rows if row["is_done"]}
    claimed = [
        Claimed(
            row["queue"],
            row["priority"],
            row["id"],
            row["kind"],
            row["payload"],
            row["attempt"],
            row["max_attempts"],
            row["created_at"],
        )
        for row in rows
        if not row["is_done"]
    ]
    return acknowledged, sorted(claimed, key=lambda job: (job.priority, job.id))


async def fail(line: Line, instance_id: int, failed: Sequence[Failed]) -> dict[int, str]:
    """What became of each: id → retry or dead; absent when another process had taken the job over."""
    rows = await line.fetch(
        "select id, outcome from q.fail($1, $2, $3, $4, $5, $6, $7)",
        instance_id,
        *keys([f.job for f in failed]),
        [f.error for f in failed],
        [f.delay_seconds for f in failed],
        [f.give_up for f in failed],
    )
    return {row["id"]: row["outcome"] for row in rows}


async def hand_back(line: Line, instance_id: int, jobs: Sequence[Claimed]) -> int:
    return int(await line.fetchval("select q.hand_back($1, $2, $3, $4)", instance_id, *keys(jobs)))


async def release_lost(line: Line, instance_id: int, known: Sequence[Claimed]) -> int:
    return int(await line.fetchval("select q.release_lost($1, $2)", instance_id, [job.id for job in known]))


async def depths(db: Runs) -> list[asyncpg.Record]:
    """Jobs by queue and state; see ops.queue_depth."""
    return await db.fetch("select * from ops.queue_depth")


def keys(jobs: Sequence[Claimed]) -> tuple[list[int], list[int], list[int]]:
    return [j.queue_id for j in jobs], [j.priority for j in jobs], [j.id for j in jobs]
