"""A browser that stops reading in a busy room: cut within ten seconds, bounded, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import time
from collections.abc import Sequence

import psutil
from websockets.asyncio.client import connect

from app.config import Settings
from app.main import open_deps
from app.pg.loop import background
from app.pg.pool import Database
from app.pg.stream import Event
from app.realtime.connection import Connection
from app.realtime.frames import frame
from app.realtime.hub import Hub
from tests.factories import make_user
from tests.faults.size import size
from tests.lives import MadeLive, make_live
from tests.realtime.site import Browser, Site, open_site
from tests.signals import soon, until

READERS, EVENTS = size(20, 200), size(400, 200)
TEXT = "x" * 30_000  # more than the kernel takes off our hands for the one that does not read


async def reader(site: Site, live: MadeLive, stack: contextlib.AsyncExitStack, small: bool = False) -> Browser:
    line = None
    if small:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", site.port))
    connection = await stack.enter_async_context(
        connect(
            f"ws://127.0.0.1:{site.port}/ws",
            subprotocols=["trunkline.v1"],  # type: ignore[list-item]
            proxy=None,
            compression=None,
            open_timeout=60,
            close_timeout=0.1,
            max_size=None,
            sock=line,
        )
    )
    browser = Browser(connection)
    assert "ok" in await browser.ask(op="sub", ch=live.channel)
    return browser


async def run(site: Site, live: MadeLive, browsers: Sequence[Browser]) -> list[float]:
    """Every event to every browser; how long each took from its commit."""
    told_at: dict[int, float] = {}
    deliver = site.deps.streams.deliver

    def note(channel: str, events: Sequence[Event]) -> None:
        for event in events:
            told_at[event.seq] = time.monotonic()
        deliver(channel, events)

    site.deps.streams.deliver = note

    async def read(browser: Browser) -> list[float]:
        late: list[float] = []
        while len(late) < EVENTS:
            frame = await browser.read()
            late += [time.monotonic() - told_at[e["seq"]] for e in frame.get("ev", []) if "seq" in e]
        return late

    reading = asyncio.gather(*(read(browser) for browser in browsers))
    for _ in range(EVENTS):
        await site.deps.streams.publish(live.channel, "test:event", {"text": TEXT})
    late = sorted(one for each in await soon(reading, 120) for one in each)
    site.deps.streams.deliver = deliver
    return late


async def test_one_that_does_not_read_is_cut_and_the_others_notice_nothing(settings: Settings, db: Database) -> None:
    limits = dataclasses.replace(settings, socket_stall_seconds=5.0, socket_max_per_address=READERS + 1)
    async with open_site(limits) as site, contextlib.AsyncExitStack() as stack:
        live = await make_live(db, (await make_user(db)).id, status="live")
        browsers = [await reader(site, live, stack) for _ in range(READERS)]
        calm = await run(site, live, browsers)
        before = set(site.deps.hub.connections)
        stuck = await reader(site, live, stack, small=True)
        stuck.connection.transport.pause_reading()
        [connection] = site.deps.hub.connections - before
        started = time.monotonic()
        most = 0

        async def is_gone() -> bool:
            nonlocal most
            most = max(most, kept_for(connection))
            return connection not in site.deps.hub.connections

        watching = asyncio.create_task(until(is_gone, 60))
        memory = psutil.Process().memory_info().rss
        busy = await run(site, live, browsers)
        await watching
        took = time.monotonic() - started
        memory = psutil.Process().memory_info().rss - memory
        assert len(site.deps.hub.connections) == READERS
    print(
        f"cut after {took:.1f} s with at most {most:,} bytes kept; p99 of {READERS} others "
        f"{p99(calm) * 1000:.0f} ms without it, {p99(busy) * 1000:.0f} ms with it; server and readers grew by "
        f"{memory / 1e6:.1f} MB"
    )
    assert took < size(30, 10)
    assert 0 < most <= settings.socket_backlog_bytes
    # The same within what a shared machine's own noise makes. Waiting for the one that is stuck would make most of
    # them late by seconds; a machine that stands still only those few which are on their way.
    assert p75(busy) < 3 * p75(calm) + 0.5


async def test_a_process_that_stood_still_does_not_blame_its_readers(settings: Settings) -> None:
    """What waits for them then is its own doing: who takes it afterwards stays, who does not is cut."""

    async def nowhere(message: object) -> None:
        pass

    async with open_deps(settings) as deps:
        hub = Hub(deps.streams, deps.metrics, deps.sessions.find_ended, settings)
        takes, stuck = (Connection(nowhere, None, backlog_bytes=1_000_000, ip="") for _ in range(2))
        for connection in (takes, stuck):
            hub.enter(connection)
            connection.write(frame(b" " * 100_000))
            assert connection.slow_since is not None
            connection.slow_since -= 60
        assert await hub.run_once() == 0

        async def has_taken() -> bool:
            return takes.buffered == 0

        async with background(takes.write_plainly()):
            await until(has_taken)
        assert await hub.run_once() == 1
        assert (takes.is_over, stuck.is_over) == (False, True)
        await stuck.closed()


def kept_for(connection: Connection) -> int:
    return 0 if connection.is_over else connection.buffered


def p99(late: Sequence[float]) -> float:
    return late[int(len(late) * 0.99)]


def p75(late: Sequence[float]) -> float:
    return late[int(len(late) * 0.75)]
