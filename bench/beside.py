"""An unrelated insert load while the bus runs at 5,000 messages a second, and without it."""

from __future__ import annotations

import contextlib
import os
import time

import psutil
import psycopg

from bench.machine import Child, ask, python, rounds, running, start_postgres
from bench.result import Bar, Result, median, ratio

RATE, SECONDS, LEAD_SECONDS = 5_000, 4.0, 4.0
PACED = 0.3


def main() -> None:
    with start_postgres() as pg:
        dsn = pg.migrated("beside")
        most = max(inserts(dsn, 0) for _ in range(2))  # makes the table, warms it up
        full = compare(dsn, 0)
        paced = compare(dsn, most * PACED)
    rows = [[name, f"{off:,.0f}", f"{on:,.0f}", f"{sent:,.0f}", f"{cores:.2f}"] for name, (off, on, sent, cores) in
            (("as fast as it can", full), (f"paced at {PACED:.0%} of that", paced))]  # fmt: skip
    Result(
        id="11-beside",
        title="An unrelated insert load beside the bus",
        columns=["inserts", "bus off, inserts/s", "bus on, inserts/s", "messages/s on the bus", "cores the bus took"],
        rows=rows,
        bars=[
            Bar("inserts/s beside 5,000 messages/s ÷ bus off", ratio(full[1], full[0]), 0.9, True),
            Bar(f"the same, paced at {PACED:.0%} of the machine's most", ratio(paced[1], paced[0]), 0.9, True),
        ],
        notes=[
            f"Median of {rounds(5)} alternating rounds of {SECONDS:g} s; 8 connections, one durable commit a row.",
            f"As fast as it can, the load fills all {os.cpu_count()} cores by itself; publisher, watcher and "
            "their part of PostgreSQL need a share of the same cores (the last column) and of the one log that is "
            "flushed, and that share is missing. Paced, only waiting for each other would show.",
        ],
    ).save()


def compare(dsn: str, pace: float) -> tuple[float, float, float, float]:
    """Inserts a second without and with the bus, what the bus carried a second, how many cores it took."""
    off: list[float] = []
    on: list[tuple[float, float, float]] = []
    for n in range(rounds(5)):
        for is_on in (False, True)[:: -1 if n % 2 else 1]:
            if is_on:
                on.append(with_bus(dsn, pace))
            else:
                off.append(inserts(dsn, pace))
        print(f"pace {pace:.0f}: {off[-1]:.0f} {on[-1]}", flush=True)
    rate, sent, cores = (median(values) for values in zip(*on, strict=True))
    return median(off), rate, sent, cores


def inserts(dsn: str, pace: float) -> float:
    return float(ask([*python("bench.ours.inserts"), dsn, str(SECONDS), str(pace)], None)["rate"])


def with_bus(dsn: str, pace: float) -> tuple[float, float, float]:
    """Inserts a second, what the bus carried a second meanwhile, and the cores it took."""
    bus = python("bench.ours.bus")
    last = str(SECONDS + LEAD_SECONDS)
    with contextlib.ExitStack() as stack:
        watching = stack.enter_context(running([*bus, "watch", dsn, "0", last], None))
        while watching.hear(60) != "ready":
            pass
        publishing = stack.enter_context(running([*bus, "publish", dsn, str(RATE), last], None))
        while publishing.hear(60) != "ready":
            pass
        started, before = time.monotonic(), used(dsn, watching, publishing)
        rate = inserts(dsn, pace)
        cores = (used(dsn, watching, publishing) - before) / (time.monotonic() - started)
        told = publishing.hear_json(60)
        return rate, told["n"] / told["seconds"], cores


def used(dsn: str, *children: Child) -> float:
    """Seconds of a core that these processes and what PostgreSQL runs for the product have used so far."""
    with psycopg.connect(dsn) as connection:
        query = "select pid from pg_stat_activity where application_name like 'trunkline%'"
        backends = [psutil.Process(pid) for (pid,) in connection.execute(query)]
    times = [p.cpu_times() for p in (*backends, *(psutil.Process(child.process.pid) for child in children))]
    return sum(t.user + t.system for t in times)
