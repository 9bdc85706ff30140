"""How many watch: what pages are told, what lists say, and what is kept."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.factories import User, log_in, make_user
from tests.lives import MadeLive, make_live
from tests.realtime.site import Browser, Person, Site, open_site, person
from tests.signals import soon, until

STALL_SECONDS = 9


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # Told and renewed often, and believed long: a machine that stands still for seconds makes no viewer doubtful.
    monkeypatch.setattr("app.pg.instance.RENEWALS_PER_LEASE", 240)
    monkeypatch.setattr("app.realtime.presence.RENEWALS_PER_LEASE", 120)
    monkeypatch.setattr("app.realtime.presence.REFRESH_SECONDS", 1.0)
    return dataclasses.replace(settings, presence_seconds=0.05, lease_seconds=60.0)


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[Site]:
    """A second process, as far as the database can tell."""
    async with open_site(settings) as opened:
        yield opened


@pytest.fixture
async def eldest(settings: Settings) -> AsyncIterator[Site]:
    """The process that joined before any other a test asks for after it: a site is up before it has joined."""
    async with open_site(settings) as opened:
        await soon(opened.deps.instance.joined.wait())
        yield opened


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def live(db: Database, owner: User) -> MadeLive:
    return await make_live(db, owner.id, status="live")


@contextlib.asynccontextmanager
async def watching(site: Site, live: MadeLive, who: Person | None = None) -> AsyncIterator[Browser]:
    async with site.signed_in(who) if who else site.socket() as browser:
        assert "ok" in await browser.ask(op="sub", ch=live.channel)
        yield browser


async def told(browser: Browser, n: int) -> None:
    """Return once the page was told this number."""

    async def read() -> None:
        while True:
            frame = browser.frames.pop(0) if browser.frames else await browser.read()
            for event in frame.get("ev", []):
                if event["type"] == "live:viewers" and event["data"] == {"n": n}:
                    assert event.keys() == {"type", "data"}
                    return

    await soon(read())


async def kept(db: Database, live: MadeLive) -> tuple[int, int]:
    row = await db.fetchrow("select peak_viewers, total_viewers from lives where id = $1", live.number)
    assert row is not None
    return row["peak_viewers"], row["total_viewers"]


async def shown(site: Site, live: MadeLive) -> dict[str, Any]:
    async with site.http() as http:
        answer: dict[str, Any] = (await http.get(f"/api/lives/{live.id}")).json()
        return answer


async def shows(site: Site, live: MadeLive, n: int) -> None:
    """Return once it does: who comes to a second process, or leaves it, is counted twice or not at all for a moment."""

    async def is_shown() -> bool:
        return bool((await shown(site, live))["viewers"] == n)

    await until(is_shown)


async def test_users_count_once_and_guests_by_socket(site: Site, live: MadeLive, ana: Person) -> None:
    async with watching(site, live, ana) as first:
        await told(first, 1)
        async with watching(site, live, ana) as tab:
            # Nothing changed, but the new tab is told the number there is.
            await told(tab, 1)
            async with watching(site, live) as guest, watching(site, live):
                for page in (first, tab, guest):
                    await told(page, 3)
                assert (await shown(site, live))["viewers"] == 3
            await told(first, 1)


async def test_sockets_of_one_address_are_no_crowd(settings: Settings, db: Database, live: MadeLive) -> None:
    few = dataclasses.replace(settings, guests_per_address=2)
    async with open_site(few) as site, contextlib.AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(watching(site, live)) for _ in range(5)]
        await told(pages[-1], 2)
        # Whoever signs in is somebody of their own, at whatever address.
        await stack.enter_async_context(watching(site, live, await person(site, db)))
        await told(pages[0], 3)
        assert (await shown(site, live))["viewers"] == 3
        assert await db.fetchval("select max(guests) from rt.viewers") == 2


async def test_all_processes_together_tell_one_number(site: Site, elsewhere: Site, live: MadeLive) -> None:
    async with watching(site, live) as here:
        await told(here, 1)
        async with watching(elsewhere, live) as there, watching(elsewhere, live):
            await told(here, 3)
            await told(there, 3)
            assert (await shown(site, live))["viewers"] == 3
            async with site.http() as http:
                assert [item["viewers"] for item in (await http.get("/api/lives")).json()["items"]] == [3]
        await told(here, 1)


async def test_one_person_at_two_processes_is_one_viewer(
    site: Site, elsewhere: Site, db: Database, live: MadeLive, ana: Person
) -> None:
    async with watching(site, live) as guest, watching(elsewhere, live, ana) as there:
        await told(guest, 2)
        async with watching(site, live, ana) as here, watching(elsewhere, live) as stranger:
            # Only the guest adds to the number.
            for page in (guest, there, here, stranger):
                await told(page, 3)
            await shows(site, live, 3)
            await until(lambda: listed(db, 3))
        # Gone at one process, still there at the other.
        await told(guest, 2)
        await shows(site, live, 2)

        async def both() -> bool:
            return (await kept(db, live))[1] == 2

        await until(both)


async def test_somebody_stays_when_the_process_that_counted_them_stops(
    eldest: Site, site: Site, db: Database, live: MadeLive, ana: Person
) -> None:
    async with watching(site, live) as guest, watching(site, live, ana):
        await told(guest, 2)
        async with watching(eldest, live, ana):
            await until(lambda: counted_by(db, eldest, 1))
            await until(lambda: counted_by(db, site, 1))
        # The other has noticed, and the number is what it was.
        await until(lambda: counted_by(db, site, 2))
        assert (await shown(site, live))["viewers"] == 2


async def listed(db: Database, n: int) -> bool:
    """By operators, process by process."""
    rows = await db.fetch("select process, viewers from ops.viewers_now")
    return bool(sum(row["viewers"] for row in rows) == n)


async def counted_by(db: Database, site: Site, n: int) -> bool:
    sql = "select sum(n) from rt.viewers where instance_id = $1"
    return bool(await db.fetchval(sql, site.deps.instance.id) == n)


async def test_the_owner_is_no_viewer(site: Site, elsewhere: Site, db: Database, owner: User, live: MadeLive) -> None:
    async with site.http() as http:
        creator = Person(site, owner, await log_in(http, owner.username))
    async with watching(site, live, creator) as console, watching(elsewhere, live, creator):
        await told(console, 0)
        async with watching(elsewhere, live):
            await told(console, 1)

            async def both() -> bool:
                return await kept(db, live) == (1, 1)

            await until(both)
        await told(console, 0)
        assert await db.fetchval("select count(*) from live_viewers") == 1


async def test_the_count_is_at_most_three_seconds_old(settings: Settings, live: MadeLive) -> None:
    """With the pause between counts that the service has."""
    clock = asyncio.get_running_loop().time
    slow = dataclasses.replace(settings, presence_seconds=Settings.presence_seconds)
    # A look to tell it and a look to hear it; more than seconds are what a machine takes that stands still meanwhile.
    assert 2 * slow.presence_seconds < 3
    async with open_site(slow) as site, open_site(slow) as elsewhere, watching(site, live) as here:
        await soon(elsewhere.deps.instance.joined.wait())
        await told(here, 1)
        async with watching(elsewhere, live):
            since = clock()
            await told(here, 2)
            assert clock() - since < 3 + STALL_SECONDS
        since = clock()
        await told(here, 1)
        assert clock() - since < 3 + STALL_SECONDS


async def test_peak_and_total_are_kept(site: Site, db: Database, owner: User, live: MadeLive, ana: Person) -> None:
    async with watching(site, live, ana) as page, watching(site, live), watching(site, live):
        await told(page, 3)

        async def both() -> bool:
            # The guests have one address and one browser: they are one viewer, at two sockets.
            return await kept(db, live) == (3, 2)

        await until(both)
    await nobody(site, live)
    async with watching(site, live, ana) as page, watching(site, live):
        await told(page, 2)
    await nobody(site, live)
    async with watching(site, live, await person(site, db)) as page:
        await until(lambda: total_is(db, live, 3))
        await told(page, 1)
    await site.deps.db.fetchval("select live.end_live($1, $2)", live.id, owner.id)
    assert await kept(db, live) == (3, 3)
    assert await db.fetchval("select count(*) from live_viewers where live_id = $1", live.number) == 3


async def nobody(site: Site, live: MadeLive) -> None:
    """Return once all have left, so that nobody is counted with those who come next."""

    async def are_gone() -> bool:
        return not site.deps.hub.followers(live.channel)

    await until(are_gone)


async def total_is(db: Database, live: MadeLive, n: int) -> bool:
    return (await kept(db, live))[1] == n


async def test_who_waits_for_the_start_counts_from_the_start(
    site: Site, db: Database, owner: User, ana: Person
) -> None:
    live = await make_live(db, owner.id)
    async with watching(site, live, ana) as page:
        await told(page, 1)
        assert await kept(db, live) == (0, 0)
        await db.fetchval("select live.start_live($1, $2)", live.id, owner.id)

        async def both() -> bool:
            return await kept(db, live) == (1, 1)

        await until(both)


async def test_an_orderly_stop_takes_its_viewers_out_at_once(settings: Settings, site: Site, live: MadeLive) -> None:
    async with watching(site, live) as here:
        async with open_site(settings) as elsewhere, watching(elsewhere, live):
            await told(here, 2)
        await told(here, 1)


async def test_counts_come_back_after_the_table_was_emptied(
    site: Site, db: Database, live: MadeLive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rt.viewers is unlogged: a crash of PostgreSQL empties it."""
    monkeypatch.setattr("app.realtime.presence.REFRESH_SECONDS", 3600)
    async with watching(site, live) as page:
        await told(page, 1)
        await db.execute("truncate rt.viewers")
        await told(page, 0)
        monkeypatch.setattr("app.realtime.presence.REFRESH_SECONDS", 0.2)
        await told(page, 1)
