"""Natural batching: while one flush is under way, what comes in gathers for the next. No timer, no wait when idle.

One caller alone pays one round trip; a crowd shares commits, so that a busy room's speed is batch × commits a
second instead of commits a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from app.errors import unavailable
from app.pg.pool import is_refusal

T = TypeVar("T")
R = TypeVar("R")
# One flush takes at most so much: a longer statement would make everybody behind it wait.
MAXIMUM_ITEMS = 500
MAXIMUM_BYTES = 1_000_000
# Looking for a bad item may take so long: quick refusals are found at any number, statements that time out are not.
SPLIT_SECONDS = 5.0

# An answer for each item, in order; an exception is raised to that item's caller alone.
Flush = Callable[[list[T]], Awaitable[Sequence[R | Exception]]]


@dataclass
class Waiting(Generic[T, R]):
    item: T
    size: int
    answer: asyncio.Future[R]


@dataclass
class Lane(Generic[T, R]):
    """One flush at a time, in the order of arrival; usually on a connection of its own."""

    flush: Flush[T, R]
    queue: deque[Waiting[T, R]] = field(default_factory=deque)
    busy: asyncio.Task[None] | None = None


class Batcher(Generic[T, R]):
    """`put(key, item)` answers when the item's flush is over. The same key always takes the same lane, in order."""

    def __init__(
        self, flushes: Sequence[Flush[T, R]], *, backlog: int, size_of: Callable[[T], int] = lambda item: 0
    ) -> None:
        """One lane for each of `flushes`; at most `backlog` items wait in all. `size_of` gives bytes.

        A flush that raises what PostgreSQL says of a statement it refused is asked again with half of its items, so
        that one bad item fails alone. After any other error nothing is tried twice: it may have been written.
        """
        self._lanes: list[Lane[T, R]] = [Lane(flush) for flush in flushes]
        self._backlog = backlog
        self._size_of = size_of
        self._waiting = 0

    async def put(self, key: Hashable, item: T) -> R:
        """The flush's answer for this item, or its exception; AppError unavailable over the backlog.

        A caller that is cancelled takes its item along if no flush has begun with it, and hurts nobody else.
        """
        if self._waiting >= self._backlog:
            raise unavailable()
        lane = self._lanes[hash(key) % len(self._lanes)]
        waiting = Waiting[T, R](item, self._size_of(item), asyncio.get_running_loop().create_future())
        lane.queue.append(waiting)
        self._waiting += 1
        if lane.busy is None:
            # Starts after this turn of the loop: whoever puts in the same turn travels along.
            lane.busy = asyncio.create_task(self._drain(lane))
        return await waiting.answer

    async def close(self) -> None:
        """Let the flushes under way and what waits behind them end."""
        busy = [lane.busy for lane in self._lanes if lane.busy is not None]
        await asyncio.gather(*busy, return_exceptions=True)

    async def _drain(self, lane: Lane[T, R]) -> None:
        try:
            while batch := self._take(lane):
                await flush_one(lane.flush, batch)
        finally:
            lane.busy = None

    def _take(self, lane: Lane[T, R]) -> list[Waiting[T, R]]:
        batch: list[Waiting[T, R]] = []
        size = 0
        while lane.queue and len(batch) < MAXIMUM_ITEMS:
            if batch and size + lane.queue[0].size > MAXIMUM_BYTES:
                break
            waiting = lane.queue.popleft()
            self._waiting -= 1
            if not waiting.answer.done():
                batch.append(waiting)
                size += waiting.size
        return batch


async def flush_one(flush: Flush[T, R], batch: list[Waiting[T, R]]) -> None:
    """Flush and answer everybody; never raises for a flush that failed."""
    try:
        answers = await flush_parts(flush, [waiting.item for waiting in batch])
    except asyncio.CancelledError:
        for waiting in batch:
            waiting.answer.cancel()
        raise
    for waiting, answer in zip(batch, answers, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(answer, Exception):
            waiting.answer.set_exception(answer)
        else:
            waiting.answer.set_result(answer)


async def flush_parts(flush: Flush[T, R], items: list[T], seconds: float = SPLIT_SECONDS) -> list[R | Exception]:
    """An answer for each item, in order. Of n items k bad ones cost some k × log n statements more.

    `seconds`: after so long nothing is split any more, and what is left hears unavailable.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + seconds

    async def ask(part: list[T]) -> list[R | Exception]:
        try:
            answers = await flush(part)
            if len(answers) != len(part):
                raise RuntimeError(f"{len(answers)} answers for {len(part)} items")
            return list(answers)
        except Exception as error:
            if len(part) == 1 or not is_refusal(error):
                return [error] * len(part)
            if clock() >= until:
                return [unavailable()] * len(part)
        half = len(part) // 2
        # One after the other: what came first is written first.
        return await ask(part[:half]) + await ask(part[half:])

    return await ask(items)
