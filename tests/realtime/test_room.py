"""The window of a room: few frames for many events, and everybody gets each event once, in order."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence

import pytest

from app.realtime import protocol, room
from app.realtime.connection import Connection
from app.realtime.frames import payload_of
from app.realtime.pace import BUSY_SECONDS, TICK_SECONDS, Pace
from app.realtime.room import Room
from app.realtime.tail import MAXIMUM_BYTES, MAXIMUM_EVENTS, Tail
from tests.signals import until

SHORTEST, LONGEST = 0.01, 0.04


async def nowhere(message: object) -> None:
    pass


def reader() -> Connection:
    """A socket whose frames stay where they can be read."""
    return Connection(nowhere, None, backlog_bytes=10**9, ip="")


def frames_of(connection: Connection) -> list[dict[str, object]]:
    return [json.loads(payload_of(frame)) for frame in connection._queue]


def numbers_of(connection: Connection) -> list[int]:
    return [n for frame in frames_of(connection) for n in frame.get("ev", ["reset"])]  # type: ignore[attr-defined]


def make_room() -> Room:
    return Room("live:a", protocol.head_of("live:a"), Pace(shortest=SHORTEST, longest=LONGEST))


def parts(*numbers: int) -> list[bytes]:
    return [str(n).encode() for n in numbers]


async def sent(opened: Room, connection: Connection, numbers: Sequence[int]) -> None:
    async def check() -> bool:
        return numbers_of(connection) == list(numbers)

    await until(check)


class Clock:
    """The room's: it stands still unless the test moves it, however long the machine takes."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(room, "time", standing)
    return standing


async def test_a_frame_that_took_long_to_write_is_followed_by_a_pause(clock: Clock) -> None:
    opened, anna = make_room(), reader()
    write = anna.write

    def write_slowly(frame: bytes) -> None:
        clock.now += 2 * SHORTEST
        write(frame)

    anna.write = write_slowly
    opened.join(anna)
    opened.add(parts(1))
    # The shortest window is over, and yet the next must not follow at once: nothing else would have a turn.
    opened.add(parts(2))
    opened.add(parts(3))
    assert frames_of(anna) == [{"ch": "live:a", "ev": [1]}]
    await sent(opened, anna, [1, 2, 3])
    assert len(frames_of(anna)) == 2


async def test_the_first_event_goes_at_once_and_those_of_a_window_together(clock: Clock) -> None:
    opened, anna = make_room(), reader()
    opened.join(anna)
    opened.add(parts(1))
    assert frames_of(anna) == [{"ch": "live:a", "ev": [1]}]
    opened.add(parts(2))
    opened.add(parts(3, 4))
    assert len(frames_of(anna)) == 1
    await sent(opened, anna, [1, 2, 3, 4])
    assert len(frames_of(anna)) == 2


async def test_events_of_a_small_room_share_a_frame_when_the_process_is_busy(clock: Clock) -> None:
    pace = Pace(shortest=SHORTEST, longest=3600)
    opened, anna = Room("live:a", protocol.head_of("live:a"), pace), reader()
    opened.join(anna)
    opened.add(parts(1))
    for _ in range(40):
        pace.feel(2 * BUSY_SECONDS)
    assert pace.window == 3600
    clock.now += 1.5 * SHORTEST  # more than a window as it is while there is time
    opened.add(parts(2))
    assert numbers_of(anna) == [1]
    for _ in range(40):
        pace.feel(0)
    assert pace.window == 0
    opened.add(parts(3))
    assert frames_of(anna)[1:] == [{"ch": "live:a", "ev": [2, 3]}]


async def test_a_loop_that_wakes_late_makes_windows_longer() -> None:
    pace = Pace(shortest=SHORTEST, longest=LONGEST)
    running = asyncio.create_task(pace.run())
    loop = asyncio.get_running_loop()

    async def is_longest() -> bool:
        loop.call_soon(occupy, 2 * TICK_SECONDS)
        return pace.window == LONGEST

    await until(is_longest)

    async def is_none() -> bool:
        return pace.window == 0

    await until(is_none)
    running.cancel()


def occupy(seconds: float) -> None:
    """Keep the loop from everything else."""
    until_then = time.perf_counter() + seconds
    while time.perf_counter() < until_then:
        pass


async def test_whoever_comes_during_a_window_gets_only_what_came_after(clock: Clock) -> None:
    opened, anna, ben = make_room(), reader(), reader()
    opened.join(anna)
    opened.add(parts(1))
    opened.add(parts(2))  # waits for the end of the window; a newcomer is told its number is 2
    opened.join(ben)
    assert set(opened.readers) == {anna, ben}
    opened.add(parts(3))
    await sent(opened, anna, [1, 2, 3])
    assert numbers_of(ben) == [3]


async def test_a_hole_is_told_after_what_came_before_it() -> None:
    opened, anna = make_room(), reader()
    opened.join(anna)
    opened.add(parts(1))
    opened.add(parts(2))
    opened.send_apart(protocol.reset_of("live:a"))
    assert numbers_of(anna) == [1, 2, "reset"]


async def test_passing_events_of_a_window_are_bounded() -> None:
    opened, anna = Room("live:a", protocol.head_of("live:a"), Pace(shortest=60, longest=60)), reader()
    opened.join(anna)
    for n in range(1000):
        opened.add_passing(parts(n))
    assert numbers_of(anna) == [0]
    opened._flush()
    assert numbers_of(anna) == list(range(room.MAXIMUM_PASSING + 1))


async def test_the_window_grows_for_a_crowd_and_shrinks_again(clock: Clock) -> None:
    opened = make_room()
    for _ in range(room.CROWD):
        opened.join(reader())
    for n in range(6):
        opened.add(parts(*range(n * 10, n * 10 + 10)))
        opened._flush()
    assert opened._window == LONGEST
    for n in range(6):
        opened.add(parts(n))
        opened._flush()
    assert opened._window == SHORTEST


@pytest.mark.parametrize("seed", range(5))
async def test_in_any_order_of_coming_and_going_each_gets_each_event_once(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sliced writing included: a crowd is written to in several turns of the loop."""
    monkeypatch.setattr(room, "SLICE", 3)
    chance = random.Random(seed)
    opened = make_room()
    seq = 0
    owed: dict[Connection, list[int]] = {}  # since somebody came
    everybody = [reader() for _ in range(20)]
    for _ in range(3000):
        what = chance.random()
        someone = chance.choice(everybody)
        if what < 0.2:
            opened.join(someone)
            owed.setdefault(someone, [])
        elif what < 0.3:
            # What is on its way may still arrive or not: what counts is that nothing arrives twice.
            opened.leave(someone)
            owed.pop(someone, None)
        elif what < 0.7:
            new = range(seq + 1, seq + 1 + chance.randint(1, 3))
            opened.add(parts(*new))
            for due in owed.values():
                due.extend(new)
            seq = new[-1]
        else:
            await asyncio.sleep(SHORTEST if what < 0.72 else 0)

    async def is_all_written() -> bool:
        # A window is longer after a frame that took long to write.
        return not (opened._pending or opened._is_writing)

    await until(is_all_written)
    for connection in everybody:
        got = numbers_of(connection)
        assert got == sorted(set(got))
        due = owed.get(connection, [])
        assert got[len(got) - len(due) :] == due
    stayed = reader()
    opened.join(stayed)
    opened.add(parts(seq + 1))
    await sent(opened, stayed, [seq + 1])


def test_a_tail_answers_exactly_what_it_holds() -> None:
    tail = Tail()
    assert tail.after(0) is None
    tail.add(5, parts(5, 6, 7))
    assert (tail.after(4), tail.after(6), tail.after(7)) == (parts(5, 6, 7), parts(7), [])
    assert tail.after(3) is None
    tail.prepend(3, parts(3, 4))
    assert tail.after(2) == parts(3, 4, 5, 6, 7)
    tail.add(9, parts(9))  # 8 is missing: nothing before it can be told without a hole
    assert (tail.after(7), tail.after(8)) == (None, parts(9))


def test_a_tail_is_bounded_in_number_and_bytes() -> None:
    tail = Tail()
    tail.add(1, parts(*range(1, 1000)))
    assert (tail.first, tail.last) == (1000 - MAXIMUM_EVENTS, 999)
    tail.prepend(1, parts(*range(1, 1000 - MAXIMUM_EVENTS)))
    assert tail.first == 1000 - MAXIMUM_EVENTS
    tail.add(1000, [b"x" * MAXIMUM_BYTES])
    assert (tail.first, tail.last, tail.size) == (1000, 1000, MAXIMUM_BYTES)
    tail.add(1001, [b"x" * (MAXIMUM_BYTES + 1)])
    assert (tail.last, tail.size, tail.after(1000)) == (0, 0, None)
    tail.add(1002, parts(1002))
    assert tail.after(1001) == parts(1002)
