"""Two processes on one database: a browser may use one for its requests and the other for its socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.config import Settings
from app.pg.stream import append
from tests.factories import SAME_ORIGIN
from tests.realtime.site import Person, Site, open_site
from tests.signals import soon, until


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[Site]:
    async with open_site(settings) as opened:
        yield opened


async def live(site: Site) -> None:
    async def is_live() -> bool:
        return site.deps.bell.is_live

    await until(is_live)


async def test_what_one_writes_the_others_browsers_see(site: Site, elsewhere: Site, ana: Person) -> None:
    await live(elsewhere)
    async with elsewhere.signed_in(ana) as browser:
        await browser.ask(op="sub", ch=ana.channel)
        for n in range(1, 4):
            await append(site.deps.db, [(ana.channel, "test:event", {})])
            site.deps.bell.ring()
            assert await soon(browser.numbers(1)) == [n]


async def test_a_browser_that_moves_on_to_another_process_goes_on_where_it_was(
    site: Site, elsewhere: Site, ana: Person
) -> None:
    async with site.signed_in(ana) as browser:
        top = (await browser.ask(op="sub", ch=ana.channel))["ok"]
        await append(site.deps.db, [(ana.channel, "test:event", {})] * 3)
        site.deps.bell.ring()
        assert await browser.numbers(3) == [1, 2, 3]
    await append(site.deps.db, [(ana.channel, "test:event", {})] * 2)
    async with elsewhere.signed_in(ana) as browser:
        answer = await browser.ask(op="sub", ch=ana.channel, since={"epoch": top["epoch"], "seq": 3})
        assert "reset" not in answer["ok"]
        assert await browser.numbers(2) == [4, 5]


async def test_logging_out_at_one_closes_the_socket_at_the_other(site: Site, elsewhere: Site, ana: Person) -> None:
    async with elsewhere.signed_in(ana) as browser, site.http() as http:
        await http.delete("/api/auth/sessions", headers={**ana.headers, **SAME_ORIGIN})
        assert await browser.closed() == 4001
