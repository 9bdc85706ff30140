"""Catching up costs the service something, and each socket so much a second at most."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from app.config import Settings
from app.pg.pool import Database
from app.pg.stream import PAGE, append
from tests.lives import make_live
from tests.realtime.site import open_site, person
from tests.signals import soon, until


async def test_who_asks_for_the_past_again_and_again_waits_and_nobody_else_does(
    settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A page is more than the burst, and what is owed for it is not earned in a test's time.
    slow = dataclasses.replace(settings, socket_replay_per_second=PAGE / 1000)
    async with open_site(slow) as site:
        ana, ben = await person(site, db), await person(site, db)
        live = await make_live(db, ana.user.id)
        events: list[tuple[str, str, Any]] = [(live.channel, "test:event", {"n": n}) for n in range(3 * PAGE)]
        await append(db, events)
        read, pages = site.deps.streams.read_page, 0

        async def counted(channel: str, after: int) -> Any:
            nonlocal pages
            pages += 1
            return await read(channel, after)

        monkeypatch.setattr(site.deps.streams, "read_page", counted)
        epoch = await site.deps.streams.get_epoch()
        async with site.signed_in(ana) as greedy, site.signed_in(ben) as other:
            asking = asyncio.create_task(greedy.ask(op="sub", ch=live.channel, since={"epoch": epoch, "seq": 0}))

            async def has_a_page() -> bool:
                return sum(len(frame.get("ev", [])) for frame in greedy.frames) >= PAGE

            await until(has_a_page)
            since = {"epoch": epoch, "seq": 3 * PAGE}
            assert "ok" in await other.ask(op="sub", ch=live.channel, since=since)
            await site.deps.streams.publish(live.channel, "test:event", {"n": "new"})
            assert await other.numbers(1) == [3 * PAGE + 1]
            assert not asking.done()
            assert pages == 1
            asking.cancel()
        # Its line is gone, and so is its question.

        async def is_gone() -> bool:
            return not site.deps.hub.connections

        await soon(until(is_gone))
        assert pages == 1
