"""200 rooms of 20 sockets, two server processes: the highest rate that is still fast."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from bench.chat import LIMIT_MS, NOTHING, Served, Step, bracket, crowd, highest, socketio_node
from bench.machine import rounds, start_postgres
from bench.product import serve
from bench.result import Bar, Result, median, ratio

ROOMS, SOCKETS, WRITERS, PROCESSES = 200, 4_000, 200, 2
SECONDS = 3.0
OURS, SOCKET_IO = "Trunkline", "Socket.IO + Redis"


def main() -> None:
    best: dict[str, list[Step]] = {OURS: [], SOCKET_IO: []}
    at: dict[str, float] = {}
    with start_postgres() as pg:
        starts: dict[str, Callable[[], AbstractContextManager[Served]]] = {
            OURS: lambda: serve(pg, SOCKETS, WRITERS, ROOMS, PROCESSES),
            SOCKET_IO: lambda: socketio_node(ROOMS, PROCESSES),
        }
        for n in range(rounds(5)):
            for name in list(best)[:: -1 if n % 2 else 1]:
                if name not in at:
                    with starts[name]() as served, crowd(served, SOCKETS, WRITERS) as made:
                        at[name] = bracket(made, SECONDS, 200)
                with starts[name]() as served, crowd(served, SOCKETS, WRITERS) as made:
                    found, _ = highest(made, at[name], SECONDS)
                best[name].append(found or NOTHING)
                at[name] = found.rate if found else at[name] / 2
                print(f"{name}: {best[name][-1].told}", flush=True)
    save(best)


def save(best: dict[str, list[Step]]) -> None:
    def fastest(name: str) -> float:
        return median([step.per_second for step in best[name]])

    Result(
        id="7-rooms",
        title="Chat: 200 rooms of 20 sockets, two processes",
        columns=["server", "messages/s", "deliveries/s", "p50 ms", "p99 ms"],
        rows=[
            [name, f"{median([s.rate for s in steps]):.0f}", f"{fastest(name):,.0f}",
             f"{median([s.p50 for s in steps]):.1f}", f"{median([s.p99 for s in steps]):.1f}"]
            for name, steps in best.items()
        ],
        bars=[Bar("200 rooms, deliveries/s ÷ Socket.IO", ratio(fastest(OURS), fastest(SOCKET_IO)), 2, True)],
        notes=[f"The highest rate at which everything arrives and p99 stays below {LIMIT_MS:g} ms; median of "
               f"{rounds(5)} alternating rounds. Both server processes share one core, the load client has the other; "
               "each room has members on both. Trunkline stores every message, Socket.IO none."],
    ).save()  # fmt: skip
