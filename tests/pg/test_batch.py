"""Natural batching: what gathers while a flush is under way travels together, in order, and fails alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.errors import AppError
from app.pg import batch
from app.pg.batch import Batcher
from tests.signals import soon


class Slow:
    """A flush that ends when told; keeps what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()

    async def __call__(self, items: list[int]) -> Sequence[int | Exception]:
        self.batches.append(items)
        self.begun.set()
        await self.gate.wait()
        return [item * 10 if item >= 0 else ValueError(item) for item in items]


def puts(batcher: Batcher[int, int], items: Sequence[int]) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(batcher.put("room", item)) for item in items]


async def test_what_gathers_during_a_flush_is_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MAXIMUM_ITEMS", 4)
    slow = Slow()
    batcher = Batcher([slow, slow], backlog=100)
    first = puts(batcher, [1])
    await soon(slow.begun.wait())
    rest = puts(batcher, range(2, 8))
    await asyncio.sleep(0)
    slow.gate.set()
    assert await soon(asyncio.gather(*first, *rest)) == [10, 20, 30, 40, 50, 60, 70]
    assert slow.batches == [[1], [2, 3, 4, 5], [6, 7]]


async def test_a_flush_holds_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MAXIMUM_BYTES", 10)
    slow = Slow()
    slow.gate.set()
    batcher = Batcher([slow], backlog=100, size_of=lambda item: item)
    await soon(asyncio.gather(*puts(batcher, [4, 5, 50, 6])))
    assert slow.batches == [[4, 5], [50], [6]]


async def test_other_keys_do_not_wait_for_a_slow_lane() -> None:
    slow, quick = Slow(), Slow()
    quick.gate.set()
    batcher = Batcher([slow, quick], backlog=100)
    stuck = asyncio.create_task(batcher.put(0, 1))  # hash(0) and hash(1): one lane each
    assert await soon(batcher.put(1, 2)) == 20
    assert not stuck.done()
    slow.gate.set()
    assert await soon(stuck) == 10


async def test_one_bad_item_fails_alone_and_a_broken_flush_fails_only_its_own_items() -> None:
    slow = Slow()
    slow.gate.set()
    batcher = Batcher([slow], backlog=100)
    answers = await asyncio.gather(*puts(batcher, [1, -1, 2]), return_exceptions=True)
    assert (answers[0], answers[2]) == (10, 20)
    assert isinstance(answers[1], ValueError)

    async def broken(items: list[int]) -> list[int | Exception]:
        if items == [1]:
            raise AppError("unavailable")
        return list(items[:1])

    batcher = Batcher([broken], backlog=100)
    with pytest.raises(AppError, match="unavailable"):
        await soon(batcher.put("room", 1))
    with pytest.raises(RuntimeError, match="1 answers for 2 items"):
        await soon(asyncio.gather(*puts(batcher, [2, 3])))
    assert await soon(batcher.put("room", 4)) == 4


async def test_a_caller_that_leaves_takes_only_its_own_item_along() -> None:
    slow = Slow()
    batcher = Batcher([slow], backlog=100)
    first, *rest = puts(batcher, [1, 2, 3])
    await soon(slow.begun.wait())
    late = puts(batcher, [4, 5])
    await asyncio.sleep(0)
    first.cancel()
    late[0].cancel()
    slow.gate.set()
    assert await soon(asyncio.gather(*rest, late[1])) == [20, 30, 50]
    assert slow.batches == [[1, 2, 3], [5]]


async def test_over_the_backlog_callers_are_told_to_come_back() -> None:
    slow = Slow()
    batcher = Batcher([slow], backlog=2)
    begun = puts(batcher, [1])
    await soon(slow.begun.wait())
    waiting = puts(batcher, [2, 3])
    await asyncio.sleep(0)
    with pytest.raises(AppError, match="unavailable") as refused:
        await batcher.put("room", 4)
    assert refused.value.retry_after
    slow.gate.set()
    assert await soon(asyncio.gather(*begun, *waiting)) == [10, 20, 30]
    assert await soon(batcher.put("room", 5)) == 50


async def test_closing_waits_for_what_was_taken_in() -> None:
    slow = Slow()
    batcher = Batcher([slow], backlog=100)
    waiting = puts(batcher, [1])
    await soon(slow.begun.wait())
    waiting += puts(batcher, [2])
    await asyncio.sleep(0)
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0)
    assert not closing.done()
    slow.gate.set()
    await soon(closing)
    assert await asyncio.gather(*waiting) == [10, 20]
