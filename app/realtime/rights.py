"""Who may follow which channel, and who may no longer: a live that became private, moderators who are none any more."""

from __future__ import annotations

import asyncio
import logging

from app.errors import AppError
from app.pg import lives
from app.pg.batch import Batcher
from app.pg.ids import CHANNEL
from app.pg.loop import Backoff
from app.pg.pool import Database
from app.realtime.hub import Hub

log = logging.getLogger("trunkline.rights")


class Rights:
    """Asks for those that come, many at once, and again about all after an event that may take a right away."""

    def __init__(self, db: Database, hub: Hub, *, backlog: int) -> None:
        """`backlog`: so many may wait for an answer."""
        self._asking: Batcher[tuple[str, int | None], bool] = Batcher([self._answer], backlog=backlog)
        self.db = db
        self.hub = hub
        self._due: set[str] = set()
        self._wake = asyncio.Event()
        hub.rights_changed = self.changed

    async def may_follow(self, channel: str, user: int | None) -> bool:
        """Raises AppError unavailable. What is no channel asks nobody."""
        return CHANNEL.fullmatch(channel) is not None and await self._asking.put("", (channel, user))

    async def _answer(self, asked: list[tuple[str, int | None]]) -> list[bool | Exception]:
        """One query per channel: a crowd that comes back asks about the same one."""
        people: dict[str, set[int | None]] = {}
        for channel, user in asked:
            people.setdefault(channel, set()).add(user)
        allowed: dict[str, set[int | None]] = {}
        failed: dict[str, AppError] = {}
        for channel, users in people.items():
            try:
                allowed[channel] = await lives.who_may_follow(self.db, channel, list(users))
            except AppError as error:
                failed[channel] = error
        return [failed.get(channel) or user in allowed[channel] for channel, user in asked]

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
