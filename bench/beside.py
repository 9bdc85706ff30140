"""An unrelated insert load while the bus runs at 5,000 messages a second, and without it."""

from __future__ import annotations

import contextlib

from bench.machine import ask, python, rounds, running, start_postgres
from bench.result import Bar, Result, median, ratio

RATE, SECONDS, LEAD_SECONDS = 5_000, 4.0, 4.0
PACED = 0.3


def main() -> None:
    with start_postgres() as pg:
        dsn = pg.migrated("beside")
        most = max(inserts(dsn, 0) for _ in range(2))  # makes the table, warms it up
        full = compare(dsn, 0)
        paced = compare(dsn, most * PACED)
    rows = [[name, f"{off:,.0f}", f"{on:,.0f}", f"{sent:,.0f}"] for name, (off, on, sent) in
            (("as fast as it can", full), (f"paced at {PACED:.0%} of that", paced))]  # fmt: skip
    Result(
        id="11-beside",
        title="An unrelated insert load beside the bus",
        columns=["inserts", "bus off, inserts/s", "bus on, inserts/s", "messages/s on the bus"],
        rows=rows,
        bars=[
            Bar("inserts/s beside 5,000 messages/s ÷ bus off", ratio(full[1], full[0]), 0.9, True),
            Bar(f"the same, paced at {PACED:.0%} of the machine's most", ratio(paced[1], paced[0]), 0.9, True),
        ],
        notes=[
            f"Median of {rounds(5)} alternating rounds of {SECONDS:g} s; 8 connections, one durable commit a row.",
            "As fast as it can, the load fills both cores by itself; publisher, watcher and their part of PostgreSQL "
            "need a share of the same cores, and that share is missing. Paced, only waiting for each other would show.",
        ],
    ).save()


def compare(dsn: str, pace: float) -> tuple[float, float, float]:
    """Inserts a second without and with the bus, and what the bus carried a second."""
    off: list[float] = []
    on: list[tuple[float, float]] = []
    for n in range(rounds(5)):
        for is_on in (False, True)[:: -1 if n % 2 else 1]:
            if is_on:
                on.append(with_bus(dsn, pace))
            else:
                off.append(inserts(dsn, pace))
        print(f"pace {pace:.0f}: {off[-1]:.0f} {on[-1]}", flush=True)
    return median(off), median([rate for rate, _ in on]), median([sent for _, sent in on])


def inserts(dsn: str, pace: float) -> float:
    return float(ask([*python("bench.ours.inserts"), dsn, str(SECONDS), str(pace)], None)["rate"])


def with_bus(dsn: str, pace: float) -> tuple[float, float]:
    """Inserts a second, and what the bus carried a second meanwhile."""
    bus = python("bench.ours.bus")
    last = str(SECONDS + LEAD_SECONDS)
    with contextlib.ExitStack() as stack:
        watching = stack.enter_context(running([*bus, "watch", dsn, "0", last], None))
        while watching.hear(60) != "ready":
            pass
        publishing = stack.enter_context(running([*bus, "publish", dsn, str(RATE), last], None))
        rate = inserts(dsn, pace)
        told = publishing.hear_json(60)
        return rate, told["n"] / told["seconds"]
