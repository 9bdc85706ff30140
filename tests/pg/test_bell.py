"""The doorbell: frames, coalescing, and that a lost ring or a lost listener costs latency only."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from app.deps import Deps
from app.metrics import Metrics
from app.pg.bell import FRAME_BYTES, Bell, Ring, decode, encode
from app.pg.line import Line
from app.pg.listener import DeadListenerError, Listener
from app.pg.loop import background
from app.pg.pool import Database
from app.pg.stream import append
from tests.signals import Received, soon, until

KILL_LISTENER = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where datname = current_database() and application_name = 'trunkline:listen'"
)


async def publish(db: Database, channel: str, n: int = 1) -> None:
    await append(db, [(channel, "test:event", {"n": i}) for i in range(n)])


def test_frames_carry_everything_and_stay_below_the_limit() -> None:
    ring = Ring({f"room:{n}": n for n in range(1, 2000)}, {"mail"}, {f"키{n}" for n in range(300)}, True)
    frames = encode("me", ring, ["nonce"])
    assert max(len(frame.encode()) for frame in frames) < FRAME_BYTES
    heard = Ring()
    nonces: list[str] = []
    for frame in frames:
        name, part, echoed = decode(frame)
        assert name == "me"
        heard.merge(part)
        nonces += echoed
    assert (heard, nonces) == (ring, ["nonce"])


@pytest.mark.parametrize("frame", ["", "{", "[]", "1", '{"s": 1}', '{"s": [[1]]}', '{"s": [["a", null]]}'])
def test_what_is_not_a_frame_is_refused_quietly(frame: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any reason will do
        decode(frame)


def test_a_ring_keeps_the_highest_number_of_each_channel() -> None:
    ring = Ring({"a": 5})
    ring.merge(Ring({"a": 3, "b": 1}))
    assert ring.streams == {"a": 5, "b": 1}


async def test_many_rings_travel_in_one_frame(settings: object, db: Database) -> None:
    line = Line(db.dsn, "test")
    bell = Bell(line, Metrics())
    for n in range(1000):
        bell.ring(streams={"user:1": n}, queues=["mail"])
    assert await bell.run_once() == 1
    assert await bell.run_once() == 0
    await line.close()


async def test_another_process_hears_and_reads(deps: Deps, other: Deps) -> None:
    received = Received(other)
    await other.streams.watch("user:1")
    await soon(wait_live(other))
    await publish(deps.db, "user:1", 3)
    deps.bell.ring()
    assert await received.numbers(3) == [1, 2, 3]
    await publish(deps.db, "user:1")
    deps.bell.ring(streams={"user:1": 4})
    assert await received.numbers(1) == [4]


async def test_rings_out_of_order_deliver_once_in_order(deps: Deps) -> None:
    received = Received(deps)
    await deps.streams.watch("user:1")
    await publish(deps.db, "user:1", 3)
    for top in (3, 1, 2, 3):
        deps.bell.ring(streams={"user:1": top})
    assert await received.numbers(3) == [1, 2, 3]
    await publish(deps.db, "user:1")
    deps.bell.ring(streams={"user:1": 4})
    assert await received.numbers(1) == [4]


async def test_a_lost_ring_is_found_by_the_safety_poll(deps: Deps, other: Deps) -> None:
    received = Received(other)
    await other.streams.watch("user:1")
    await soon(wait_live(other))
    started = asyncio.get_running_loop().time()
    await publish(deps.db, "user:1")
    assert await received.numbers(1) == [1]
    assert asyncio.get_running_loop().time() - started < 3


async def test_a_killed_listener_comes_back_and_catches_up(deps: Deps, other: Deps) -> None:
    received = Received(other)
    await other.streams.watch("user:1")
    await soon(wait_live(other))
    assert await deps.db.fetchval(KILL_LISTENER) == 2
    await publish(deps.db, "user:1", 5)
    deps.bell.ring()
    assert await received.numbers(5) == [1, 2, 3, 4, 5]
    await soon(wait_live(other))
    await publish(deps.db, "user:1")
    deps.bell.ring()
    assert await received.numbers(1) == [6]


async def test_the_canary_notices_a_listener_that_hears_nothing(settings: object, db: Database) -> None:
    """As behind a pooler in transaction mode: the connection lives, LISTEN is gone."""
    line = Line(db.dsn, "test")
    bell = Bell(line, Metrics())
    listener = Listener(bell, db.dsn, canary_seconds=0.05)
    async with background(bell.run(), listener.run()):
        await soon(listener.live.wait())
        assert bell.is_live
        # A stranger's UNLISTEN on the same backend: what a pooler's reset does.
        assert listener.connection is not None
        await listener.connection.execute("unlisten *")
        await soon(until_not_live(bell))
        await soon(listener.live.wait())
    await line.close()


async def test_the_first_canary_refuses_a_dead_listener_with_a_clear_message(db: Database) -> None:
    line = Line(db.dsn, "test")
    bell = Bell(line, Metrics())
    listener = Listener(bell, db.dsn)
    # Nobody runs the ringer, so nothing can be heard.
    with pytest.raises(DeadListenerError, match="not through a pooler"):
        await listener._prove()
    await line.close()


async def test_events_the_reader_can_no_longer_get_are_a_hole_not_a_silence(deps: Deps) -> None:
    received = Received(deps)
    await deps.streams.watch("user:1")
    await publish(deps.db, "user:1", 3)
    await deps.db.execute("delete from rt.event where seq < 3")
    deps.bell.ring()
    assert await received.numbers(2) == [0, 3]


async def test_the_bell_rings_on_when_the_database_is_away_and_back(deps: Deps) -> None:
    broken = dataclasses.replace(deps, bell=Bell(Line("postgresql://postgres@127.0.0.1:1/x", "test"), deps.metrics))
    broken.bell.ring()
    assert await broken.bell.run_once() == 0


async def wait_live(deps: Deps) -> None:
    async def is_live() -> bool:
        return deps.bell.is_live

    await until(is_live)


async def until_not_live(bell: Bell) -> None:
    async def is_dead() -> bool:
        return not bell.is_live

    await until(is_dead)
