"""The body of every background loop: run once, wait, survive what goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from app.errors import AppError

log = logging.getLogger("trunkline.loop")
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
# A cancellation may be lost: a connection that fails while it is given back on the way out raises that instead.
CANCEL_AGAIN_SECONDS = 1.0


class Backoff:
    """Pauses between tries: doubling, with full jitter so that processes do not come back as one."""

    def __init__(self, first: float = FIRST_PAUSE_SECONDS, longest: float = LONGEST_PAUSE_SECONDS) -> None:
        self.first = first
        self.longest = longest
        self.tries = 0

    def reset(self) -> None:
        self.tries = 0

    def next(self) -> float:
        top = min(self.longest, self.first * 2.0**self.tries)
        self.tries = min(self.tries + 1, 30)
        return top * (0.5 + random.random() / 2)  # noqa: S311  spreads load, guards nothing


async def wait_for(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait until set or until the time is over (None: however long); True when set."""
    if event.is_set():
        return True
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def forever(name: str, run_once: Callable[[], Awaitable[Any]], seconds: float) -> None:
    """Run again and again with a pause; an error is logged once until it goes away."""
    backoff = Backoff()
    while True:
        try:
            await run_once()
            backoff.reset()
            pause = seconds
        except AppError as error:
            if backoff.tries == 0:
                log.warning("loop cannot run", extra={"loop": name, "error": error.code})
            pause = backoff.next()
        except Exception:
            log.exception("loop failed", extra={"loop": name})
            pause = max(seconds, backoff.next())
        await asyncio.sleep(pause)


def report(task: asyncio.Task[None]) -> None:
    """A loop that ends by itself leaves a process that only looks alive."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("loop ended", extra={"loop": str(task.get_coro())}, exc_info=error)


@contextlib.asynccontextmanager
async def background(*bodies: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block and end them with it."""
    tasks = [asyncio.create_task(body) for body in bodies]
    for task in tasks:
        task.add_done_callback(report)
    try:
        yield
    finally:
        running = set(tasks)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
