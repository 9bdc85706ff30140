"""Who may no longer read what they follow: a live that became private or is gone, moderators who are none any more."""

from __future__ import annotations

import asyncio
import logging

from app.errors import AppError
from app.pg import lives
from app.pg.loop import Backoff
from app.pg.pool import Database
from app.realtime.hub import Hub

log = logging.getLogger("trunkline.rights")


class Rights:
    """Asks again about everybody on a channel after an event that may have taken a right away."""

    def __init__(self, db: Database, hub: Hub) -> None:
        self.db = db
        self.hub = hub
        self._due: set[str] = set()
        self._wake = asyncio.Event()
        hub.rights_changed = self.changed

    def changed(self, live: str) -> None:
        """Called by the hub with the channel of a live, in the middle of a delivery: remember and return."""
        self._due |= {live, f"{live}:mod"}
        self._wake.set()

    async def run(self) -> None:
        backoff = Backoff()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.run_once()
                backoff.reset()
            except AppError:
                self._wake.set()
                await asyncio.sleep(backoff.next())
            except Exception:
                log.exception("asking about rights failed")

    async def run_once(self) -> int:
        """Take those off who may not be there; returns how many. Raises AppError unavailable, and asks again then."""
        taken_off = 0
        while self._due:
            # Taken out before the question: a change during it is asked about again.
            channel = self._due.pop()
            try:
                taken_off += await self._ask(channel)
            except AppError:
                self._due.add(channel)
                raise
        return taken_off

    async def _ask(self, channel: str) -> int:
        followers = self.hub.followers(channel)
        if not followers:
            return 0
        people = list({connection.user_id for connection in followers})
        allowed = await lives.who_may_follow(self.db, channel, people)
        over = [connection for connection in followers if connection.user_id not in allowed]
        for connection in over:
            self.hub.take_off(connection, channel)
        return len(over)
