"""Collects cyclic garbage in small portions, so that a process that holds many sockets never stands still for it.

Python's own full collection walks everything that lives: 150 ms with 2,000 sockets, in which nobody gets a message.
Here what survived a collection is set aside (`gc.freeze`) and the next one walks only what came since. What was set
aside and died is looked for when as much has gathered as was alive the last time, so that it costs a fixed share of
what is allocated; little dies that way, since counting references frees most of what ends.
"""

from __future__ import annotations

import asyncio
import gc

SECONDS = 1.0
# Objects made and still there before the youngest are looked at, and passes over those before the middle ones are.
YOUNG, MIDDLE = 5_000, 10
NEVER = 2**31 - 1
# What a process holds that has just started, roughly.
LEAST_OBJECTS = 200_000


class Sweeper:
    def __init__(self) -> None:
        """From now on Python collects the youngest by itself, and the rest is collected by `run_once`."""
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        gc.collect()
        gc.freeze()
        self._alive = self._count()

    def run_once(self) -> bool:
        """Walk what came since the last time; True when everything was walked."""
        if gc.get_count()[2] == 0:
            return False
        is_full = gc.get_freeze_count() > 2 * self._alive
        if is_full:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        if is_full:
            self._alive = self._count()
        return is_full

    def _count(self) -> int:
        return max(LEAST_OBJECTS, gc.get_freeze_count())


async def sweep() -> None:
    """As long as the process lives."""
    sweeper = Sweeper()
    while True:
        await asyncio.sleep(SECONDS)
        sweeper.run_once()
