"""Which videos need no token, remembered for a moment: a page of segments asks about one video many times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from app.pg import videos
from app.pg.pool import Database

# A video made private must be out of reach within two seconds.
REMEMBER_SECONDS = 1.5
MAX_ENTRIES = 10_000


class OpenVideos:
    """One question to the database per video and moment, however many requests wait for the answer."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.db = db
        self.clock = clock
        self._known: dict[str, tuple[float, asyncio.Task[bool | None]]] = {}

    async def is_open(self, video: str) -> bool | None:
        """False: with a token only; None: not at all. Raises unavailable while the database is away."""
        now = self.clock()
        known = self._known.get(video)
        if known is None or known[0] <= now:
            if len(self._known) >= MAX_ENTRIES:
                self._known.clear()
            known = now + REMEMBER_SECONDS, asyncio.create_task(videos.is_open(self.db, video))
            self._known[video] = known
        try:
            # Shielded: one impatient viewer must not cancel the answer for the others.
            return await asyncio.shield(known[1])
        except Exception:
            if self._known.get(video) is known:
                del self._known[video]
            raise
