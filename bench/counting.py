"""Increments of one counter from 4 processes: slots and gathered flushes beside `update … set n = n + 1`."""

from __future__ import annotations

import contextlib

from bench.machine import python, rounds, running, start_postgres
from bench.result import Bar, Result, median, ratio

PROCESSES, SECONDS = 4, 3.0


def main() -> None:
    told: dict[str, list[float]] = {"counters": [], "naive": []}
    with start_postgres() as pg:
        dsn = pg.migrated("counting")
        pg.run("create table bench_naive (id int primary key, n bigint not null)", "counting")
        pg.run("insert into bench_naive values (1, 0)", "counting")
        for n in range(rounds(5)):
            for how in list(told)[:: -1 if n % 2 else 1]:
                told[how].append(one_round(how, dsn))
            print({how: rates[-1] for how, rates in told.items()}, flush=True)
    ours, naive = median(told["counters"]), median(told["naive"])
    Result(
        id="12-counting",
        title="Increments of one counter, 4 processes",
        columns=["how", "increments/s"],
        rows=[["Trunkline's counters", f"{ours:,.0f}"], ["update … set n = n + 1", f"{naive:,.0f}"]],
        bars=[Bar("increments/s ÷ naive UPDATE", ratio(ours, naive), 10, True)],
        notes=[f"Median of {rounds(5)} alternating rounds of {SECONDS:g} s; counted when it is in the table. Naive: 16 "
               "connections a process, each increment a durable commit."],
    ).save()  # fmt: skip


def one_round(how: str, dsn: str) -> float:
    with contextlib.ExitStack() as stack:
        children = [
            stack.enter_context(running([*python("bench.ours.counting"), how, dsn, str(SECONDS)]))
            for _ in range(PROCESSES)
        ]
        told = [child.hear_json(60) for child in children]
    return float(sum(t["n"] for t in told) / max(t["seconds"] for t in told))
