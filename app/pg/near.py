"""Values kept in the process for a moment, so that a hit costs no query; coherent by the doorbell.

Least recently used first out, counted in bytes. A ring of a key drops it; while rings may not arrive nothing is
answered from here; "look everywhere" (also told when the listener is back) forgets all. So a value here is older
than a committed change by the time a ring takes, and by a few seconds when the listener dies without a word.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from app.pg.bell import Bell, Ring

# A fetch is compared with drops of its own shard: fewer shards refuse more fetches that raced nothing.
SHARDS = 1024
# What Python keeps for an entry beside its key and value.
OVERHEAD_BYTES = 200


class Near:
    """`mark` before fetching, `keep` after: what was dropped in between is not kept."""

    def __init__(self, bell: Bell, maximum_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.bell = bell
        self.maximum_bytes = maximum_bytes
        self.clock = clock
        self.bytes = 0
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._drops = [0] * SHARDS
        self._sweeps = 0
        bell.hear(self.hear)

    def get(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None or not self.bell.is_live:
            return None
        if entry[1] <= self.clock():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def mark(self, key: str) -> tuple[int, int]:
        return self._sweeps, self._drops[hash(key) % SHARDS]

    def keep(self, key: str, value: bytes, seconds: float, mark: tuple[int, int]) -> bool:
        """Whether it was kept: not when a drop came since `mark`, nor while the listener is down."""
        size = len(key) + len(value) + OVERHEAD_BYTES
        if seconds <= 0 or size > self.maximum_bytes or not self.bell.is_live or self.mark(key) != mark:
            return False
        self._forget(key)
        self._entries[key] = value, self.clock() + seconds
        self.bytes += size
        while self.bytes > self.maximum_bytes:
            self._forget(next(iter(self._entries)))
        return True

    def hear(self, ring: Ring) -> None:
        if ring.is_anything:
            self._sweeps += 1
            self._entries.clear()
            self.bytes = 0
        for key in ring.keys:
            self._drops[hash(key) % SHARDS] += 1
            self._forget(key)

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= len(key) + len(entry[0]) + OVERHEAD_BYTES
