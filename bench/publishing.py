"""Durable publishes: 64 writers that wait for each number, 100 rooms, one process."""

from __future__ import annotations

from bench.machine import Postgres, Silent, ask, peer, python, rounds, start_postgres
from bench.result import Bar, Result, median

ROOMS, SECONDS = 100, 4.0
OURS, CHANNELS, DBOS = "Trunkline", "channels_postgres", "DBOS streams"
AHEAD = f"{OURS}, 8 under way from each writer"
# Publishes under way at a time.
WRITERS = {OURS: "64", AHEAD: "512", CHANNELS: "64", DBOS: "64"}
PROGRAMS = {
    OURS: python("bench.ours.publish"),
    AHEAD: python("bench.ours.publish"),
    CHANNELS: peer("publish_channels.py"),
    DBOS: peer("publish_dbos.py"),
}


def main() -> None:
    told: dict[str, list[dict[str, float]]] = {OURS: [], AHEAD: [], CHANNELS: [], DBOS: []}
    flushes: list[float] = []
    with start_postgres() as pg:
        pg.run("alter system set track_wal_io_timing = on")
        pg.run("select pg_reload_conf()")
        for n in range(rounds(5)):
            for name in list(told)[:: -1 if n % 2 else 1]:
                dsn = pg.migrated("publish") if name in (OURS, AHEAD) else pg.fresh("peer")
                pg.run("select pg_stat_reset_shared('io')")
                try:
                    told[name].append(ask([*PROGRAMS[name], dsn, WRITERS[name], str(ROOMS), str(SECONDS)]))
                except Silent as error:
                    print(f"{name}: {error}", flush=True)
                    continue
                if name == OURS:
                    flushes.append(flush_ms(pg))
                print(f"{name}: {told[name][-1]}", flush=True)
    save(told, flushes)


def flush_ms(pg: Postgres) -> float:
    """How long a flush of the log took on average since the last reset, in milliseconds."""
    ((taken,),) = pg.run("select sum(fsync_time) / nullif(sum(fsyncs), 0) from pg_stat_io where object = 'wal'")
    return float(taken or 0)


def save(told: dict[str, list[dict[str, float]]], flushes: list[float]) -> None:
    rate = {name: median([t["rate"] for t in all_told]) for name, all_told in told.items() if all_told}
    flush = median(flushes)
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
               f"Each writer waits for its number before it writes again, and a flush of the log took {flush:.2f} ms "
               f"here: were that all a publish takes, 64 writers could do {64 / flush * 1000:,.0f}/s. "
               "With 8 publishes of each under way, more of them share a flush.",
               *(f"{name} did not run here." for name in told if name not in rate)],
    ).save()  # fmt: skip
