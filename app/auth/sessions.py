"""Which sessions are open: read from PostgreSQL, remembered for a few seconds so that hot paths ask nobody.

The doorbell tells every process which sessions ended; should it be down, an ended session may live on for as long
as that memory (SESSION_CACHE_SECONDS, at most 5).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cachetools import TLRUCache

from app.pg import account
from app.pg.bell import Bell, Ring
from app.pg.pool import Database


@dataclass(frozen=True)
class Holder:
    """Whose session it is and what they may do."""

    user_id: int
    role: str


@dataclass
class Entry:
    until: float
    holder: Holder | None


KEY = "session:"


def ring_ended(bell: Bell, session_ids: Iterable[str]) -> None:
    """After the commit that ended them: no process believes them any more, and their sockets look."""
    bell.ring(keys=[KEY + id for id in session_ids])
    bell.ring()


class Sessions:
    """`check` asks the database once per session and few seconds, however many requests wait for it."""

    def __init__(
        self, db: Database, seconds: float, size: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.db = db
        self.seconds = seconds
        self.clock = clock
        self._known: TLRUCache[str, Entry] = TLRUCache(size, lambda _, entry, now: entry.until, lambda: self.clock())
        self._asking: dict[str, asyncio.Task[Holder | None]] = {}

    async def check(self, session_id: str) -> Holder | None:
        """The holder of an open session, else None. Raises AppError("unavailable")."""
        entry = self._known.get(session_id)
        if entry is not None:
            return entry.holder
        task = self._asking.get(session_id)
        if task is None:
            task = asyncio.create_task(self._ask(session_id))
            self._asking[session_id] = task
            # When every caller hung up, nobody is left to hear of a failure.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Shielded: one caller that hangs up must not take the answer from the others.
        return await asyncio.shield(task)

    async def find_ended(self, session_ids: Sequence[str]) -> set[str]:
        """Straight from the database: a socket lives long, what was known a moment ago is not good enough."""
        return await account.ended_sessions(self.db, session_ids)

    def forget(self, *session_ids: str) -> None:
        """Ask anew at the next request. What is being asked right now may already be old, so it is not kept."""
        for session_id in session_ids:
            self._known.pop(session_id, None)
            self._asking.pop(session_id, None)

    def hear(self, ring: Ring) -> None:
        self.forget(*(key.removeprefix(KEY) for key in ring.keys if key.startswith(KEY)))

    async def _ask(self, session_id: str) -> Holder | None:
        # Counted from before the question: the answer cannot be older than that.
        until = self.clock() + self.seconds
        task = asyncio.current_task()
        try:
            row = await account.check_session(self.db, session_id)
            holder = Holder(row["user_id"], row["role"]) if row else None
            if self._asking.get(session_id) is task:
                self._known[session_id] = Entry(until, holder)
            return holder
        finally:
            if self._asking.get(session_id) is task:
                del self._asking[session_id]
