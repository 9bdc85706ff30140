"""So many things a second, with a burst: what one socket may ask, and how many sockets one process takes."""

from __future__ import annotations

import asyncio


class Rate:
    __slots__ = ("at", "clock", "left", "most", "per_second")

    def __init__(self, per_second: float, burst_seconds: float) -> None:
        self.per_second = per_second
        self.most = per_second * burst_seconds
        self.clock = asyncio.get_running_loop().time
        self.left = self.most
        self.at = self.clock()

    def take(self) -> bool:
        """Whether this one fits. Those that do not are counted too, as a debt."""
        now = self.clock()
        self.left = min(self.most, self.left + (now - self.at) * self.per_second)
        self.at = now
        self.left -= 1
        return self.left >= 0

    def owe(self, n: int) -> float:
        """Count so many at once; how long to wait, in seconds, for them to be no more than the rate allows."""
        now = self.clock()
        self.left = min(self.most, self.left + (now - self.at) * self.per_second) - n
        self.at = now
        return max(0.0, -self.left / self.per_second)

    def give_back(self) -> None:
        """What was refused makes nobody else wait."""
        self.left += 1

    @property
    def is_abused(self) -> bool:
        return self.left < -self.most
