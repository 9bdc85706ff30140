"""Job queues: enqueue and drain no-op jobs with one worker process; enqueue to start when idle; a held snapshot."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.chart import bars as draw
from bench.machine import Postgres, Silent, ask, peer, python, rounds, size, start_postgres, start_redis
from bench.result import NO_FIGURE, Bar, Result, median, ratio

DRAIN_SECONDS = 15.0
LATENCY_JOBS, LATENCY_SECONDS = 300, 10.0
OURS, PGQUEUER, GRAPHILE, BULLMQ = "Trunkline", "PgQueuer", "graphile-worker", "BullMQ (Redis)"
ARQ, PROCRASTINATE = "arq (Redis)", "Procrastinate"
# Jobs in all; fewer where 200,000 would take minutes to enqueue. Rates are taken from the first start to the last.
JOBS = {OURS: 200_000, PGQUEUER: 200_000, GRAPHILE: 200_000, BULLMQ: 200_000, ARQ: 20_000, PROCRASTINATE: 5_000}
PROGRAMS = {
    OURS: python("bench.ours.jobs"),
    PGQUEUER: peer("jobs_pgqueuer.py"),
    GRAPHILE: peer("jobs_graphile.js"),
    BULLMQ: peer("jobs_bullmq.js"),
    ARQ: peer("jobs_arq.py"),
    PROCRASTINATE: peer("jobs_procrastinate.py"),
}


@dataclass
class Told:
    speed: list[dict[str, Any]] = field(default_factory=list)
    latency: list[dict[str, Any]] = field(default_factory=list)


def main() -> None:
    told = {name: Told() for name in JOBS}
    held: list[float] = []
    with start_postgres() as pg:
        for n in range(rounds(5)):
            for name in list(told)[:: -1 if n % 2 else 1]:
                one_round(pg, name, told[name], is_first=n == 0)
            held.append(while_held(pg))
            print(f"held: {held[-1]:.0f}", flush=True)
    save(told, median(held))


def one_round(pg: Postgres, name: str, told: Told, *, is_first: bool) -> None:
    jobs = size(JOBS[name])
    try:
        with address_of(pg, name) as address:
            told.speed.append(ask([*PROGRAMS[name], "speed", address, str(jobs), str(DRAIN_SECONDS)]))
        with address_of(pg, name) as address:
            told.latency.append(ask([*PROGRAMS[name], "latency", address, str(LATENCY_JOBS), str(LATENCY_SECONDS)]))
    except Silent as error:
        print(f"{name}: {error}", flush=True)
        return
    print(f"{name}: {told.speed[-1]} {told.latency[-1]}", flush=True)


def address_of(pg: Postgres, name: str) -> AbstractContextManager[str]:
    if name in (BULLMQ, ARQ):
        return start_redis()
    return contextlib.nullcontext(pg.migrated("jobs") if name == OURS else pg.fresh("jobs"))


def while_held(pg: Postgres) -> float:
    """Our drain while a transaction elsewhere keeps every dead row alive."""
    dsn = pg.migrated("jobs")
    with holding(dsn):
        return float(ask([*PROGRAMS[OURS], "speed", dsn, str(size(JOBS[OURS])), str(DRAIN_SECONDS)])["drain"])


@contextlib.contextmanager
def holding(dsn: str) -> Iterator[None]:
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("select count(*) from q.job")
        yield


def save(told: dict[str, Told], held: float) -> None:
    ran = {name: t for name, t in told.items() if t.speed and t.latency}

    def of(name: str, what: str) -> float:
        t = ran.get(name)
        if t is None:
            return 0.0
        return median([float(one[what]) for one in (t.speed if what in ("enqueue", "drain") else t.latency)])

    draw("queues", "No-op jobs drained a second, one worker process", {name: of(name, "drain") for name in ran}, "/s")
    Result(
        id="9-queues",
        title="Job queues",
        columns=["queue", "enqueued/s", "drained/s", "enqueue to start p50 ms", "p99 ms"],
        rows=[
            [name, f"{of(name, 'enqueue'):,.0f}", f"{of(name, 'drain'):,.0f}", f"{of(name, 'p50'):.1f}",
             f"{of(name, 'p99'):.1f}"]
            for name in ran
        ]
        + [[f"{OURS}, a transaction held open", "", f"{held:,.0f}", "", ""]],
        bars=[
            Bar("jobs drained/s ÷ PgQueuer", ratio(of(OURS, "drain"), of(PGQUEUER, "drain")), 3, True),
            Bar("jobs drained/s ÷ graphile-worker", ratio(of(OURS, "drain"), of(GRAPHILE, "drain")), 1.5, True),
            Bar("jobs drained/s ÷ BullMQ", ratio(of(OURS, "drain"), of(BULLMQ, "drain")), 3, True),
            Bar("enqueue to start, p50 ms", round(of(OURS, "p50"), 1) if OURS in ran else NO_FIGURE, 5, False),
        ],
        notes=[
            f"Median of {rounds(5)} alternating rounds; jobs enqueued in batches of 1,000 before one worker process on "
            "one core drains them; " + ", ".join(f"{name} {n:,}" for name, n in JOBS.items()) + ". No acknowledgement "
            "waits for a flush, with any queue. Enqueue to start: 300 jobs at 100 a second into an idle worker.",
            *(f"{name} did not run here." for name in told if name not in ran),
        ],
        pictures=["queues"],
    ).save()  # fmt: skip
