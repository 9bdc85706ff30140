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
        self._asking: Batcher[tuple[str, int | None], int | None] = Batcher([self._answer], backlog=backlog)
        self.db = db
        self.hub = hub
        self._due: set[str] = set()
        self._wake = asyncio.Event()
        hub.rights_changed = self.changed

    async def may_follow(self, channel: str, user: int | None) -> int:
        """The number after which its events are theirs to read. Raises AppError unknown_channel, unavailable."""
        # What is no channel asks nobody.
        after = await self._asking.put("", (channel, user)) if CHANNEL.fullmatch(channel) else None
        if after is None:
            raise AppError("unknown_channel")
        return after

    async def _answer(self, asked: list[tuple[str, int | None]]) -> list[int | Exception | None]:
        """One query per channel: a crowd that comes back asks about the same one."""
        people: dict[str, set[int | None]] = {}
        for channel, user in asked:
            people.setdefault(channel, set()).add(user)
        allowed: dict[str, dict[int | None, int]] = {}
        failed: dict[str, AppError] = {}
        for channel, users in people.items():
            try:
                allowed[channel] = await lives.who_may_follow(self.db, channel, list(users))
            except AppError as error:
                failed[channel] = error
        return [failed.get(channel) or allowed[channel].get(user) for channel, user in asked]

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
            if channel not in self._due:
                self.hub.release(channel)
        return taken_off

    async def _ask(self, channel: str) -> int:
        followers = self.hub.followers(channel)
        if not followers:
            return 0
        people = list({connection.user_id for connection in followers})
        allowed = await lives.who_may_follow(self.db, channel, people)
        if any(connection.user_id not in people for connection in self.hub.followers(channel)):
            self._due.add(channel)  # somebody came meanwhile, perhaps by an older answer
        over = [connection for connection in followers if connection.user_id not in allowed]
        for connection in over:
            self.hub.take_off(connection, channel)
        return len(over)
