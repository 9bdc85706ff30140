"""Connections to an outside service that one use of it may hold at once; those beyond wait in order."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Slots:
    """`async with slots:`, or `take()` and later `give_back()`."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.waiting = 0
        self._free = asyncio.Semaphore(count)
        self.taken = 0

    @property
    def is_exhausted(self) -> bool:
        return self.waiting > 0

    async def take(self) -> None:
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.taken += 1

    def give_back(self) -> None:
        self.taken -= 1
        self._free.release()

    async def __aenter__(self) -> None:
        await self.take()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back()
