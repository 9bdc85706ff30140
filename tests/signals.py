"""Waiting for what happens instead of for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest

from app.deps import Deps
from app.errors import AppError
from app.pg.stream import Event

# Only what fails waits so long; a machine that does four things at once is slow to start a process.
SECONDS = 30.0
PAUSE_SECONDS = 0.005

T = TypeVar("T")


async def until(check: Callable[[], Awaitable[Any]], seconds: float = SECONDS) -> Any:
    """The first true answer of a check that itself asks a server. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if answer := await check():
                return answer
            await asyncio.sleep(PAUSE_SECONDS)


async def soon(awaitable: Awaitable[Any], seconds: float = SECONDS) -> Any:
    async with asyncio.timeout(seconds):
        return await awaitable


async def insist(call: Callable[[], Awaitable[T]], seconds: float = SECONDS) -> T:
    """The answer of a call to a database that may be away for a moment. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await call()
            except AppError as error:
                if error.code != "unavailable":
                    raise
                await asyncio.sleep(PAUSE_SECONDS)


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service bear a database, or itself, that stands still for some seconds.

    It gives up a listener then, and leaves out what is late: right, and another test's matter.
    """
    monkeypatch.setattr("app.pg.listener.CANARY_WAIT_SECONDS", 10.0)
    monkeypatch.setattr("app.pg.bell.PASSING_SECONDS", 60.0)


class Received:
    """What the streams of a process deliver, in order; a hole is None."""

    def __init__(self, deps: Deps) -> None:
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue()
        deps.streams.deliver = self._deliver

    def _deliver(self, channel: str, events: Sequence[Event]) -> None:
        if not events:
            self.queue.put_nowait(None)
        for event in events:
            self.queue.put_nowait(event)

    async def numbers(self, count: int) -> list[int]:
        events = [await soon(self.queue.get()) for _ in range(count)]
        return [event.seq if event else 0 for event in events]
