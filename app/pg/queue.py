"""Thin callers of schema q. The rules are in sql/functions/q; the loop is in app/worker.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg

from app.pg.line import Line

LOWEST, HIGHEST = -32768, 32767  # priorities


class Runs(Protocol):
    """A pool, a connection or a line: what can run one statement."""

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]: ...


class Claimed:
    """A job this process leased. Made by the ten thousand a second, so no dataclass: `payload` is JSON text."""

    __slots__ = ("attempt", "id", "is_lost", "kind", "max_attempts", "payload", "priority", "queue_id")

    def __init__(
        self,
        id: int,
        queue_id: int,
        priority: int,
        kind: str,
        payload: str,
        attempt: int,
        max_attempts: int | None,
        is_lost: bool,
    ) -> None:
        self.id = id
        self.queue_id = queue_id
        self.priority = priority
        self.kind = kind
        self.payload = payload
        self.attempt = attempt
        self.max_attempts = max_attempts
        self.is_lost = is_lost  # its last worker fell silent in the middle of it


@dataclass(frozen=True)
class Failed:
    """The end of a try that failed. `error`: {code, message}. `delay_seconds` None leaves the wait to SQL."""

    job: Claimed
    error: dict[str, str]
    delay_seconds: float | None
    give_up: bool


@dataclass(frozen=True)
class Part:
    """A stretch of a queue to look for jobs in: after (priority, id), up to the end of priority `last`."""

    queue_id: int
    priority: int
    id: int
    last: int


@dataclass
class Turn:
    """What one turn brought."""

    claimed: list[Claimed]
    refused: set[int]  # ids whose acknowledgement came too late
    waits: list[tuple[int, float]]  # queue id, seconds from enqueue to claim; of first tries


async def enqueue(
    db: Runs, queue: str, kind: str, payload: Mapping[str, Any], *, ukey: str | None = None, priority: int = 0
) -> int | None:
    """One job; None when one with that key waits or runs. Raises AppError unknown_queue. Ring afterwards."""
    rows = await db.fetch(
        "select q.enqueue($1, $2, $3, p_ukey => $4, p_priority => $5)", queue, kind, dict(payload), ukey, priority
    )
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
    line: Line, instance_id: int, done: Sequence[Claimed], wanted: Mapping[int, int], parts: Sequence[Part] = ()
) -> Turn:
    """Acknowledge and claim in one round trip. `wanted`: queue id → jobs; `parts` empty: look everywhere."""
    rows = await line.fetch(
        "select id, queue, priority, kind, payload, attempt, max_attempts, is_lost, waited_seconds"
        " from q.turn($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        instance_id,
        *keys(done),
        list(wanted),
        list(wanted.values()),
        *([[p.queue_id for p in parts], [p.priority for p in parts], [p.id for p in parts], [p.last for p in parts]]
          if parts else (None, None, None, None)),
    )  # fmt: skip
    result = Turn([], set(), [])
    for id, queue_id, priority, kind, payload, attempt, max_attempts, is_lost, waited in rows:
        if kind is None:
            result.refused.add(id)
            continue
        result.claimed.append(Claimed(id, queue_id, priority, kind, payload, attempt, max_attempts, is_lost))
        if attempt == 1:
            result.waits.append((queue_id, waited))
    result.claimed.sort(key=lambda job: (job.priority, job.id))
    return result


async def fail(line: Line, instance_id: int, failed: Sequence[Failed]) -> list[str]:
    """What became of each, in order: retry, dead, or taken_over when another process has the job."""
    rows = await line.fetch(
        "select id, outcome from q.fail($1, $2, $3, $4, $5, $6, $7)",
        instance_id,
        *keys([f.job for f in failed]),
        [f.error for f in failed],
        [f.delay_seconds for f in failed],
        [f.give_up for f in failed],
    )
    outcomes = {row["id"]: row["outcome"] for row in rows}
    return [outcomes.get(f.job.id, "taken_over") for f in failed]


async def hand_back(line: Line, instance_id: int, jobs: Sequence[Claimed]) -> int:
    return int(await line.fetchval("select q.hand_back($1, $2, $3, $4)", instance_id, *keys(jobs)))


async def release_lost(line: Line, instance_id: int, known: Sequence[int]) -> int:
    """Give back what we hold but do not know of; `known`: ids."""
    return int(await line.fetchval("select q.release_lost($1, $2)", instance_id, list(known)))


async def not_mine(line: Line, instance_id: int, jobs: Sequence[Claimed]) -> set[int]:
    """Ids of those among our running jobs that were cancelled or taken over."""
    return {row[0] for row in await line.fetch("select q.not_mine($1, $2, $3, $4)", instance_id, *keys(jobs))}


async def finish(connection: Runs, instance_id: int | None, job: Claimed) -> None:
    """Ends a job with the connection's transaction. Raises AppError job_taken_over."""
    await connection.fetch(
        "select q.finish($1, $2, $3, $4, $5)", instance_id, job.queue_id, job.priority, job.id, job.attempt
    )


async def depths(db: Runs) -> list[asyncpg.Record]:
    """Jobs by queue and state; see ops.queue_depth."""
    return await db.fetch("select * from ops.queue_depth")


def keys(jobs: Sequence[Claimed]) -> tuple[list[int], list[int], list[int]]:
    return [j.queue_id for j in jobs], [j.priority for j in jobs], [j.id for j in jobs]
