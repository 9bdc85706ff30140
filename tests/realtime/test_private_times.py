"""What a live was called and what was said in it while it was private is told to nobody whom it opens to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.pg import lives
from app.pg.pool import Database
from tests.factories import make_user
from tests.lives import MadeLive, Said, make_live, post
from tests.realtime.site import Browser, Person, Site
from tests.realtime.talk import following, next_events, rest, say
from tests.signals import soon, until

SECRETS = ("SECRET", "among us")


async def change(who: Person, live: MadeLive, **body: Any) -> None:
    await rest(who, "PATCH", f"/api/lives/{live.id}", **body)


async def until_reset(browser: Browser, channel: str) -> list[dict[str, Any]]:
    """All frames up to the one that says: load again."""
    seen: list[dict[str, Any]] = []
    while not seen or not (seen[-1].get("reset") and seen[-1]["ch"] == channel):
        seen.append(browser.frames.pop(0) if browser.frames else await browser.read())
    return seen


def holds_no_secret(frames: list[dict[str, Any]]) -> bool:
    return not any(secret in str(frames) for secret in SECRETS)


async def test_those_shut_out_hear_that_something_changed_and_not_a_word_of_it(
    site: Site, elsewhere: Site, ana: Person, ben: Person, live: MadeLive
) -> None:
    async with (
        following(ana, live.channel) as owner,
        following(ben, live.channel) as here,
        following(ben, live.channel, at=elsewhere) as there,
        site.socket() as guest,
    ):
        await guest.ask(op="sub", ch=live.channel)
        await change(ana, live, visibility="private", title="SECRET title", description="SECRET plan")
        # At once after it, before anybody can have been asked who may stay.
        await change(ana, live, title="SECRET again")
        assert "ok" in await say(owner, live, "among us")
        for browser in (here, there, guest):
            frames = await until_reset(browser, live.channel)
            assert (await browser.ask(op="ping"))["ok"] == {}
            frames += browser.frames
            assert holds_no_secret(frames), frames
            types = {event["type"] for frame in frames for event in frame.get("ev", [])}
            assert types <= {"live:reload", "live:viewers"}
        await until_reset(owner, live.channel)
        page = (await rest(ana, "GET", f"/api/lives/{live.id}/messages")).json()
        assert [m["text"] for m in page["items"]] == ["among us"], "the owner loads again, and misses nothing"
        assert (await rest(ana, "GET", f"/api/lives/{live.id}")).json()["title"] == "SECRET again"


async def test_those_let_in_later_hear_nothing_of_before(
    site: Site, elsewhere: Site, ana: Person, ben: Person, db: Database
) -> None:
    live = await make_live(db, ana.user.id)
    async with following(ana, live.channel) as owner:
        before = (await say(owner, live, "hello all"))["ok"]
        await change(ana, live, visibility="private", title="SECRET title")
        secret = (await say(owner, live, "among us"))["ok"]["seq"]
        await rest(ana, "PUT", f"/api/lives/{live.id}/pin", seq=secret)
        await change(ana, live, title="SECRET again")
        await change(ana, live, title="Open evening", visibility="unlisted")
        await until_reset(owner, live.channel)
        await say(owner, live, "welcome", reply_to=secret)
        for at in (site, elsewhere):
            for since in range(before["seq"] + 6):
                async with at.signed_in(ben) as browser:
                    answer = await browser.ask(
                        op="sub", ch=live.channel, since={"epoch": before["epoch"], "seq": since}
                    )
                    assert "ok" in answer
                    assert holds_no_secret(browser.frames), browser.frames
                    assert answer["ok"].get("reset") or "welcome" in str(browser.frames) or since >= answer["ok"]["seq"]
        page = (await rest(ben, "GET", f"/api/lives/{live.id}/messages")).json()
        assert [m["text"] for m in page["items"]] == ["hello all", "welcome"], "of before and of after"
        assert page["items"][1].get("reply") is None
        shown = (await rest(ben, "GET", f"/api/lives/{live.id}")).json()
        assert (shown["title"], shown["pinned"]) == ("Open evening", None)
        for path in (f"messages?after={secret - 1}", f"messages?before={secret + 1}"):
            page = (await rest(ben, "GET", f"/api/lives/{live.id}/{path}")).json()
            assert holds_no_secret(page["items"])


async def test_what_was_private_from_its_beginning_opens_with_an_empty_chat(
    ana: Person, ben: Person, db: Database
) -> None:
    live = await make_live(db, ana.user.id, "SECRET rehearsal", visibility="private")
    await post(db, [Said(live.id, ana.user.id, "among us")])
    await change(ana, live, visibility="public", title="Open")
    page = (await rest(ben, "GET", f"/api/lives/{live.id}/messages")).json()
    assert page["items"] == []
    async with ben.site.signed_in(ben) as browser:
        answer = await browser.ask(op="sub", ch=live.channel, since={"epoch": page["epoch"], "seq": 0})
        assert answer["ok"]["reset"] is True
        answer = await browser.ask(op="sub", ch=live.channel, since={"epoch": page["epoch"], "seq": page["seq"]})
        assert "reset" not in answer["ok"]
        assert browser.frames == []


async def test_a_process_that_is_behind_tells_newcomers_nothing_of_before(
    monkeypatch: pytest.MonkeyPatch, db: Database, ana: Person, ben: Person
) -> None:
    """Its owner reads along there: the private events are on their way to that process while the guest comes."""
    live = await make_live(db, ana.user.id, visibility="private")
    async with following(ana, live.channel) as owner, ben.site.signed_in(ben) as browser:
        # By others: this process is not rung, and looks every half second.
        await post(db, [Said(live.id, ana.user.id, f"among us {n}") for n in range(50)])
        await lives.update_live(db, live.id, ana.user.id, None, None, "public", None, 366)
        assert "ok" in await browser.ask(op="sub", ch=live.channel)
        await post(db, [Said(live.id, ana.user.id, "welcome")])
        assert (await next_events(browser, 1))[0][1]["text"] == "welcome"
        assert holds_no_secret(browser.frames)
        await until_reset(owner, live.channel)


async def test_a_slow_reader_on_its_way_in_is_told_nothing_once_it_may_not_be_there(
    monkeypatch: pytest.MonkeyPatch, db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    """A replay takes as long as its reader takes; the live became private meanwhile."""
    hub, streams = ben.site.deps.hub, ben.site.deps.streams
    writer = await make_user(db)
    await post(db, [Said(live.id, writer.id, f"m{n}") for n in range(700)])
    read, reads, may_go_on = streams.read_page, 0, asyncio.Event()

    async def slowly(channel: str, after: int) -> Any:
        nonlocal reads
        reads += 1
        if reads == 2:
            await may_go_on.wait()
        return await read(channel, after)

    monkeypatch.setattr(streams, "read_page", slowly)
    epoch = await streams.get_epoch()
    async with ben.site.signed_in(ben) as browser, following(ana, live.channel) as owner:
        asking = asyncio.create_task(browser.ask(op="sub", ch=live.channel, since={"epoch": epoch, "seq": 0}))

        async def is_reading() -> bool:
            return reads >= 2

        await until(is_reading)
        await change(ana, live, visibility="private", title="SECRET title")
        assert "ok" in await say(owner, live, "among us")

        async def is_off() -> bool:
            return len(hub.followers(live.channel)) == 1

        await until(is_off)
        may_go_on.set()
        assert (await soon(asking))["error"]["code"] == "unknown_channel"
        assert holds_no_secret(browser.frames)
