"""The cache: reads, writes and near hits beside Redis; how soon a drop is heard elsewhere; builds under a stampede."""

from __future__ import annotations

from typing import Any

from bench.chart import bars as draw
from bench.machine import SERVER_CORE, Postgres, ask, peer, python, rounds, running, start_postgres, start_redis
from bench.result import Bar, Result, median, percentile, ratio

SECONDS = 3.0
DROPS = 200
CALLERS = 1_000
OURS = python("bench.ours.cache")


def main() -> None:
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    late: list[float] = []
    built: list[int] = []
    with start_postgres() as pg, start_redis() as redis:
        for n in range(rounds(5)):
            for is_ours in (True, False)[:: -1 if n % 2 else 1]:
                if is_ours:
                    ours.append(ask([*OURS, "speed", pg.migrated("cache"), str(SECONDS)]))
                else:
                    theirs.append(ask([*peer("cache_redis.py"), redis, str(SECONDS)]))
            late += drops(pg)
            built.append(int(ask([*OURS, "miss", pg.migrated("cache"), str(CALLERS)])["built"]))
            print(ours[-1], theirs[-1], built[-1], flush=True)
    save(ours, theirs, late, max(built))


def drops(pg: Postgres) -> list[float]:
    """Milliseconds from a drop's commit in one process until another one has forgotten the key."""
    dsn = pg.migrated("cache")
    with running([*OURS, "hear", dsn, str(DROPS)], SERVER_CORE) as hearing:
        while hearing.hear(60) != "ready":
            pass
        dropped: dict[str, float] = ask([*OURS, "drop", dsn, str(DROPS)], None)["at"]
        gone: dict[str, float] = hearing.hear_json(60)["at"]
    return [(gone[key] - at) * 1000 for key, at in dropped.items()]


def save(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], late: list[float], built: int) -> None:
    def of(told: list[dict[str, Any]], what: str, part: str) -> float:
        return median([one[what][part] for one in told])

    near = median([one["near"] for one in ours])

    def row(name: str, told: list[dict[str, Any]], what: str) -> list[str]:
        rate, p50, p99 = (of(told, what, part) for part in ("rate", "p50", "p99"))
        return [name, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]

    draw("cache", "Cache reads a second, 32 callers in one process",
         {"Trunkline, PostgreSQL": of(ours, "get", "rate"), "Redis": of(theirs, "get", "rate")}, "/s")  # fmt: skip
    Result(
        id="10-cache",
        title="Cache beside Redis, 300-byte JSON values, 32 callers",
        columns=["what", "per second", "p50 ms", "p99 ms"],
        rows=[
            row("Trunkline GET", ours, "get"),
            row("Redis GET", theirs, "get"),
            row("Trunkline SET", ours, "set"),
            row("Redis SET", theirs, "set"),
            ["Trunkline near hit", f"{near:,.0f}", "", ""],
        ],
        bars=[
            Bar("cache GET/s ÷ Redis", ratio(of(ours, "get", "rate"), of(theirs, "get", "rate")), 0.7, True),
            Bar("cache SET/s ÷ Redis", ratio(of(ours, "set", "rate"), of(theirs, "set", "rate")), 0.9, True),
            Bar("near hits/s ÷ Redis GET/s", ratio(near, of(theirs, "get", "rate")), 10, True),
            Bar("a drop is heard in another process, p99 ms", round(percentile(late, 0.99), 1), 25, False),
            Bar("builds of one key under 1,000 concurrent misses", built, 1, False),
        ],
        notes=[f"Median of {rounds(5)} alternating rounds of {SECONDS:g} s; the calling process on one core. Redis "
               "through redis-py with hiredis. Reads and writes of one moment travel in one statement."],
        pictures=["cache"],
    ).save()  # fmt: skip
