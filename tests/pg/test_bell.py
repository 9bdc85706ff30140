"""The doorbell: frames, coalescing, and that a lost ring or a lost listener costs latency only."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json

import asyncpg
import pytest

from app.deps import Deps
from app.errors import AppError
from app.metrics import Metrics
from app.pg import bell as doorbell
from app.pg import frame
from app.pg.bell import MAXIMUM_PASSING, Bell, Passing, Ring, heard
from app.pg.line import Line
from app.pg.listener import DeadListenerError, Listener
from app.pg.loop import background
from app.pg.pool import Database
from app.pg.stream import FULL_POLL_SECONDS, Cursor, Streams, append, read_after
from tests.signals import Received, soon, until

KILL_LISTENER = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where datname = current_database() and application_name = 'trunkline:listen'"
)


async def publish(db: Database, channel: str, n: int = 1) -> None:
    await append(db, [(channel, "test:event", {"n": i}) for i in range(n)])


def test_frames_carry_everything_and_stay_below_the_limit() -> None:
    parts: list[tuple[str, object]] = [("s", (f"room:{n}", n)) for n in range(1, 2000)]
    parts += [("q", "mail"), *(("c", f"키{n}") for n in range(300)), ("x", "nonce"), ("a", 1)]
    parts += [("e", (f"room:{n}", "chat:effect", {"emoji": "❤️"})) for n in range(300)]
    parts += [("c", "y" * 9000)]
    frames = frame.pack("me", parts)
    assert max(len(text.encode()) for text in frames) < frame.FRAME_BYTES
    assert len(frames) < 12
    ring = Ring()
    nonces: list[str] = []
    for text in frames:
        told = frame.read(text)
        assert told.i == "me"
        ring.merge(heard(told))
        nonces += told.x
    assert ring.streams == {f"room:{n}": n for n in range(1, 2000)}
    assert (ring.queues, ring.keys, nonces) == ({"mail"}, {f"키{n}" for n in range(300)}, ["nonce"])
    assert ring.is_anything
    assert [(p.channel, bytes(p.data)) for p in ring.passing][299] == ("room:299", '{"emoji":"❤️"}'.encode())


@pytest.mark.parametrize("text", ['{"a":1}', '{"a": [1]}'])
def test_an_operators_ring_says_look_everywhere(text: str) -> None:
    assert heard(frame.read(text)).is_anything


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"s": 1}', '{"s": [[1]]}', '{"s": [["a", null]]}'])
def test_what_is_not_a_frame_is_refused_quietly(text: str) -> None:
    with pytest.raises(ValueError, match="not a frame"):
        frame.read(text)


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


async def test_passing_events_reach_everybody_small_or_large_and_are_not_kept(deps: Deps, other: Deps) -> None:
    await soon(wait_live(other))
    here, there = Passed(deps), Passed(other)
    deps.bell.tell_all("live:a", "chat:typing", {"name": "안나"})
    assert here.seen() == [("live:a", "chat:typing", {"name": "안나"})]  # no way through the database
    assert await there.next() == ("live:a", "chat:typing", {"name": "안나"})
    for large in ({"sdp": "語" * 20_000}, {"nul": "\0" * 20_000}):
        await there.hears(deps.bell, ("room:1", "video:offer", large))
    await there.hears(deps.bell, ("live:a", "chat:effect", {"emoji": "🎉"}))

    async def is_purged() -> bool:
        await other.db.execute("select rt.purge(now() + interval '1 minute')")
        return bool(await other.db.fetchval("select count(*) = 0 from rt.blob"))

    await until(is_purged)


async def test_a_passing_event_that_is_late_is_left_out(db: Database) -> None:
    line = Line(db.dsn, "test")
    bell = Bell(line, Metrics())
    for n in range(MAXIMUM_PASSING + 10):
        bell.tell_all("live:a", "chat:effect", {"n": n})
    assert len(bell._waiting.passing) == MAXIMUM_PASSING
    late = 2 * doorbell.PASSING_SECONDS
    bell._waiting.passing = [dataclasses.replace(p, at=p.at - late) for p in bell._waiting.passing]
    assert await bell.run_once() == 0
    [id] = await db.fetch("select id from rt.spill('{a}', '{t}', '{1}')")
    # Between two statements a second may pass: this one is young for a minute.
    await db.execute("update rt.blob set at = at + interval '1 minute'")
    assert len(await db.fetch("select * from rt.spilled($1)", [id["id"]])) == 1
    await db.execute("update rt.blob set at = at - interval '1 minute 2 s'")
    assert await db.fetch("select * from rt.spilled($1)", [id["id"]]) == []
    await line.close()


async def test_what_this_process_committed_is_told_at_once_when_it_comes_next(db: Database) -> None:
    streams = Streams(db, Bell(Line(db.dsn, "test"), Metrics()))  # not run: nothing is fetched but by run_once()
    told: list[int] = []
    streams.deliver = lambda channel, events: told.extend(event.seq for event in events)
    await streams.watch("user:1")
    await publish(db, "user:1", 3)
    events = await read_after(db, {"user:1": Cursor(0, None)})
    streams.put("user:1", events[:2])
    streams.put("user:1", events[:2])  # again
    streams.put("user:2", events)  # nobody watches it
    assert told == [1, 2]
    await publish(db, "user:1", 2)
    streams.put("user:1", await read_after(db, {"user:1": Cursor(4, None)}))  # 3 and 4 are still to come
    assert told == [1, 2]
    assert await streams.run_once() == 3
    assert told == [1, 2, 3, 4, 5]


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

    async def has_looked() -> bool:
        return other.streams._full_at > 0

    await until(has_looked)
    started = asyncio.get_running_loop().time()
    await publish(deps.db, "user:1")
    assert await received.numbers(1) == [1]
    # Promised within a second. Looking at all channels, half a minute after the last time, is not what found it.
    assert asyncio.get_running_loop().time() - started < FULL_POLL_SECONDS * 2 / 3


async def test_a_killed_listener_comes_back_and_catches_up(deps: Deps, other: Deps) -> None:
    received = Received(other)
    await other.streams.watch("user:1")
    for process in (deps, other):
        await wait_live(process)
    assert await deps.db.fetchval(KILL_LISTENER) == 2
    await publish(deps.db, "user:1", 5)
    deps.bell.ring()
    assert await received.numbers(5) == [1, 2, 3, 4, 5]
    await soon(wait_live(other))
    await publish(deps.db, "user:1")
    deps.bell.ring()
    assert await received.numbers(1) == [6]


async def test_the_canary_notices_a_listener_that_hears_nothing(
    settings: object, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler in transaction mode: the connection lives, LISTEN is gone."""
    line = Line(db.dsn, "test")
    bell = Bell(line, Metrics())
    listener = Listener(bell, db.dsn, canary_seconds=0.05)
    look, is_reset = listener._look_at_queue, asyncio.Event()

    async def look_and_reset(connection: asyncpg.Connection) -> None:
        """A stranger's UNLISTEN on the same backend, what a pooler's reset does; in turn with what is asked there."""
        await look(connection)
        if listener.live.is_set() and not is_reset.is_set():
            await connection.execute("unlisten *")
            monkeypatch.setattr("app.pg.listener.CANARY_WAIT_SECONDS", 1.0)
            is_reset.set()

    async with background(bell.run(), listener.run()):
        await soon(listener.live.wait())
        assert bell.is_live
        monkeypatch.setattr(listener, "_look_at_queue", look_and_reset)
        await soon(is_reset.wait())
        await soon(until_not_live(bell))
        monkeypatch.setattr("app.pg.listener.CANARY_WAIT_SECONDS", 10.0)
        await soon(listener.live.wait())
    await line.close()


async def test_the_first_canary_refuses_a_dead_listener_with_a_clear_message(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pg.listener.CANARY_WAIT_SECONDS", 0.1)
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
    async with deps.db.transaction() as connection:  # no poll sees one without the other
        await append(connection, [("user:1", "test:event", {})] * 3)
        await connection.execute("delete from rt.event where seq < 3")
    deps.bell.ring()
    assert await received.numbers(2) == [0, 3]


async def test_the_bell_rings_on_when_the_database_is_away_and_back(deps: Deps) -> None:
    broken = dataclasses.replace(deps, bell=Bell(Line("postgresql://postgres@127.0.0.1:1/x", "test"), deps.metrics))
    broken.bell.ring(streams={"user:1": 3})
    broken.bell.tell_all("user:1", "test:passing", {})
    with pytest.raises(AppError, match="unavailable"):
        await broken.bell.run_once()
    broken.bell.line = Line(deps.db.dsn, "test")
    broken.bell.ring(streams={"user:1": 2})
    assert await broken.bell.run_once() == 1
    await broken.bell.line.close()


class Passed:
    """Passing events a process tells its sockets."""

    def __init__(self, deps: Deps) -> None:
        self.queue: asyncio.Queue[Passing] = asyncio.Queue()
        deps.bell.hear(self._hear)

    def _hear(self, ring: Ring) -> None:
        for event in ring.passing:
            self.queue.put_nowait(event)

    async def hears(self, bell: Bell, expected: tuple[str, str, object]) -> None:
        """Return once it came: promised at most once, and within a second, so it is told again until then."""

        async def is_heard() -> bool:
            bell.tell_all(*expected)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    while await self.next() != expected:
                        pass
                    return True
            return False

        await until(is_heard)

    async def next(self) -> tuple[str, str, object]:
        event = await soon(self.queue.get())
        return event.channel, event.type, json.loads(bytes(event.data))

    def seen(self) -> list[tuple[str, str, object]]:
        events = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        return [(e.channel, e.type, json.loads(bytes(e.data))) for e in events]


async def wait_live(deps: Deps) -> None:
    async def is_live() -> bool:
        return deps.bell.is_live

    await until(is_live)


async def until_not_live(bell: Bell) -> None:
    async def is_dead() -> bool:
        return not bell.is_live

    await until(is_dead)
