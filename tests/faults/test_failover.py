"""A primary that dies, freezes, wakes again, or takes the end of its history along; its standby goes on.

Two servers of our own and an address that names both. Nobody watches over them here: the test promotes.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from app.config import Settings
from app.deps import Deps
from app.main import open_deps
from app.pg.migrate import migrate
from tests.cluster import Cluster, start_cluster, start_standby
from tests.faults.size import size
from tests.realtime.site import open_site, person
from tests.signals import Received, insist, soon, until

WRITERS, MESSAGES = 8, size(100, 1000)
LOST = size(20, 500)
# From the promotion on; without connecting to both hosts side by side it would be never.
KILLED_SECONDS = size(60.0, 5.0)
# What hangs on a frozen server is given up after ten seconds.
FROZEN_SECONDS = size(90.0, 15.0)


@dataclass(frozen=True)
class Pair:
    primary: Cluster
    standby: Cluster

    @property
    def dsn(self) -> str:
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in (self.primary, self.standby))
        return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def wait_for_standby(self, is_asked: bool) -> None:
        """Whether a commit waits until the standby has it."""
        name = "*" if is_asked else ""
        with psycopg.connect(self.primary.dsn("postgres"), autocommit=True) as line:
            line.execute(f"alter system set synchronous_standby_names = '{name}'".encode())
            line.execute("select pg_reload_conf()")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with start_cluster(tmp_path, durable=True, wal_level="replica") as primary:
        migrate(primary.dsn("postgres"))
        with start_standby(primary) as standby:
            yield Pair(primary, standby)


@pytest.fixture
def on_both(pair: Pair, settings: Settings) -> Settings:
    return dataclasses.replace(settings, database_url=pair.dsn, db_pool_size=4, db_acquire_seconds=2.0)


@dataclass
class Writing:
    """What writers were told is on disk, and the longest time in which nobody was told anything."""

    processes: tuple[Deps, ...]
    answered: dict[int, str] = field(default_factory=dict)
    silence: float = 0.0
    is_over: bool = False
    _told: asyncio.Condition = field(default_factory=asyncio.Condition)
    _last_at: float = field(default_factory=time.monotonic)

    async def write(self, writer: int) -> None:
        for n in itertools.count():
            if self.is_over:
                return
            text = f"{writer}:{n}"
            process = self.processes[n % len(self.processes)]
            seq = await insist(lambda p=process, t=text: p.streams.publish("room:1", "test:event", {"text": t}), 120)  # type: ignore[misc]
            now = time.monotonic()
            self.silence, self._last_at = max(self.silence, now - self._last_at), now
            async with self._told:
                self.answered[seq] = text
                self._told.notify_all()

    async def more(self, count: int = MESSAGES) -> None:
        """Until so many more were answered."""
        goal = len(self.answered) + count
        async with asyncio.timeout(120), self._told:
            await self._told.wait_for(lambda: len(self.answered) >= goal)


@contextlib.asynccontextmanager
async def writing(*processes: Deps) -> AsyncIterator[Writing]:
    """Writers beside the block; at its end each has its last answer."""
    state = Writing(processes)
    writers = asyncio.gather(*(state.write(n) for n in range(WRITERS)))
    try:
        yield state
        state.is_over = True
        await soon(writers, 120)
    finally:
        writers.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writers


async def check(pair: Pair, state: Writing, readers: list[Received]) -> None:
    """What was answered is there under its number, and each reader got every number once, in order."""
    with psycopg.connect(pair.standby.dsn("postgres"), autocommit=True) as line:
        rows = line.execute("select seq, data->>'text' from rt.event where channel = 'room:1'").fetchall()
    stored = {int(seq): str(text) for seq, text in rows}
    assert all(stored.get(seq) == text for seq, text in state.answered.items())
    top = max(stored)
    for reader in readers:
        assert await reader.numbers(top) == list(range(1, top + 1))


async def watching(process: Deps) -> Received:
    received = Received(process)
    await insist(lambda: process.streams.watch("room:1"))
    await until(lambda: is_live(process))
    return received


async def is_live(process: Deps) -> bool:
    return process.bell.is_live


async def fail_over(pair: Pair, state: Writing, sign: signal.Signals) -> None:
    """The primary gets a signal while people write, and the standby takes its place."""
    await state.more()
    state.silence = 0.0
    await asyncio.to_thread(pair.primary.signal, sign)
    await asyncio.to_thread(pair.standby.promote)
    await state.more()


async def test_a_killed_primary_costs_a_moment_and_no_answered_event(pair: Pair, on_both: Settings) -> None:
    async with open_deps(on_both) as deps, open_deps(on_both) as other:
        readers = [await watching(process) for process in (deps, other)]
        pair.wait_for_standby(True)
        async with writing(deps, other) as state:
            await fail_over(pair, state, signal.SIGKILL)
        await until(lambda: is_live(deps))
        await check(pair, state, readers)
    print(f"{len(state.answered)} answered events all there, {state.silence:.2f} s without an answer")
    assert state.silence < KILLED_SECONDS


async def test_a_frozen_first_host_is_left(pair: Pair, on_both: Settings) -> None:
    """It takes connections and says nothing."""
    async with open_deps(on_both) as deps, open_deps(on_both) as other:
        readers = [await watching(process) for process in (deps, other)]
        pair.wait_for_standby(True)
        async with writing(deps, other) as state:
            await fail_over(pair, state, signal.SIGSTOP)
        await until(lambda: is_live(deps))
        await insist(lambda: deps.db.fetchval("select 1"))
        await check(pair, state, readers)
        # So does the migrator, which asks one host after the other.
        assert (await asyncio.to_thread(migrate, pair.dsn)).migrations == []
    print(f"{len(state.answered)} answered events all there, {state.silence:.2f} s without an answer")
    assert state.silence < FROZEN_SECONDS


async def test_a_primary_that_wakes_is_not_gone_back_to(pair: Pair, on_both: Settings) -> None:
    """For a while both take writes; nobody tells the old one."""
    async with open_deps(on_both) as deps:
        await watching(deps)
        async with writing(deps) as state:
            await state.more()
            pair.wait_for_standby(True)
            await state.more()
            await asyncio.to_thread(pair.primary.signal, signal.SIGSTOP)
            await asyncio.to_thread(pair.standby.promote)
            await state.more()
            # What hangs there must not be answered when it is told that it needs no standby.
            for lane in deps.streams.lanes:
                await insist(lambda lane=lane: lane.fetch("select 1"), 60)  # type: ignore[misc]
            await asyncio.to_thread(pair.primary.signal, signal.SIGCONT)
            pair.wait_for_standby(False)
            patient = dataclasses.replace(on_both, db_connect_seconds=30.0, db_acquire_seconds=30.0)
            await insist(lambda: cut(deps))
            await state.more()
            async with open_deps(patient) as newcomer:
                for process in (deps, newcomer):
                    asked = insist(lambda p=process: p.db.fetchval("select inet_server_port()"))  # type: ignore[misc]
                    assert await asked == pair.standby.port
        # What hung and was answered by the old one when it woke may have been told, and taken back.
        await check(pair, state, [])


async def cut(process: Deps) -> None:
    """Every connection of the service to the server it uses now."""
    await process.db.fetchval(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where application_name like 'trunkline%' and pid <> pg_backend_pid()"
    )


async def test_pages_that_saw_what_was_lost_load_again(pair: Pair, on_both: Settings) -> None:
    """The standby is asynchronous and some way behind; the numbers of what it lacks come again for other events."""
    async with contextlib.AsyncExitStack() as stack:
        site = await stack.enter_async_context(open_site(on_both))
        other = await stack.enter_async_context(open_deps(on_both))
        deps = site.deps
        people = [await person(site, deps.db) for _ in range(2)]
        lost_one, kept_one = (someone.channel for someone in people)
        page, quiet = [await stack.enter_async_context(site.signed_in(someone)) for someone in people]
        for browser, channel in ((page, lost_one), (quiet, kept_one)):
            await deps.streams.publish(channel, "test:event", {})
            browser.top = (await browser.ask(op="sub", ch=channel))["ok"]
        await until(lambda: is_live(other))
        assert [await deps.streams.publish(lost_one, "test:event", {}) for _ in range(3)] == [2, 3, 4]
        await until(lambda: has(pair.standby, lost_one, 4))
        await asyncio.to_thread(cut_off, pair.standby)
        lost = [await other.streams.publish(lost_one, "test:event", {"lost": n}) for n in range(LOST)]
        assert await page.numbers(3 + LOST) == [2, 3, 4, *lost]
        await asyncio.to_thread(pair.primary.signal, signal.SIGKILL)
        await asyncio.to_thread(pair.standby.promote)
        again = await insist(lambda: other.streams.publish(lost_one, "test:event", {}), 120)
        assert again in lost
        assert await page.numbers(1) == [0]
        answer = (await page.ask(op="sub", ch=lost_one))["ok"]
        assert answer["epoch"] != page.top["epoch"]
        # From there on each number once, in order; who only has what was kept is not told to load again.
        await insist(lambda: deps.streams.publish(lost_one, "test:event", {}), 120)
        await insist(lambda: deps.streams.publish(kept_one, "test:event", {}), 120)
        top = await insist(lambda: deps.db.fetchval("select last_seq from rt.stream where channel = $1", lost_one))
        assert await page.numbers(top - answer["seq"]) == list(range(answer["seq"] + 1, top + 1))
        assert await quiet.numbers(1) == [2]
        # Whoever comes back with a number of before is told so, whether it is lost or another event's now.
        for seq in (4, again, lost[-1]):
            since = {"epoch": page.top["epoch"], "seq": seq}
            async with site.signed_in(people[0]) as back:
                assert (await back.ask(op="sub", ch=lost_one, since=since))["ok"]["reset"] is True


async def has(server: Cluster, channel: str, seq: int) -> bool:
    def look() -> bool:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as line:
            sql = "select last_seq >= %s from rt.stream where channel = %s"
            row = line.execute(sql, [seq, channel]).fetchone()
        return bool(row and row[0])

    return await asyncio.to_thread(look)


def cut_off(standby: Cluster) -> None:
    """It gets nothing more from its primary; returns when the line is down."""
    with psycopg.connect(standby.dsn("postgres"), autocommit=True) as line:
        line.execute("alter system set primary_conninfo = ''")
        line.execute("select pg_reload_conf()")
        while line.execute("select from pg_stat_wal_receiver").fetchone():
            line.execute("select pg_sleep(0.01)")
