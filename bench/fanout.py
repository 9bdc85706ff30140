"""One room, 1,000 sockets, every message to all: the highest rate that is still fast, and how late at calm rates."""

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
# The bar's own rate, and one that every peer but the slowest carries on this machine.
CALM_RATES = (40, 100)


@dataclass
class Rounds:
    best: list[Step] = field(default_factory=list)
    calm: dict[int, list[Step]] = field(default_factory=lambda: {rate: [] for rate in CALM_RATES})
    start_at: float = 0.0

    def late(self, rate: int, what: str) -> float:
        """Milliseconds, p50 or p99."""
        return median([getattr(step, what) for step in self.calm[rate]])


def main() -> None:
    with start_postgres() as pg:
        starts = sides(lambda: serve(pg, SOCKETS, WRITERS))
        told = {name: Rounds() for name in starts}
        for n in range(rounds(5)):
            # Every other round backwards: nobody always comes first.
            for name in list(told)[:: -1 if n % 2 else 1]:
                one_round(told[name], starts[name])
                print(f"{name}: {told[name].best[-1]}", flush=True)
    save_best({name: side.best for name, side in told.items()})
    save_calm(told)


def one_round(side: Rounds, start: Start) -> None:
    if not side.start_at:
        # In a crowd of its own: some servers do not get over being asked for too much.
        with start() as served, crowd(served, SOCKETS, WRITERS) as made:
            side.start_at = bracket(made, STEP_SECONDS)
    with start() as served, crowd(served, SOCKETS, WRITERS) as made:
        for rate, steps in side.calm.items():
            steps.append(made.step(rate, STEP_SECONDS))
        best, _ = highest(made, side.start_at, STEP_SECONDS)
        side.best.append(best or NOTHING)
        side.start_at = best.rate if best else side.start_at / 2


def save_best(best: dict[str, list[Step]]) -> None:
    fastest = {name: median([step.per_second for step in steps]) for name, steps in best.items()}
    draw("fanout", "Deliveries a second, one room of 1,000 sockets", fastest, "/s")
    Result(
        id="5-fanout",
        title="Chat: one room, 1,000 sockets",
        columns=[*BEST_COLUMNS, "stored"],
        rows=[[*best_row(name, steps), "yes" if name == OURS else "no"] for name, steps in best.items()],
        bars=[Bar("chat, deliveries/s ÷ Socket.IO + Redis", ratio(fastest[OURS], fastest[SOCKET_IO]), 4, True)],
        notes=[
            f"The highest rate at which everything arrives and p99 stays below {LIMIT_MS:g} ms; median of {rounds(5)} "
            f"alternating rounds, steps of {STEP_SECONDS:g} s; too high is what failed twice. Server on one core, load "
            "client on the other.",
            "Trunkline is the whole service: each message judged by its chat's rules and stored durably. Peers store "
            "nothing. WebSocket only, no compression, production mode everywhere.",
            "Settings raised for one load client on one address: " + ", ".join(f"{k}={v}" for k, v in RAISED.items()),
        ],
        pictures=["fanout"],
    ).save()


def save_calm(told: dict[str, Rounds]) -> None:
    worst = max(CALM_RATES)
    title = f"Post to receive at {worst} messages a second, p99 ms"
    draw("lateness", title, {name: side.late(worst, "p99") for name, side in told.items()}, " ms")
    Result(
        id="6-calm",
        title="Chat: one room, 1,000 sockets, how late at calm rates",
        columns=["server", "messages/s", "p50 ms", "p99 ms", "server / client core"],
        rows=[
            [name, f"{rate}", f"{side.late(rate, 'p50'):.1f}", f"{side.late(rate, 'p99'):.1f}", shares(side.calm[rate])]
            for rate in CALM_RATES
            for name, side in told.items()
        ],
        bars=[
            Bar(f"chat at {rate}/s, {what} ÷ Socket.IO",
                cost_ratio(told[OURS].late(rate, what), told[SOCKET_IO].late(rate, what)), 1.5, False)
            for rate in CALM_RATES
            for what in ("p50", "p99")
        ],
        notes=["Median of the same rounds, in the same crowds, before each looked for its highest rate. Where a "
               "server's core is full, it has more to write than it can, and everything waits for that."],
        pictures=["lateness"],
    ).save()  # fmt: skip
