"""200 rooms of 20 sockets, two server processes: the highest rate that is still fast."""

from __future__ import annotations

from bench.chat import (
    BEST_COLUMNS,
    LIMIT_MS,
    NOTHING,
    OURS,
    SOCKET_IO,
    Step,
    best_row,
    bracket,
    crowd,
    highest,
    sides,
)
from bench.machine import rounds, start_postgres
from bench.product import serve
from bench.result import Bar, Result, median, ratio

ROOMS, SOCKETS, WRITERS, PROCESSES = 200, 4_000, 200, 2
SECONDS = 3.0


def main() -> None:
    at: dict[str, float] = {}
    with start_postgres() as pg:
        starts = sides(lambda: serve(pg, SOCKETS, WRITERS, ROOMS, PROCESSES), ROOMS, PROCESSES)
        best: dict[str, list[Step]] = {name: [] for name in starts}
        for n in range(rounds(5)):
            for name in list(best)[:: -1 if n % 2 else 1]:
                if name not in at:
                    with starts[name]() as served, crowd(served, SOCKETS, WRITERS) as made:
                        at[name] = bracket(made, SECONDS, 200)
                with starts[name]() as served, crowd(served, SOCKETS, WRITERS) as made:
                    found, _ = highest(made, at[name], SECONDS)
                best[name].append(found or NOTHING)
                at[name] = found.rate if found else at[name] / 2
                print(f"{name}: {best[name][-1]}", flush=True)
    save(best)


def save(best: dict[str, list[Step]]) -> None:
    def fastest(name: str) -> float:
        return median([step.per_second for step in best[name]])

    Result(
        id="7-rooms",
        title="Chat: 200 rooms of 20 sockets, two processes",
        columns=BEST_COLUMNS,
        rows=[best_row(name, steps) for name, steps in best.items()],
        bars=[Bar("200 rooms, deliveries/s ÷ Socket.IO", ratio(fastest(OURS), fastest(SOCKET_IO)), 2, True)],
        notes=[f"The highest rate at which everything arrives and p99 stays below {LIMIT_MS:g} ms; median of "
               f"{rounds(5)} alternating rounds; too high is what failed twice. Both server processes share one core, "
               "the load client has the other; each room has members on both. Trunkline stores every message, the "
               "others none. Plain ASGI has one process: nothing there would carry a message to a second.",
               "Where the time goes: [decision 51](decisions/0051-where-the-time-goes.md)."],
    ).save()  # fmt: skip
