"""10,000 sockets in one room at 10 messages a second: how late, and how much memory a socket takes."""

from __future__ import annotations

from bench.chart import bars as draw
from bench.chat import OURS, SOCKET_IO, Start, Step, crowd, shares, sides
from bench.machine import rounds, size, start_postgres
from bench.product import serve
from bench.result import Bar, Result, cost_ratio, median

SOCKETS, WRITERS, RATE, SECONDS = 10_000, 50, 10, 5.0


def main() -> None:
    sockets = size(SOCKETS)
    with start_postgres() as pg:
        starts = sides(lambda: serve(pg, sockets, WRITERS))
        told: dict[str, list[tuple[Step, float]]] = {name: [] for name in starts}
        for n in range(rounds(5)):
            for name in list(told)[:: -1 if n % 2 else 1]:
                told[name].append(one_round(starts[name], sockets))
                print(f"{name}: {told[name][-1]}", flush=True)
    save(told, sockets)


def one_round(start: Start, sockets: int) -> tuple[Step, float]:
    """The step, and kB of the server's memory per socket."""
    with start() as served:
        before = served.memory()
        with crowd(served, sockets, WRITERS) as made:
            taken = (served.memory() - before) / sockets / 1000
            return made.step(RATE, SECONDS, drain=20), taken


def save(told: dict[str, list[tuple[Step, float]]], sockets: int) -> None:
    def late(name: str, what: str) -> float:
        return median([getattr(step, what) for step, _ in told[name]])

    def memory(name: str) -> float:
        return median([taken for _, taken in told[name]])

    draw("crowd", f"{sockets:,} sockets in one room, p99 ms", {name: late(name, "p99") for name in told}, " ms")
    Result(
        id="6-crowd",
        title=f"Chat: one room, {sockets:,} sockets, {RATE} messages a second",
        columns=["server", "p50 ms", "p99 ms", "kB a socket", "lost", "server / client core"],
        rows=[
            [name, f"{late(name, 'p50'):.0f}", f"{late(name, 'p99'):.0f}", f"{memory(name):.1f}",
             str(sum(step.told["lost"] for step, _ in told[name])), shares([step for step, _ in told[name]])]
            for name in told
        ],
        bars=[
            Bar("10,000 sockets, p99 ÷ Socket.IO", cost_ratio(late(OURS, "p99"), late(SOCKET_IO, "p99")), 0.5, False),
            Bar("10,000 sockets, memory ÷ Socket.IO", cost_ratio(memory(OURS), memory(SOCKET_IO)), 1, False),
        ],
        notes=[f"Median of {rounds(5)} alternating rounds of {SECONDS:g} s; one server process on one core. Memory: "
               "PSS of the server with all sockets joined, less what it took before the first."],
        pictures=["crowd"],
    ).save()  # fmt: skip
