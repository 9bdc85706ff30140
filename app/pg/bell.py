"""The doorbell: "something was committed, go and look", between processes.

Rows are committed first; then one ringer per process rings in a tiny transaction of its own, many rings in one
frame. A lost ring costs latency, never data: whoever is rung has a cursor and a safety poll. `listener.py` hears.

What is worth a moment only (somebody types, an emoji flies) rides in the ring itself and is never stored.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.errors import AppError
from app.metrics import Metrics
from app.pg import frame
from app.pg.line import Line
from app.pg.loop import Backoff

log = logging.getLogger("trunkline.bell")
# Two rings closer than this travel in one frame.
WINDOW_SECONDS = 0.01
# A passing event older than this is of no use to anybody.
PASSING_SECONDS = 1.0
# More of them than this in one window are left out: they are promised at most once.
MAXIMUM_PASSING = 2_000


@dataclass(frozen=True)
class Passing:
    """An event that is told once and never stored; `data` is JSON."""

    channel: str
    type: str
    data: msgspec.Raw
    at: float = 0.0  # monotonic seconds, of the process that tells it


@dataclass
class Ring:
    """What a ring says. `is_anything` means: something happened, look everywhere.

    `is_unsure` is told by our own listener alone: its line was lost or is a new one, so the server may be another, or
    its history.
    """

    streams: dict[str, int] = field(default_factory=dict)  # channel → its top number
    queues: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)  # cache keys made invalid
    is_anything: bool = False
    is_unsure: bool = False
    passing: list[Passing] = field(default_factory=list)

    def merge(self, other: Ring) -> None:
        for channel, seq in other.streams.items():
            if self.streams.get(channel, 0) < seq:
                self.streams[channel] = seq
        self.queues |= other.queues
        self.keys |= other.keys
        self.is_anything |= other.is_anything
        self.is_unsure |= other.is_unsure
        self.passing += other.passing

    def __bool__(self) -> bool:
        return bool(self.streams or self.queues or self.keys or self.is_anything or self.is_unsure or self.passing)


class Bell:
    """Rings the other processes and our own loops. `ring` is cheap, never waits and never fails."""

    def __init__(self, line: Line, metrics: Metrics) -> None:
        self.line = line
        self.metrics = metrics
        self.name = secrets.token_hex(4)  # how we know our own frames
        self.is_live = False  # set by the listener: polls slow down while rings are known to arrive
        self._hearers: list[Callable[[Ring], None]] = []
        self._waiting = Ring()
        self._nonces: list[str] = []
        self._rung = asyncio.Event()
        self._last = 0.0

    def hear(self, hearer: Callable[[Ring], None]) -> None:
        """Call this function (which must not wait) on every ring, our own ones included."""
        self._hearers.append(hearer)

    def ring(
        self, *, streams: Mapping[str, int] | None = None, queues: Iterable[str] = (), keys: Iterable[str] = ()
    ) -> None:
        """After a commit. Without arguments everybody looks everywhere; saying where saves them queries."""
        ring = Ring(dict(streams or {}), set(queues), set(keys))
        ring.is_anything = not ring
        self.tell(ring)
        self._waiting.merge(ring)
        self._rung.set()

    def tell_all(self, channel: str, type: str, data: Any) -> None:
        """A passing event to every socket on a channel: ours at once, other processes' with the next ring.

        `data` is what JSON can say. At most once, never stored, gone when the doorbell is down.
        """
        ring = Ring(passing=[Passing(channel, type, msgspec.Raw(msgspec.json.encode(data)), time.monotonic())])
        self.tell(ring)
        if len(self._waiting.passing) < MAXIMUM_PASSING:
            self._waiting.merge(ring)
            self._rung.set()

    def ring_canary(self, nonce: str) -> None:
        self._nonces.append(nonce)
        self._rung.set()

    def tell(self, ring: Ring) -> None:
        for hearer in self._hearers:
            hearer(ring)

    async def run(self) -> None:
        """The ringer: at most one flush in flight, at once when the last is a window ago, else at its end."""
        clock = asyncio.get_running_loop().time
        backoff = Backoff()
        while True:
            await self._rung.wait()
            early = WINDOW_SECONDS - (clock() - self._last)
            if early > 0:
                await asyncio.sleep(early)
            self._last = clock()
            try:
                await self.run_once()
                backoff.reset()
            except AppError:
                await asyncio.sleep(backoff.next())
            except Exception:
                log.exception("ring failed")

    async def run_once(self) -> int:
        """Ring what is waiting; returns the number of frames. Raises AppError, and rings it later, when away."""
        ring, self._waiting = self._waiting, Ring()
        nonces, self._nonces = self._nonces, []
        self._rung.clear()
        oldest = time.monotonic() - PASSING_SECONDS
        passing = [p for p in ring.passing if p.at >= oldest]
        try:
            frames = await self._encode(ring, passing, nonces)
            if frames:
                await self.line.fetch("select rt.ring($1)", frames)
        except AppError as error:
            # Numbers only grow, so ringing them again with what came meanwhile is one ring more or less.
            self.metrics.rings.labels("lost").inc()
            if error.code != "unavailable":
                # One of them is what PostgreSQL never takes; that there is something to look for it takes.
                log.error("a ring was refused", extra={"error": repr(error.__cause__)})
                ring = Ring(is_anything=True)
            ring.merge(self._waiting)
            self._waiting = ring
            self._rung.set()
            raise
        self.metrics.rings.labels("out").inc(len(frames))
        return len(frames)

    async def _encode(self, ring: Ring, passing: list[Passing], nonces: list[str]) -> list[str]:
        small = [(p.channel, p.type, p.data) for p in passing if frame.fits(p.channel, p.type, p.data)]
        large = [p for p in passing if not frame.fits(p.channel, p.type, p.data)]
        parts: list[tuple[str, object]] = [("s", pair) for pair in ring.streams.items()]
        parts += [("q", queue) for queue in sorted(ring.queues)]
        parts += [("c", key) for key in sorted(ring.keys)]
        parts += [("x", nonce) for nonce in nonces]
        parts += [("e", event) for event in small]
        parts += [("b", id) for id in await self._spill(large)]
        parts += [("a", 1)] if ring.is_anything else []
        return frame.pack(self.name, parts)

    async def _spill(self, large: list[Passing]) -> list[int]:
        """Ids of events kept apart. Raises AppError unavailable."""
        if not large:
            return []
        rows = await self.line.fetch(
            "select id from rt.spill($1, $2, $3) order by id",
            [p.channel for p in large],
            [p.type for p in large],
            [bytes(p.data).decode() for p in large],
        )
        return [row["id"] for row in rows]


def heard(told: frame.Frame) -> Ring:
    """What another process's frame says."""
    passing = [Passing(channel, type, data) for channel, type, data in told.e]
    return Ring(dict(told.s), set(told.q), set(told.c), bool(told.a), passing=passing)
