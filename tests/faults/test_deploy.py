"""A deploy in the middle of twenty busy rooms: goodbyes, everybody back, nothing lost, nothing twice (F18)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import signal
import time
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed, WebSocketException

from app.config import Settings
from app.pg.pool import Database
from app.pg.stream import append
from tests.factories import make_user
from tests.faults.serving import Serving, serving
from tests.faults.size import size
from tests.faults.test_serving import stuck
from tests.lives import MadeLive, make_live
from tests.signals import until

SOCKETS = size(200, 2000)
ROOMS = 20
PER_SECOND = 50
# A page comes back after up to so long.
JITTER_SECONDS = 2.0
BACK_SECONDS = size(90.0, 15.0)
# Two to say goodbye and four for requests; a stuck reader alone would never go.
EXIT_SECONDS = size(25.0, 10.0)


@dataclass
class Page:
    """One reader that comes back by itself and keeps what it saw."""

    live: MadeLive
    dice: random.Random
    seen: list[int] = field(default_factory=list)
    codes: list[int | None] = field(default_factory=list)
    first: int | None = None
    back_at: float = 0.0
    is_here: bool = False

    async def run(self, site: Serving) -> None:
        since: dict[str, int] | None = None
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with site.reader(self.live, **({"since": since} if since else {})) as reader:
                    assert "reset" not in reader.top
                    since = since or {"epoch": reader.top["epoch"], "seq": reader.top["seq"]}
                    if self.first is None:
                        self.first = since["seq"]
                    self.back_at = time.monotonic()
                    self.is_here = True
                    try:
                        while True:
                            self.seen += await reader.numbers(1)
                            since["seq"] = self.seen[-1]
                    except ConnectionClosed:
                        self.codes.append(reader.connection.close_code)
            self.is_here = False
            await asyncio.sleep(self.dice.uniform(0, JITTER_SECONDS))


async def talk(db: Database, lives: list[MadeLive], is_over: asyncio.Event) -> int:
    """Fifty events a second, room after room, those that are due together; how many."""
    told, started = 0, time.monotonic()
    rooms = itertools.cycle(lives)
    while not is_over.is_set():
        due = int((time.monotonic() - started) * PER_SECOND) - told
        if due:
            await append(db, [(next(rooms).channel, "test:event", {}) for _ in range(due)])
            await db.execute("""select rt.ring('{"{\\"a\\":1}"}')""")
        told += due
        await asyncio.sleep(1 / PER_SECOND)
    return told


async def test_a_deploy_loses_nothing_and_everybody_is_back(settings: Settings, db: Database) -> None:
    owner = await make_user(db)
    lives = [await make_live(db, owner.id, f"Room {n}", status="live") for n in range(ROOMS)]
    dice = random.Random(18)
    pages = [Page(lives[n % ROOMS], random.Random(dice.random())) for n in range(SOCKETS)]
    with serving(settings) as site:
        old = await site.start()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(page.run(site)) for page in pages]
            await until(lambda: all_here(pages), 60)
            is_over = asyncio.Event()
            talking = group.create_task(talk(db, lives, is_over))
            line = await stuck(site)
            await until(lambda: told_to_all(pages, 1), 60)
            stopped = time.monotonic()
            old.send_signal(signal.SIGTERM)
            await asyncio.to_thread(old.wait, EXIT_SECONDS + 30)
            gone = time.monotonic() - stopped
            line.close()
            await site.start()
            await until(lambda: all_back(pages, stopped), BACK_SECONDS)
            back = max(page.back_at for page in pages) - stopped
            reads = sum((await site.figures("trunkline_catch_ups_total")).values())
            is_over.set()
            told = await talking
            tops = {live.channel: await top_of(db, live) for live in lives}
            await until(lambda: caught_up(pages, tops), 60)
            for task in tasks:
                task.cancel()
    for page in pages:
        assert page.first is not None
        assert page.seen == list(range(page.first + 1, tops[page.live.channel] + 1))
        assert page.codes[0] == 1012
    print(
        f"a deploy under {told} events to {SOCKETS} sockets in {ROOMS} rooms: the old process gone after {gone:.1f} s, "
        f"all back after {back:.1f} s, nothing lost or twice, {reads:.0f} reads of events"
    )
    # One for each event that is rung, as ever, and one a room for those that come back: none per socket.
    assert reads <= told + 2 * ROOMS
    assert gone < EXIT_SECONDS


async def all_here(pages: list[Page]) -> bool:
    return all(page.is_here for page in pages)


async def told_to_all(pages: list[Page], count: int) -> bool:
    return all(len(page.seen) >= count for page in pages)


async def all_back(pages: list[Page], since: float) -> bool:
    return all(page.is_here and page.back_at > since for page in pages)


async def caught_up(pages: list[Page], tops: dict[str, int]) -> bool:
    return all(page.seen and page.seen[-1] >= tops[page.live.channel] for page in pages)


async def top_of(db: Database, live: MadeLive) -> int:
    return int(await db.fetchval("select last_seq from rt.stream where channel = $1", live.channel))
