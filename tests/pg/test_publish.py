"""Publishing on plain streams: in batches, on disk when answered, told at once here and soon elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from app.deps import Deps
from app.errors import AppError
from app.pg.stream import Cursor, read_after
from tests.signals import Received, soon


async def test_a_crowd_gets_dense_numbers_in_the_order_of_each_writer(deps: Deps, other: Deps) -> None:
    here, there = Received(deps), Received(other)
    await deps.streams.watch("room:1")
    await other.streams.watch("room:1")

    async def write(writer: int) -> list[int]:
        process = (deps, other)[writer % 2]
        return [await process.streams.publish("room:1", "test:event", {"w": writer, "n": n}) for n in range(10)]

    numbers = await soon(asyncio.gather(*(write(writer) for writer in range(40))))
    assert sorted(seq for own in numbers for seq in own) == list(range(1, 401))
    assert all(own == sorted(own) for own in numbers)
    assert await here.numbers(400) == await there.numbers(400) == list(range(1, 401))
    stored = await read_after(deps.db, {"room:1": Cursor(0, None)})
    assert len({bytes(event.data) for event in stored}) == 400


async def test_what_is_answered_was_told_here_without_a_way_back(deps: Deps) -> None:
    received = Received(deps)
    await deps.streams.watch("room:1")
    assert await deps.streams.publish("room:1", "test:event", {"text": "안녕"}) == 1
    event = received.queue.get_nowait()
    assert event is not None
    [stored] = await read_after(deps.db, {"room:1": Cursor(0, None)})
    assert (event.seq, event.at, event.type) == (stored.seq, stored.at, stored.type)


async def test_what_postgresql_refuses_fails_alone(deps: Deps) -> None:
    texts = ["a", "nul \0", "b", "c"]
    answers = await asyncio.gather(
        *(deps.streams.publish("room:1", "test:event", {"text": text}) for text in texts), return_exceptions=True
    )
    assert [answers[0], *answers[2:]] == [1, 2, 3]
    assert isinstance(answers[1], AppError)
    assert answers[1].code == "invalid"


async def test_publishing_without_a_database_says_so(deps: Deps) -> None:
    deps.streams.lanes[0].dsn = deps.streams.lanes[1].dsn = "postgresql://postgres@127.0.0.1:1/x"  # type: ignore[attr-defined]
    with pytest.raises(AppError, match="unavailable"):
        await soon(deps.streams.publish("room:1", "test:event", {}))
