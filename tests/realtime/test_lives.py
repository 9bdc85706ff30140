"""What happens to a live reaches the pages that show it: from its owner at once, from psql within a second."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg

from app.pg.pool import Database
from app.pg.stream import FULL_POLL_SECONDS
from tests.lives import make_live
from tests.realtime.site import Browser, Person, Site
from tests.signals import soon, until

# A second as a rule. Looking at all channels, half a minute after the last time, is not what found it.
WITHIN_SECONDS = FULL_POLL_SECONDS * 2 / 3


async def event(browser: Browser, type: str) -> dict[str, Any]:
    """The data of the next event of a type."""

    async def read() -> dict[str, Any]:
        while True:
            frame = browser.frames.pop(0) if browser.frames else await browser.read()
            for said in frame.get("ev", []):
                if said["type"] == type:
                    assert said["seq"] > 0
                    data: dict[str, Any] = said["data"]
                    return data

    found: dict[str, Any] = await soon(read())
    return found


def console(site: Site, statement: str, *values: str) -> None:
    """As an operator: psql of another machine, which rings nothing."""
    with psycopg.connect(site.deps.settings.database_url, autocommit=True) as connection:
        connection.execute(statement.encode(), values)


async def is_live(site: Site) -> None:
    async def check() -> bool:
        return site.deps.bell.is_live

    await until(check)


async def test_starting_editing_and_ending_are_seen_by_everybody_there(site: Site, db: Database, ana: Person) -> None:
    live = await make_live(db, ana.user.id)
    url = f"/api/lives/{live.id}"
    async with site.socket() as guest, site.http() as http:
        await guest.ask(op="sub", ch=live.channel)
        await http.post(f"{url}/start", headers=ana.headers)
        assert (await event(guest, "live:changed"))["status"] == "live"
        await http.patch(url, json={"title": "New"}, headers=ana.headers)
        assert (await event(guest, "live:changed"))["title"] == "New"
        await http.post(f"{url}/end", headers=ana.headers)
        ended = await event(guest, "live:changed")
        assert (ended["status"], ended["end_reason"]) == ("ended", None)


async def test_what_operators_do_reaches_open_pages_without_a_ring(site: Site, db: Database, ana: Person) -> None:
    live = await make_live(db, ana.user.id, status="live")
    clock = asyncio.get_running_loop().time
    # The slow poll: nothing is rung, and the listener is well.
    await is_live(site)
    async with site.signed_in(ana) as page:
        await page.ask(op="sub", ch=live.channel)
        since = clock()
        console(site, "select ops.announce(%s, %s)", live.id, "back soon")
        assert await event(page, "live:announcement") == {"text": "back soon"}
        assert clock() - since < WITHIN_SECONDS
        since = clock()
        console(site, "select ops.close_live(%s, %s)", live.id, "rules")
        ended = await event(page, "live:changed")
        assert clock() - since < WITHIN_SECONDS
        assert (ended["status"], ended["end_reason"]) == ("ended", "rules")
        async with site.http() as http:
            body = {"text": "hello", "cid": "6f0b6cf0-0000-4000-8000-000000000001"}
            refused = await http.post(f"/api/lives/{live.id}/messages", json=body, headers=ana.headers)
        assert (refused.status_code, refused.json()["error"]) == (409, "live_ended"), json.dumps(refused.json())


async def test_a_deleted_live_lets_nobody_stay(site: Site, db: Database, ana: Person) -> None:
    live = await make_live(db, ana.user.id, status="ended")
    async with site.socket() as guest, site.http() as http:
        await guest.ask(op="sub", ch=live.channel)
        await http.delete(f"/api/lives/{live.id}", headers=ana.headers)

        async def is_off() -> bool:
            return not site.deps.hub.followers(live.channel)

        await until(is_off)


async def test_operators_see_processes_lives_and_viewers(site: Site, db: Database, ana: Person, ben: Person) -> None:
    live = await make_live(db, ana.user.id, "An evening", status="live")
    await is_live(site)
    async with site.signed_in(ben) as page:
        await page.ask(op="sub", ch=live.channel)

        async def viewers() -> bool:
            return bool(await db.fetch("select from ops.viewers_now where live = $1 and is_counted", live.id))

        await until(viewers)
        await site.deps.instance.run_once()
        row = await db.fetchrow("select live, title, owner, viewers from ops.lives_now")
        assert row == (live.id, "An evening", ana.user.username, 1)
        row = await db.fetchrow("select process, viewers, status from ops.viewers_now")
        assert row == (site.deps.instance.name, 1, "live")
        row = await db.fetchrow("select process, is_alive, is_listening, sockets, channels from ops.listeners")
        # The channels: the live's, and the user's own.
        assert row == (site.deps.instance.name, True, True, 1, 2)
