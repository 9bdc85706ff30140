"""Processes that share a port: one that is killed or stopped costs its browsers a reconnect, never an event."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.config import Settings
from app.pg.pool import Database
from app.pg.stream import append
from tests.factories import make_user
from tests.faults.serving import Serving, serving
from tests.faults.size import size
from tests.lives import MadeLive, make_live
from tests.realtime.test_slow_reader import HANDSHAKE
from tests.signals import soon, until

READERS = 12
CROWD = size(200, 2000)
ACCEPTS_PER_SECOND = size(20, 200)


async def a_live(db: Database) -> MadeLive:
    return await make_live(db, (await make_user(db)).id, status="live")


async def tell(db: Database, live: MadeLive, *numbers: int) -> None:
    await append(db, [(live.channel, "test:event", {"n": n}) for n in numbers])
    await db.execute("""select rt.ring('{"{\\"a\\":1}"}')""")


async def test_a_message_reaches_sockets_of_every_process_and_a_kill_loses_none(
    settings: Settings, db: Database
) -> None:
    live = await a_live(db)
    with serving(settings) as site:
        one, other = await site.start(), await site.start()
        async with contextlib.AsyncExitStack() as stack:
            readers = [await stack.enter_async_context(site.reader(live)) for _ in range(READERS)]

            async def both_have_some() -> bool:
                # The kernel spreads by address and port: a few more until each has one.
                counts = await site.figures("trunkline_sockets")
                if all(counts.get(process.pid) for process in (one, other)):
                    return True
                readers.append(await stack.enter_async_context(site.reader(live)))
                return False

            await until(both_have_some)
            top = readers[0].top["seq"]
            await tell(db, live, 1, 2, 3)
            for reader in readers:
                assert await soon(reader.numbers(3)) == [top + 1, top + 2, top + 3]
            one.kill()
            # While it dies, the port still takes connections in its name.
            one.wait(10)
            await tell(db, live, 4, 5)
            moved = 0
            for reader in readers:
                try:
                    assert await soon(reader.numbers(2)) == [top + 4, top + 5]
                except ConnectionClosed:
                    moved += 1
                    since = {"epoch": reader.top["epoch"], "seq": top + 3}
                    again = await stack.enter_async_context(site.reader(live, since=since))
                    assert "reset" not in again.top
                    assert await soon(again.numbers(2)) == [top + 4, top + 5]
            assert 0 < moved < len(readers)
    print(f"{len(readers)} sockets at 2 processes; {moved} moved on when one was killed, nothing lost")


async def test_a_stop_spreads_the_goodbyes_and_no_stuck_browser_holds_it_up(settings: Settings, db: Database) -> None:
    live = await a_live(db)
    with serving(settings) as site:
        process = await site.start()
        line = await stuck(site)
        async with contextlib.AsyncExitStack() as stack:
            readers = [await stack.enter_async_context(site.reader(live)) for _ in range(CROWD)]
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)

            async def end_of(reader: object) -> tuple[int | None, float]:
                code = await reader.closed()  # type: ignore[attr-defined]
                return code, time.monotonic() - started

            ends = await asyncio.gather(*(end_of(reader) for reader in readers))
        code = await asyncio.to_thread(process.wait, 10)
        took = time.monotonic() - started
        line.close()
    assert {code for code, _ in ends} == {1012}
    times = sorted(at for _, at in ends)
    # Two seconds' worth of goodbyes: not all of them in one moment.
    assert times[-CROWD // 10] - times[CROWD // 10] > 0.5
    assert took < 10
    print(f"{CROWD} sockets closed from {times[0]:.2f} to {times[-1]:.2f} s; gone after {took:.1f} s, code {code}")


async def stuck(site: Serving) -> socket.socket:
    """Connects, asks for a lot and reads none of it."""
    line = socket.create_connection(("127.0.0.1", site.port))
    line.sendall(HANDSHAKE.encode())
    assert line.recv(12).startswith(b"HTTP/1.1 101")
    return line


async def test_a_storm_of_new_sockets_is_taken_at_a_rate(settings: Settings, db: Database) -> None:
    live = await a_live(db)
    with serving(settings, SOCKET_ACCEPTS_PER_SECOND=str(ACCEPTS_PER_SECOND)) as site:
        process = await site.start()
        refused: list[int] = []
        statuses: set[int] = set()
        handshakes: list[float] = []

        async def come() -> None:
            while True:
                started = time.monotonic()
                try:
                    async with asyncio.timeout(30), site.reader(live) as reader:
                        handshakes.append(time.monotonic() - started)
                        # What a page does whose sign-in ended while it was away.
                        answer = await reader.ask(op="auth", ticket="expired")
                        assert answer["error"]["code"] == "bad_ticket"
                        return
                except InvalidStatus as error:
                    statuses.add(error.response.status_code)
                    refused.append(int(error.response.headers["retry-after"]))
                await asyncio.sleep(refused[-1])

        await asyncio.gather(*(come() for _ in range(CROWD)))
        connections = await db.fetchval(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and application_name like 'trunkline%'"
        )
        assert process.poll() is None
    assert statuses == {429}
    assert set(refused) <= set(range(1, 6))
    assert len(set(refused)) > 1
    # The pool, two writers, and one each for LISTEN, the engine's chores and the cache.
    assert connections <= settings.db_pool_size + settings.write_lanes + 5
    p99 = sorted(handshakes)[int(CROWD * 0.99)]
    print(f"{CROWD} sockets at once: {len(refused)} times sent away for a moment, p99 of a handshake {p99:.2f} s, "
          f"{connections} connections to PostgreSQL")  # fmt: skip


@pytest.mark.parametrize("sockets", [500])
async def test_a_crowd_that_comes_back_is_served_from_memory(settings: Settings, db: Database, sockets: int) -> None:
    """A restart: everybody resumes after the same number, and the database is asked once, not once per socket."""
    live = await a_live(db)
    with serving(settings) as site:
        process = await site.start()
        async with site.reader(live) as first:
            top = first.top
        await tell(db, live, *range(100))
        process.terminate()
        await asyncio.to_thread(process.wait, 10)
        await site.start()
        started = time.monotonic()

        async def come_back() -> list[int]:
            async with site.reader(live, since=top) as reader:
                return await reader.numbers(100)

        seen = await asyncio.gather(*(come_back() for _ in range(sockets)))
        took = time.monotonic() - started
        reads = await site.figures("trunkline_catch_ups_total")
    assert all(numbers == list(range(top["seq"] + 1, top["seq"] + 101)) for numbers in seen)
    assert sum(reads.values()) <= 10
    assert took < 30
    print(f"{sockets} sockets back after {took:.1f} s with {sum(reads.values()):.0f} reads of events")
