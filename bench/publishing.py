"""Durable publishes: 64 writers that wait for each number, 100 rooms, one process."""

from __future__ import annotations

from bench.machine import Silent, ask, peer, python, rounds, start_postgres
from bench.result import Bar, Result, median

WRITERS, ROOMS, SECONDS = 64, 100, 4.0
OURS, CHANNELS, DBOS = "Trunkline", "channels_postgres", "DBOS streams"


def main() -> None:
    told: dict[str, list[dict[str, float]]] = {OURS: [], CHANNELS: [], DBOS: []}
    programs = {
        OURS: python("bench.ours.publish"),
        CHANNELS: peer("publish_channels.py"),
        DBOS: peer("publish_dbos.py"),
    }
    with start_postgres() as pg:
        for n in range(rounds(5)):
            for name in list(told)[:: -1 if n % 2 else 1]:
                dsn = pg.migrated("publish") if name == OURS else pg.fresh("peer")
                try:
                    told[name].append(ask([*programs[name], dsn, str(WRITERS), str(ROOMS), str(SECONDS)]))
                except Silent as error:
                    print(f"{name}: {error}", flush=True)
                    continue
                print(f"{name}: {told[name][-1]}", flush=True)
    rate = {name: median([t["rate"] for t in all_told]) for name, all_told in told.items() if all_told}
    Result(
        id="8-publish",
        title="Durable publishes, 64 writers, 100 rooms",
        columns=["bus", "publishes/s", "p50 ms", "p99 ms"],
        rows=[
            [name, f"{rate[name]:,.0f}", f"{median([t['p50'] for t in told[name]]):.1f}",
             f"{median([t['p99'] for t in told[name]]):.1f}"]
            for name in rate
        ],
        bars=[Bar("durable publishes/s (Centrifugo publishes 17,000)", round(rate.get(OURS, 0)), 17_000, True)],
        notes=[f"Median of {rounds(5)} alternating rounds of {SECONDS:g} s, 200 bytes each, the process on one core, "
               "PostgreSQL durable. 17,000/s is Centrifugo's own figure for its PostgreSQL broker, on other hardware.",
               *(f"{name} did not run here." for name in told if name not in rate)],
    ).save()  # fmt: skip
