"""Processes hear of an event at different moments; a reader that moves from one to another is not to notice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.factories import make_user
from tests.lives import make_live
from tests.realtime.site import open_site
from tests.signals import soon


async def test_a_reader_that_comes_from_a_quicker_process_gets_nothing_twice(
    settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await make_live(db, (await make_user(db)).id, status="live")
    async with (
        open_site(settings) as quick,
        open_site(settings) as slow,
        quick.socket() as moves,
        slow.socket() as stays,
        slow.socket() as again,
    ):
        top = (await stays.ask(op="sub", ch=live.channel))["ok"]
        await moves.ask(op="sub", ch=live.channel)
        hears, turn = asyncio.Event(), slow.deps.streams.run_once

        async def late() -> int:
            await hears.wait()
            return await turn()

        monkeypatch.setattr(slow.deps.streams, "run_once", late)
        # The turn that is under way may still bring the first of them.
        published = [await quick.deps.streams.publish(live.channel, "test:event", {"n": n}) for n in range(3)]
        assert await moves.numbers(3) == published
        since = {"epoch": top["epoch"], "seq": published[-1]}
        waits, reach = asyncio.Event(), slow.deps.streams.reach

        async def told(*asked: Any) -> None:
            waits.set()
            await reach(*asked)

        monkeypatch.setattr(slow.deps.streams, "reach", told)
        coming = asyncio.create_task(again.ask(op="sub", ch=live.channel, since=since))
        await soon(waits.wait())
        assert "ok" in await stays.ask(op="ping"), "what was to be told before this was"
        assert not coming.done()
        hears.set()
        answer = await soon(coming)
        assert answer["ok"] == {"epoch": top["epoch"], "seq": published[-1]}
        assert await stays.numbers(3) == published
        last = await quick.deps.streams.publish(live.channel, "test:event", {"n": 3})
        assert await again.numbers(1) == [last]
