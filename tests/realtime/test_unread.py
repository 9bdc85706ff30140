"""What a browser said waits in order for the application, its only reader."""

from __future__ import annotations

import asyncio

import pytest

from app.realtime.wire import Unread
from tests.signals import soon


async def test_what_came_is_read_in_order() -> None:
    unread = Unread()
    assert unread.empty()
    for n in range(3):
        unread.put_nowait(n)
    assert (unread.qsize(), unread.empty()) == (3, False)
    assert [await soon(unread.get()) for _ in range(3)] == [0, 1, 2]
    assert unread.empty()


async def test_a_reader_waits_for_what_comes() -> None:
    unread = Unread()
    reading = asyncio.create_task(unread.get())
    await asyncio.sleep(0)
    assert not reading.done()
    # Two before the reader's turn: the second waits for the next one.
    unread.put_nowait("first")
    unread.put_nowait("second")
    assert await soon(reading) == "first"
    assert await soon(unread.get()) == "second"


async def test_a_reader_that_is_cancelled_takes_nothing_along() -> None:
    unread = Unread()
    reading = asyncio.create_task(unread.get())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    unread.put_nowait("kept")
    assert await soon(unread.get()) == "kept"
