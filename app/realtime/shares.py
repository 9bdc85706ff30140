"""So many at once for everybody, and so many for each address: those beyond wait, and not for long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from app.errors import unavailable


class Shares:
    """What is shared out by one process: downloads. An address that has its share waits for itself."""

    def __init__(self, in_all: int, per_address: int, wait_seconds: float) -> None:
        self.in_all = in_all
        self.per_address = per_address
        self.wait_seconds = wait_seconds
        self.taken = 0
        self._all = asyncio.Semaphore(in_all)
        self._of: dict[str, tuple[asyncio.Semaphore, list[None]]] = {}

    @property
    def is_exhausted(self) -> bool:
        return self.taken >= self.in_all

    @contextlib.asynccontextmanager
    async def take(self, owner: str) -> AsyncIterator[None]:
        """Raises AppError("unavailable") when the others are too slow: players try again after a 503, not a 429."""
        own, users = self._of.setdefault(owner, (asyncio.Semaphore(self.per_address), []))
        users.append(None)
        try:
            async with contextlib.AsyncExitStack() as held:
                try:
                    async with asyncio.timeout(self.wait_seconds):
                        await held.enter_async_context(own)
                        await held.enter_async_context(self._all)
                except TimeoutError:
                    raise unavailable() from None
                self.taken += 1
                try:
                    yield
                finally:
                    self.taken -= 1
        finally:
            users.pop()
            if not users:
                del self._of[owner]
