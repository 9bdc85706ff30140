"""History goes back under running processes: a failover that lost its end, a restore. No number means two events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.metrics import Metrics
from app.pg.bell import Bell, Ring
from app.pg.line import Line
from app.pg.pool import Database
from app.pg.stream import Event, Streams, append
from tests.signals import soon

Told = list[int | None]


@pytest.fixture
def told() -> Told:
    """Numbers as they are delivered; None is a reset."""
    return []


@pytest.fixture
def streams(db: Database, told: Told) -> Streams:
    """Not run: looks when it is told to."""
    streams = Streams(db, Bell(Line(db.dsn, "test"), Metrics()))

    def deliver(channel: str, events: Sequence[Event]) -> None:
        told.extend([event.seq for event in events] or [None])

    streams.deliver = deliver
    return streams


async def write(db: Database, count: int) -> None:
    await append(db, [("room:1", "test:event", {})] * count)


async def go_back(db: Database, seq: int) -> None:
    """To the moment after an event, as a restore does."""
    async with db.transaction() as connection:
        await connection.execute("delete from rt.event where channel = 'room:1' and seq > $1", seq)
        await connection.execute(
            "update rt.stream s set last_seq = e.seq, last_at = e.at from rt.event e"
            " where s.channel = 'room:1' and e.channel = 'room:1' and e.seq = $1",
            seq,
        )
        await connection.execute("select from ops.restored()")


def is_back(streams: Streams) -> None:
    """What the listener tells once it has a line again."""
    streams.bell.tell(Ring(is_anything=True, is_unsure=True))


async def test_a_reader_ahead_of_history_loads_again(db: Database, streams: Streams, told: Told) -> None:
    cursor = await streams.watch("room:1")
    await write(db, 5)
    await streams.run_once()
    epoch = streams.epoch
    await go_back(db, 2)
    is_back(streams)
    await streams.run_once()
    assert told == [1, 2, 3, 4, 5, None]
    assert cursor.seq == 2
    assert streams.epoch != epoch
    await write(db, 2)
    is_back(streams)
    await streams.run_once()
    assert told[6:] == [3, 4]


async def test_so_does_one_whose_number_is_another_event_by_now(db: Database, streams: Streams, told: Told) -> None:
    cursor = await streams.watch("room:1")
    await write(db, 5)
    await streams.run_once()
    await go_back(db, 2)
    await write(db, 10)
    is_back(streams)
    await streams.run_once()
    assert told == [1, 2, 3, 4, 5, None]
    assert cursor.seq == 12
    # Published before anybody looked, on the connection that came back first.
    await go_back(db, 3)
    is_back(streams)
    assert [await streams.publish("room:1", "test:event", {}) for _ in range(9)] == list(range(4, 13))
    assert await streams.publish("room:1", "test:event", {}) == 13
    assert told[6:] == []
    await streams.run_once()
    assert told[6:] == [None]


async def test_whoever_saw_nothing_that_was_lost_is_left_alone(db: Database, streams: Streams, told: Told) -> None:
    """A failover that lost nothing has another epoch, too; a crowd that loads again for nothing is a second fault."""
    await write(db, 2)
    for channel in ("room:1", "room:2"):
        await streams.watch(channel)
    await write(db, 3)
    await streams.run_once()
    epoch = streams.epoch
    await go_back(db, 5)
    is_back(streams)
    await streams.run_once()
    await write(db, 2)
    await append(db, [("room:2", "test:event", {})])
    is_back(streams)
    await streams.run_once()
    assert streams.epoch != epoch
    assert None not in told
    assert sorted(seq or 0 for seq in told) == [1, 3, 4, 5, 6, 7]
    # Nor one that is behind what is there.
    await write(db, 1)
    await go_back(db, 8)
    is_back(streams)
    await streams.run_once()
    assert told[6:] == [8]


async def test_a_newcomer_is_told_the_epoch_that_holds(db: Database, streams: Streams) -> None:
    """Also where nobody followed anything when history went back."""
    await write(db, 5)
    old = await streams.get_epoch()
    await go_back(db, 2)
    is_back(streams)
    watching = asyncio.create_task(streams.watch("room:1"))
    await streams.run_once()
    assert (await soon(watching)).seq == 2
    assert streams.epoch != old


async def test_two_restores_to_one_timeline_have_two_epochs(db: Database) -> None:
    epochs = [await db.fetchval("select rt.epoch()")]
    for _ in range(3):
        await db.execute("select from ops.restored()")
        epochs.append(await db.fetchval("select rt.epoch()"))
    assert len(set(epochs)) == 4
