"""One room, 1,000 sockets, every message to all: the highest rate that is still fast, and how late at 100 a second."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.chart import bars as draw
from bench.chat import (
    BEST_COLUMNS,
    LIMIT_MS,
    NOTHING,
    OURS,
    SOCKET_IO,
    Start,
    Step,
    best_row,
    bracket,
    crowd,
    highest,
    shares,
    sides,
)
from bench.machine import rounds, start_postgres
from bench.product import RAISED, serve
from bench.result import Bar, Result, cost_ratio, median, ratio

SOCKETS = 1_000
WRITERS = 100
STEP_SECONDS = 3.0
CALM_RATE = 100


@dataclass
class Rounds:
    best: list[Step] = field(default_factory=list)
    calm: list[Step] = field(default_factory=list)
    start_at: float = 0.0


def main() -> None:
    with start_postgres() as pg:
        starts = sides(lambda: serve(pg, SOCKETS, WRITERS))
        told = {name: Rounds() for name in starts}
        for n in range(rounds(5)):
            # Every other round backwards: nobody always comes first.
            for name in list(told)[:: -1 if n % 2 else 1]:
                one_round(told[name], starts[name])
                print(f"{name}: {told[name].best[-1]}", flush=True)
    save(told)


def one_round(side: Rounds, start: Start) -> None:
    if not side.start_at:
        # In a crowd of its own: some servers do not get over being asked for too much.
        with start() as served, crowd(served, SOCKETS, WRITERS) as made:
            side.start_at = bracket(made, STEP_SECONDS)
    with start() as served, crowd(served, SOCKETS, WRITERS) as made:
        side.calm.append(made.step(CALM_RATE, STEP_SECONDS))
        best, _ = highest(made, side.start_at, STEP_SECONDS)
        side.best.append(best or NOTHING)
        side.start_at = best.rate if best else side.start_at / 2


def save(told: dict[str, Rounds]) -> None:
    def fastest(name: str) -> float:
        return median([step.per_second for step in told[name].best])

    def calm(name: str, what: str) -> float:
        return median([getattr(step, what) for step in told[name].calm])

    rows = [
        [*best_row(name, side.best), f"{calm(name, 'p50'):.1f}", f"{calm(name, 'p99'):.1f}",
         shares(side.calm), "yes" if name == OURS else "no"]
        for name, side in told.items()
    ]  # fmt: skip
    draw("fanout", "Deliveries a second, one room of 1,000 sockets", {n: fastest(n) for n in told}, "/s")
    draw("lateness", "Post to receive at 100 messages a second, p99 ms", {n: calm(n, "p99") for n in told}, " ms")
    Result(
        id="5-fanout",
        title="Chat: one room, 1,000 sockets",
        columns=[*BEST_COLUMNS, "p50 at 100/s", "p99 at 100/s", "cores at 100/s", "stored"],
        rows=rows,
        bars=[
            Bar("chat, deliveries/s ÷ Socket.IO + Redis", ratio(fastest(OURS), fastest(SOCKET_IO)), 4, True),
            Bar("chat at 100/s, p50 ÷ Socket.IO", cost_ratio(calm(OURS, "p50"), calm(SOCKET_IO, "p50")), 1.5, False),
            Bar("chat at 100/s, p99 ÷ Socket.IO", cost_ratio(calm(OURS, "p99"), calm(SOCKET_IO, "p99")), 1.5, False),
        ],
        notes=[
            f"The highest rate at which everything arrives and p99 stays below {LIMIT_MS:g} ms; median of {rounds(5)} "
            f"alternating rounds, steps of {STEP_SECONDS:g} s. Server on one core, load client on the other.",
            "Trunkline is the whole service: each message judged by its chat's rules and stored durably. Peers store "
            "nothing. WebSocket only, no compression, production mode everywhere.",
            "Settings raised for one load client on one address: " + ", ".join(f"{k}={v}" for k, v in RAISED.items()),
        ],
        pictures=["fanout", "lateness"],
    ).save()
