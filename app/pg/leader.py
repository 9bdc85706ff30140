"""Who does a chore that one process does for all: a lease in rt.leader, which saves work and guards nothing."""

from __future__ import annotations

import asyncio

from app.pg.instance import Instance
from app.pg.line import Line

LEASE_SECONDS = 10.0


class Leader:
    """One chore, which must be safe when two processes do it at once.

    A process that stands still may go on when its lease is over and another leads. Nothing stops it then: what must
    happen once is decided by the rows themselves (q.fire's compare-and-set, q.promote's locks), deleting twice is
    deleting once.
    """

    def __init__(self, line: Line, instance: Instance, name: str) -> None:
        self.line = line
        self.instance = instance
        self.name = name
        self._until = 0.0
        self._ask_again = 0.0

    async def is_leading(self) -> bool:
        """Renew a third of the way through the lease; ask for it every few seconds while another has it."""
        now = asyncio.get_running_loop().time()
        if self.instance.id is None:
            return False
        if now >= self._ask_again:
            token = await self.line.fetchval(
                "select rt.lead($1, $2, make_interval(secs => $3))", self.name, self.instance.id, LEASE_SECONDS
            )
            self._until = now + LEASE_SECONDS if token is not None else 0.0
            self._ask_again = now + LEASE_SECONDS / 3
        return now < self._until
