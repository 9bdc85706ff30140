"""This process among the running ones: a row with a lease, renewed every few seconds.

What the process leased (jobs, chores) is free for others when the lease ends. One row per process instead of a
heartbeat per job: the cost does not grow with the work.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from datetime import timedelta

from app.errors import AppError
from app.pg.line import Line
from app.pg.loop import forever

RENEWALS_PER_LEASE = 4


class Instance:
    """`id` is None until the database was reached once, and may change when we were gone for an hour."""

    def __init__(self, line: Line, role: str, lease_seconds: float) -> None:
        self.line = line
        self.lease_seconds = lease_seconds
        self.name = f"{role}@{socket.gethostname()}:{os.getpid()}"
        self.id: int | None = None
        self.joined = asyncio.Event()
        # What operators are shown of this process (ops.listeners), asked at each renewal.
        self.facts: dict[str, Callable[[], object]] = {}
        self._renewed = 0.0

    @property
    def is_late(self) -> bool:
        """Others may be taking over what we hold: start nothing new."""
        return asyncio.get_running_loop().time() - self._renewed > self.lease_seconds * 2 / 3

    async def run(self) -> None:
        await forever("instance", self.run_once, self.lease_seconds / RENEWALS_PER_LEASE)

    async def run_once(self) -> int:
        """Join or renew; returns our id."""
        # The lease counts from before the statement: an answer that took long must not stretch it.
        asked = asyncio.get_running_loop().time()
        lease = timedelta(seconds=self.lease_seconds)
        info = {name: ask() for name, ask in self.facts.items()}
        if self.id is None or not await self.line.fetchval(
            "select rt.renew($1, $2, $3, $4)", self.id, lease, info, self.name
        ):
            self.id = int(await self.line.fetchval("select rt.join($1, $2, $3)", self.name, lease, info))
        self._renewed = asked
        self.joined.set()
        return self.id

    async def leave(self) -> None:
        if self.id is not None:
            with contextlib.suppress(AppError, TimeoutError):
                async with asyncio.timeout(1):
                    await self.line.fetch("select rt.leave($1)", self.id)
            self.id = None
            self.joined.clear()
