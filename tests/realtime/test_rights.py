"""Losing the right to read a channel while one reads it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from app.pg import lives
from app.pg.pool import Database
from app.realtime.hub import Joined
from tests.lives import MadeLive
from tests.realtime.site import Browser, Person, Site
from tests.realtime.talk import following, next_events, rest, say
from tests.signals import until


async def is_told_to_load_again(browser: Browser, channel: str) -> None:
    while True:
        frame = browser.frames.pop(0) if browser.frames else await browser.read()
        if frame.get("reset"):
            assert frame["ch"] == channel
            return


async def test_a_live_that_becomes_private_falls_silent_for_all_but_its_owner(
    site: Site, elsewhere: Site, ana: Person, ben: Person, live: MadeLive
) -> None:
    async with (
        following(ana, live.channel) as owner,
        following(ben, live.channel) as here,
        following(ben, live.channel, at=elsewhere) as there,
        site.socket() as guest,
    ):
        await guest.ask(op="sub", ch=live.channel)
        await rest(ana, "PATCH", f"/api/lives/{live.id}", visibility="private")
        for browser in (here, there, guest):
            await is_told_to_load_again(browser, live.channel)
        # What anybody else might miss while it is asked who may stay, the owner loads.
        await is_told_to_load_again(owner, live.channel)
        assert "ok" in await say(owner, live, "among us")
        assert (await next_events(owner, 1))[0][1]["text"] == "among us"
        for browser in (here, there, guest):
            assert (await browser.ask(op="sub", ch=live.channel))["error"]["code"] == "unknown_channel"
            assert "among us" not in str(browser.frames)


async def test_a_change_that_takes_no_right_away_disturbs_nobody(ana: Person, ben: Person, live: MadeLive) -> None:
    async with following(ben, live.channel) as browser:
        await rest(ana, "PATCH", f"/api/lives/{live.id}", title="Another evening", visibility="unlisted")
        await rest(ana, "POST", f"/api/lives/{live.id}/messages", text="still here", cid=str(uuid.uuid4()))
        assert (await next_events(browser, 1))[0][1]["text"] == "still here"
        assert not any(frame.get("reset") for frame in browser.frames)


async def test_a_change_during_the_question_is_asked_about_again(
    monkeypatch: pytest.MonkeyPatch, db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    ask = lives.who_may_follow
    asked: list[str] = []

    async def slowly(db: Database, channel: str, users: Sequence[int | None]) -> dict[int | None, int]:
        allowed = await ask(db, channel, users)
        asked.append(channel)
        if channel == live.channel and asked.count(channel) == 1:
            # Old news now, like an answer that was on its way while the live changed again.
            await db.execute("update lives set visibility = 'private' where id = $1", live.number)
            ana.site.deps.hub.rights_changed(live.channel)
        return allowed

    async with following(ben, live.channel) as browser:
        monkeypatch.setattr(lives, "who_may_follow", slowly)
        await rest(ana, "PATCH", f"/api/lives/{live.id}", title="Another evening")
        await is_told_to_load_again(browser, live.channel)


async def test_a_deleted_live_lets_everybody_go(ana: Person, ben: Person, live: MadeLive) -> None:
    async with following(ana, live.channel, f"{live.channel}:mod") as owner, following(ben, live.channel) as browser:
        await rest(ana, "DELETE", f"/api/lives/{live.id}")
        await is_told_to_load_again(browser, live.channel)

        async def is_gone() -> bool:
            return not {c for s in ana.site.deps.hub.connections for c in s.channels if c.startswith("live:")}

        await until(is_gone)
        assert "ok" in await owner.ask(op="ping")


async def test_who_moderates_no_more_hears_the_moderators_no_more(
    db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    moderators = f"{live.channel}:mod"
    await rest(ana, "PUT", f"/api/lives/{live.id}/moderators/{ben.user.username}")
    async with following(ben, ben.channel, live.channel, moderators) as browser:
        # By an operator: no ring, no request to this process.
        await db.fetchval("select ops.set_moderator($1, $2, false)", ben.user.username, live.id)
        assert await next_events(browser, 1, ben.channel) == [
            ("chat:moderator", {"live": live.id, "is_moderator": False})
        ]
        await is_told_to_load_again(browser, moderators)
        assert (await browser.ask(op="sub", ch=moderators))["error"]["code"] == "unknown_channel"
        assert "ok" in await say(browser, live, "still a guest")


async def test_a_private_lives_moderator_hears_it_until_the_right_is_taken_away(
    site: Site, elsewhere: Site, ana: Person, ben: Person, live: MadeLive
) -> None:
    moderators = f"{live.channel}:mod"
    await rest(ana, "PATCH", f"/api/lives/{live.id}", visibility="private")
    await rest(ana, "PUT", f"/api/lives/{live.id}/moderators/{ben.user.username}")
    async with (
        following(ana, live.channel) as owner,
        following(ben, live.channel, moderators) as here,
        following(ben, live.channel, at=elsewhere) as there,
    ):
        assert "ok" in await say(here, live, "all is well")
        assert (await next_events(there, 1, live.channel))[0][1]["text"] == "all is well"
        await rest(ana, "DELETE", f"/api/lives/{live.id}/moderators/{ben.user.username}")
        await is_told_to_load_again(there, live.channel)

        async def hears_nothing() -> bool:
            hub = site.deps.hub
            return not hub.followers(moderators) and len(hub.followers(live.channel)) == 1

        await until(hears_nothing)
        assert "ok" in await say(owner, live, "among us")
        for browser in (here, there):
            for channel in (live.channel, moderators):
                assert (await browser.ask(op="sub", ch=channel))["error"]["code"] == "unknown_channel"
            assert (await say(browser, live, "hello?"))["error"]["code"] == "not_found"
            assert "among us" not in str(browser.frames)


async def test_a_right_lost_on_the_way_to_a_channel_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    hub = ana.site.deps.hub
    subscribe = hub.subscribe

    async def late(*args: Any) -> Joined:
        # Between the question and the arrival: whoever is told of the change finds nobody to take off.
        await db.execute("update lives set visibility = 'private' where id = $1", live.number)
        return await subscribe(*args)

    monkeypatch.setattr(hub, "subscribe", late)
    async with ben.site.signed_in(ben) as browser:
        assert (await browser.ask(op="sub", ch=live.channel))["error"]["code"] == "unknown_channel"
    assert hub.followers(live.channel) == []
