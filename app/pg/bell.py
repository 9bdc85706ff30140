"""The doorbell: "something was committed, go and look", between processes.

Rows are committed first; then one ringer per process rings in a tiny transaction of its own, many rings in one
frame. A lost ring costs latency, never data: whoever is rung has a cursor and a safety poll. `listener.py` hears.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from app.errors import AppError
from app.metrics import Metrics
from app.pg.line import Line

log = logging.getLogger("trunkline.bell")
# Two rings closer than this travel in one frame.
WINDOW_SECONDS = 0.01
# PostgreSQL refuses payloads of 8,000 bytes.
FRAME_BYTES = 7900


@dataclass
class Ring:
    """What a ring says. `is_anything` means: something happened, look everywhere."""

    streams: dict[str, int] = field(default_factory=dict)  # channel → its top number
    queues: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)  # cache keys made invalid
    is_anything: bool = False

    def merge(self, other: Ring) -> None:
        for channel, seq in other.streams.items():
            if self.streams.get(channel, 0) < seq:
                self.streams[channel] = seq
        self.queues |= other.queues
        self.keys |= other.keys
        self.is_anything |= other.is_anything

    def __bool__(self) -> bool:
        return bool(self.streams or self.queues or self.keys or self.is_anything)


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

    def ring_canary(self, nonce: str) -> None:
        self._nonces.append(nonce)
        self._rung.set()

    def tell(self, ring: Ring) -> None:
        for hearer in self._hearers:
            hearer(ring)

    async def run(self) -> None:
        """The ringer: at most one flush in flight, at once when the last is a window ago, else at its end."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._rung.wait()
            early = WINDOW_SECONDS - (clock() - self._last)
            if early > 0:
                await asyncio.sleep(early)
            self._last = clock()
            try:
                await self.run_once()
            except Exception:
                log.exception("ring failed")

    async def run_once(self) -> int:
        """Ring what is waiting; returns the number of frames. A ring that fails is lost: polls find its rows."""
        ring, self._waiting = self._waiting, Ring()
        nonces, self._nonces = self._nonces, []
        self._rung.clear()
        frames = encode(self.name, ring, nonces)
        if not frames:
            return 0
        try:
            await self.line.fetch("select rt.ring($1)", frames)
        except AppError:
            self.metrics.rings.labels("lost").inc(len(frames))
            return 0
        self.metrics.rings.labels("out").inc(len(frames))
        return len(frames)


def encode(name: str, ring: Ring, nonces: list[str]) -> list[str]:
    """Frames of compact JSON, each small enough for one notification."""
    parts: list[tuple[str, object]] = [("s", [channel, seq]) for channel, seq in ring.streams.items()]
    parts += [("q", queue) for queue in sorted(ring.queues)]
    parts += [("c", key) for key in sorted(ring.keys)]
    parts += [("x", nonce) for nonce in nonces]
    parts += [("a", 1)] if ring.is_anything else []
    frames: list[str] = []
    frame: dict[str, list[object]] = {}
    size = 0
    for kind, value in parts:
        cost = len(json.dumps(value)) + 8
        if cost > FRAME_BYTES - 64:
            continue  # such a name cannot be told; the safety poll finds it
        if size + cost > FRAME_BYTES - 64:
            frames.append(json.dumps({"i": name, **frame}, separators=(",", ":")))
            frame, size = {}, 0
        frame.setdefault(kind, []).append(value)
        size += cost
    if frame:
        frames.append(json.dumps({"i": name, **frame}, separators=(",", ":")))
    return frames


def decode(frame: str) -> tuple[str, Ring, list[str]]:
    """(who rang, what, nonces). Raises ValueError for what is not ours."""
    try:
        value = json.loads(frame)
        ring = Ring(
            {str(channel): int(seq) for channel, seq in value.get("s", [])},
            set(map(str, value.get("q", []))),
            set(map(str, value.get("c", []))),
            bool(value.get("a")),
        )
        return str(value.get("i", "")), ring, list(value.get("x", []))
    except (AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"not a frame of ours: {error}") from error
