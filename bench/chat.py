"""The chat servers side by side, and the load client that drives each of them the same way.

Every server is started alone, on one core, with the load client on the other; what it needs (PostgreSQL, Redis)
runs beside it. See bench/peers/chat_*.{js,py} for how each peer is set up.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

from bench.machine import CLIENT_CORE, SERVER_CORE, Child, Silent, peer, running, start_redis, wait_for_port
from bench.result import median
from tests.cluster import free_port

CONNECT_SECONDS = 150
# What the bars call fast enough.
LIMIT_MS = 100.0
# A rate is too high when it failed so often: one pause of anybody's must not end the climb.
TRIES = 2
OURS, SOCKET_IO, PYTHON, PLAIN = "Trunkline", "Socket.IO + Redis", "python-socketio + Redis", "plain ASGI send"
Start = Callable[[], contextlib.AbstractContextManager["Served"]]


@dataclass
class Served:
    """Servers that are up: how the load client speaks to them, and their processes."""

    dialect: str
    urls: list[str]
    children: list[Child]
    rooms: list[str]
    tickets: list[str] = field(default_factory=list)

    def memory(self) -> float:
        """Bytes of the server processes, what they share counted once."""
        parts = [p for child in self.children for p in family(child)]
        return float(sum(p.memory_full_info().pss for p in parts))


def family(child: Child) -> list[psutil.Process]:
    parent = psutil.Process(child.process.pid)
    return [parent, *parent.children(recursive=True)]


@contextlib.contextmanager
def socketio_node(rooms: int = 1, processes: int = 1) -> Iterator[Served]:
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(start_redis())
        yield start(stack, "socketio", "chat_socketio.js", rooms, processes, redis)


@contextlib.contextmanager
def socketio_python(rooms: int = 1, processes: int = 1) -> Iterator[Served]:
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(start_redis())
        yield start(stack, "socketio", "chat_socketio.py", rooms, processes, redis)


@contextlib.contextmanager
def plain(rooms: int = 1) -> Iterator[Served]:
    """Always one process: nothing would carry a message to another."""
    with contextlib.ExitStack() as stack:
        yield start(stack, "plain", "chat_plain.py", rooms, 1)


def sides(ours: Start, rooms: int = 1, processes: int = 1) -> dict[str, Start]:
    """Everybody who is measured, in order."""
    return {
        OURS: ours,
        SOCKET_IO: lambda: socketio_node(rooms, processes),
        PYTHON: lambda: socketio_python(rooms, processes),
        PLAIN: lambda: plain(rooms),
    }


def start(stack: contextlib.ExitStack, dialect: str, script: str, rooms: int, processes: int, *args: str) -> Served:
    served = Served(dialect, [], [], [f"room{n}" for n in range(rooms)])
    for _ in range(processes):
        port = free_port()
        child = stack.enter_context(running([*peer(script), str(port), *args], SERVER_CORE))
        wait_for_port(port, child)
        path = "/socket.io/?EIO=4&transport=websocket" if dialect == "socketio" else "/"
        served.urls.append(f"ws://127.0.0.1:{port}{path}")
        served.children.append(child)
    return served


def busy(children: list[Child]) -> float:
    """Seconds of a core these processes have used so far."""
    used = [p.cpu_times() for child in children for p in family(child)]
    return sum(times.user + times.system for times in used)


class Crowd:
    """Sockets of the load client, joined to their rooms."""

    def __init__(self, child: Child, servers: list[Child]) -> None:
        self.child = child
        self.servers = servers

    def step(self, rate: float, seconds: float, drain: float = 10) -> Step:
        started, server, client = time.monotonic(), busy(self.servers), busy([self.child])
        self.child.say({"rate": rate, "seconds": seconds, "drain": drain})
        told = self.child.hear_json(seconds + drain + 30)
        took = time.monotonic() - started
        return Step(rate, told, (busy(self.servers) - server) / took, (busy([self.child]) - client) / took)


@dataclass(frozen=True)
class Step:
    """What one rate did; see Crowd.report in bench/peers/chat_load.py. Shares of a core: who was at its limit."""

    rate: float
    told: dict[str, Any]
    server_share: float = 0.0
    client_share: float = 0.0

    @property
    def p50(self) -> float:
        return float(self.told["p50"])

    @property
    def p99(self) -> float:
        return float(self.told["p99"])

    @property
    def per_second(self) -> float:
        return float(self.told["per_second"])

    @property
    def is_whole(self) -> bool:
        """Everything arrived, once, and nobody was cut off."""
        return not any(self.told[name] for name in ("lost", "doubled", "refused", "closed"))

    @property
    def is_good(self) -> bool:
        return self.is_whole and 0 <= self.p99 <= LIMIT_MS


# What a round without a single good step counts as.
NOTHING = Step(0, {"per_second": 0, "p50": -1.0, "p99": -1.0, "lost": 0, "doubled": 0, "refused": 0, "closed": 0})


@contextlib.contextmanager
def crowd(served: Served, sockets: int, writers: int) -> Iterator[Crowd]:
    plan = {
        "dialect": served.dialect,
        "urls": served.urls,
        "rooms": served.rooms,
        "sockets": sockets,
        "publishers": writers,
        "tickets": served.tickets,
    }
    with running([*peer("chat_load.py"), json.dumps(plan)], CLIENT_CORE) as child:
        child.hear_json(CONNECT_SECONDS)
        made = Crowd(child, served.children)
        made.step(min(20, sockets), 1)  # every code path once, before anything is timed
        yield made


def highest(made: Crowd, start_at: float, seconds: float, share: float = 1.125) -> tuple[Step | None, list[Step]]:
    """The highest rate that is good: up by `share` from `start_at` while good, else down until good."""
    steps: list[Step] = []

    def attempt(rate: float) -> bool:
        for _ in range(TRIES):
            steps.append(made.step(round(rate), seconds))
            if steps[-1].is_good or steps[-1].told["closed"]:
                break
        return steps[-1].is_good

    rate = start_at
    try:
        if attempt(rate):
            while attempt(rate := rate * share):
                pass
        else:
            while rate > 5 and steps[-1].told["closed"] == 0 and not attempt(rate := rate / share):
                pass
    except Silent:
        pass
    good = [step for step in steps if step.is_good]
    return (max(good, key=lambda step: step.rate) if good else None), steps


def bracket(made: Crowd, seconds: float, rate: float = 50) -> float:
    """Roughly the highest good rate: doubled from `rate` until it is too much."""
    while made.step(rate, seconds).is_good:
        rate *= 2
    return rate / 2


def shares(steps: Sequence[Step]) -> str:
    """How busy the cores of server and load client were: who was at its limit."""
    return f"{median([s.server_share for s in steps]):.0%} / {median([s.client_share for s in steps]):.0%}"


def best_row(name: str, steps: Sequence[Step]) -> list[str]:
    """Under BEST_COLUMNS: the highest good rate of each round, their medians."""
    rate = median([s.rate for s in steps])
    if not rate:
        return [name, "none", "", "", "", ""]
    late = [f"{median([getattr(s, what) for s in steps]):.1f}" for what in ("p50", "p99")]
    return [name, f"{rate:.0f}", f"{median([s.per_second for s in steps]):,.0f}", *late, shares(steps)]


BEST_COLUMNS = ["server", "messages/s", "deliveries/s", "p50 ms", "p99 ms", "server / client core"]
