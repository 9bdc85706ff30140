"""A chat through real sockets of a real server: saying, hearing, coming back, keeping order, flooding."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest

from app.config import Settings
from app.pg.pool import Database
from app.pg.stream import FULL_POLL_SECONDS
from app.realtime.hub import Joined
from tests.lives import MadeLive
from tests.realtime.site import Person, Site, open_site, person
from tests.realtime.talk import following, next_events, rest, say, tell
from tests.signals import soon, until


async def test_what_is_said_is_on_disk_and_heard_by_everybody_in_one_order(
    site: Site, db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    async with following(ana, live.channel) as one, following(ben, live.channel) as two, site.socket() as guest:
        await guest.ask(op="sub", ch=live.channel)
        said = (await say(one, live, "hello"))["ok"]
        assert said["seq"] == 1
        assert (
            await db.fetchval("select text from chat_messages where live_id = $1 and seq = 1", live.number) == "hello"
        )
        (await say(two, live, "hello yourself", reply_to=1))["ok"]
        heard = [await next_events(browser, 2) for browser in (one, two, guest)]
    assert heard[0] == heard[1] == heard[2]
    assert [data["text"] for _, data in heard[0]] == ["hello", "hello yourself"]
    assert heard[0][0][1]["by"]["badges"] == ["owner"]
    assert heard[0][1][1]["reply"] == {"seq": 1, "name": ana.user.username, "text": "hello"}
    assert said["epoch"] == await db.fetchval("select rt.epoch()")


async def test_a_message_sent_again_after_a_lost_answer_is_one(
    db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    cid = uuid.uuid4()
    async with following(ana, live.channel) as browser:
        first = await say(browser, live, cid=cid)
    async with following(ana, live.channel) as browser:
        assert (await say(browser, live, cid=cid))["ok"] == first["ok"]
        answers = await asyncio.gather(*(rest(ana, "POST", f"/api/lives/{live.id}/messages", text="hi", cid=str(cid))
                                         for _ in range(2)))  # fmt: skip
        assert [answer.json() for answer in answers] == [first["ok"]] * 2
        assert (await say(browser, live, "next"))["ok"]["seq"] == 2
        assert [data["text"] for _, data in await next_events(browser, 1)] == ["next"]
    assert await db.fetchval("select count(*) from chat_messages") == 2


async def test_after_an_absence_everything_missed_comes_once(ana: Person, ben: Person, live: MadeLive) -> None:
    async with following(ana, live.channel) as browser:
        seen = (await say(browser, live, "before"))["ok"]
    for text in ("one", "two"):
        await rest(ben, "POST", f"/api/lives/{live.id}/messages", text=text, cid=str(uuid.uuid4()))
    await rest(ben, "PATCH", f"/api/lives/{live.id}/messages/2", text="edited")
    await rest(ana, "DELETE", f"/api/lives/{live.id}/messages/3")
    async with ana.site.signed_in(ana) as browser:
        await browser.ask(op="sub", ch=live.channel, since=seen)
        assert [type for type, _ in await next_events(browser, 4)] == [
            "chat:message", "chat:message", "chat:edited", "chat:deleted",
        ]  # fmt: skip
        await say(browser, live, "after")
        assert (await next_events(browser, 1))[0][1]["text"] == "after"


async def test_nobody_who_comes_late_hears_what_was_taken_away(
    ana: Person, ben: Person, live: MadeLive, elsewhere: Site
) -> None:
    async with following(ana, live.channel) as here, following(ana, live.channel, at=elsewhere) as there:
        start = {"epoch": (await say(here, live, "start"))["ok"]["epoch"], "seq": 0}
        seq = (await say(here, live, "secret"))["ok"]["seq"]
        await say(here, live, "an answer", reply_to=seq)
        await tell(here, live, "chat:delete", seq=seq)
        for browser in (here, there):
            assert (await next_events(browser, 4))[-1] == ("chat:deleted", {"seq": seq, "by": "author"})
        for site in (ben.site, elsewhere):
            async with site.signed_in(ben) as late:
                await late.ask(op="sub", ch=live.channel, since=start)
                heard = await next_events(late, 4)
                assert [data.get("text") for _, data in heard] == ["start", "", "an answer", None]
                assert heard[2][1]["reply"]["text"] == ""


async def test_a_page_loads_the_past_and_follows_from_there(ana: Person, ben: Person, live: MadeLive) -> None:
    async with following(ana, live.channel) as browser:
        for n in range(3):
            await say(browser, live, f"m{n}")
    page = (await rest(ben, "GET", f"/api/lives/{live.id}/messages?limit=2")).json()
    assert ([m["text"] for m in page["items"]], page["has_more"]) == (["m1", "m2"], True)
    await rest(ben, "POST", f"/api/lives/{live.id}/messages", text="between", cid=str(uuid.uuid4()))
    async with ben.site.signed_in(ben) as browser:
        answer = await browser.ask(op="sub", ch=live.channel, since={"epoch": page["epoch"], "seq": page["seq"]})
        assert "reset" not in answer["ok"]
        assert (await next_events(browser, 1))[0][1]["text"] == "between"


async def test_edits_and_deletions_by_socket(ana: Person, ben: Person, live: MadeLive) -> None:
    async with following(ana, live.channel) as one, following(ben, live.channel) as two:
        seq = (await say(two, live, "helo"))["ok"]["seq"]
        assert (await tell(two, live, "chat:edit", seq=seq, text=" hel\n lo "))["ok"] == {}
        assert (await tell(two, live, "chat:edit", seq=99, text="x"))["error"]["code"] == "not_found"
        assert (await next_events(one, 2))[1] == ("chat:edited", {"seq": seq, "text": "hel lo"})
        assert (await tell(one, live, "chat:delete", seq=seq))["ok"] == {}
        assert await next_events(one, 1) == [("chat:deleted", {"seq": seq, "by": "moderator"})]


async def test_held_is_seen_by_moderators_and_said_when_approved(
    db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    await rest(ana, "PATCH", f"/api/lives/{live.id}/chat", blocked_words=["bad"])
    moderators = f"{live.channel}:mod"
    async with following(ana, live.channel, moderators) as one, following(ben, live.channel) as two:
        assert (await two.ask(op="sub", ch=moderators))["error"]["code"] == "unknown_channel"
        assert (await say(two, live, "bad idea"))["ok"] == {"held": True}
        ((type, held),) = await next_events(one, 1, moderators)
        assert (type, held["text"]) == ("chat:held", "bad idea")
        await rest(ana, "POST", f"/api/lives/{live.id}/held/{held['id']}", verdict="approved")
        assert (await next_events(two, 1))[0][1]["text"] == "bad idea"
        assert await next_events(one, 1, moderators) == [("chat:reviewed", {"id": held["id"], "verdict": "approved"})]


async def test_a_right_lost_while_subscribing_is_lost(
    monkeypatch: pytest.MonkeyPatch, db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    hub, moderators = ben.site.deps.hub, f"{live.channel}:mod"
    await rest(ana, "PUT", f"/api/lives/{live.id}/moderators/{ben.user.username}")
    subscribe = hub.subscribe

    async def slowly(*asked: object) -> Joined:
        # Between the question whether they may and their being there.
        await rest(ana, "DELETE", f"/api/lives/{live.id}/moderators/{ben.user.username}")
        return await subscribe(*asked)  # type: ignore[arg-type]

    async with following(ben) as browser:
        monkeypatch.setattr(hub, "subscribe", slowly)
        assert (await browser.ask(op="sub", ch=moderators))["error"]["code"] == "unknown_channel"
        assert moderators not in {c for s in hub.connections for c in s.channels}


async def test_effects_fly_once_to_whoever_is_there_and_are_not_kept(
    db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    async with following(ana, live.channel) as one, following(ben, live.channel) as two:
        assert (await tell(two, live, "chat:effect", emoji="🎉"))["ok"] == {}
        assert (await tell(two, live, "chat:typing"))["ok"] == {}
        expected = [
            ("chat:effect", {"emoji": "🎉", "name": ben.user.username}),
            ("chat:typing", {"name": ben.user.username}),
        ]
        assert await next_events(one, 2) == expected
        assert await next_events(two, 2) == expected
        wrong = await tell(two, live, "chat:effect", emoji="<b>")
        assert wrong["error"]["code"] == "invalid"
    assert await db.fetchval("select count(*) from rt.event where channel = $1", live.channel) == 0


async def test_a_ban_in_psql_is_felt_without_a_ring_on_every_socket(
    db: Database, ana: Person, ben: Person, live: MadeLive
) -> None:
    async with following(ben, ben.channel, live.channel) as one, following(ben) as two:
        assert "ok" in await say(one, live, "spam")
        clock = asyncio.get_running_loop().time
        started = clock()
        # No ring: an operator in psql.
        await db.fetchval("select ops.ban($1, $2, '10 minutes', 'spam')", ben.user.username, live.id)
        told = dict(await next_events(one, 3))
        # A second as a rule. Looking at all channels, half a minute after the last time, is not what found it.
        assert clock() - started < FULL_POLL_SECONDS * 2 / 3
        assert told["chat:purged"] == {"user_id": ben.user.id}
        assert told["chat:restricted"]["kind"] == "timeout"
        for browser in (one, two):
            for answer in (await say(browser, live), await tell(browser, live, "chat:effect", emoji="🎉"),
                           await tell(browser, live, "chat:typing")):  # fmt: skip
                assert answer["error"]["code"] == "chat_banned"
                assert 600 - (clock() - started) <= answer["error"]["retry_after"] <= 600
        await db.fetchval("select ops.unban($1, $2)", ben.user.username, live.id)
        assert (await next_events(one, 1)) == [("chat:unrestricted", {"live": live.id})]
        assert "ok" in await say(one, live, "sorry")


async def test_two_processes_one_chat(
    db: Database, site: Site, elsewhere: Site, ana: Person, ben: Person, live: MadeLive
) -> None:
    async def hears_effects() -> bool:
        return site.deps.bell.is_live

    await until(hears_effects)
    async with following(ana, live.channel) as here, following(ben, live.channel, at=elsewhere) as there:
        for n in range(4):
            assert "ok" in await say(here if n % 2 else there, live, f"m{n}")
        await tell(there, live, "chat:effect", emoji="👏")
        heard = [await next_events(browser, 5) for browser in (here, there)]
    assert [[data["text"] for type, data in each if type == "chat:message"] for each in heard] == [
        ["m0", "m1", "m2", "m3"]
    ] * 2
    assert [data["emoji"] for each in heard for type, data in each if type == "chat:effect"] == ["👏", "👏"]


async def test_stopping_the_service_keeps_what_was_answered(settings: Settings, db: Database, live: MadeLive) -> None:
    async with open_site(settings) as site:
        cara = await person(site, db)
        async with site.signed_in(cara) as browser:
            sent = asyncio.gather(*(
                browser.connection.send(json.dumps(
                    {"id": n, "op": "pub", "ch": live.channel, "type": "chat:message", "cid": str(uuid.uuid4()),
                     "data": {"text": f"m{n}"}}))
                for n in range(1, 5)))  # fmt: skip
            await soon(sent)
            numbers = [(await browser.answer(n))["ok"]["seq"] for n in range(1, 5)]
            site.server.should_exit = True
    stored = await db.fetch("select seq from chat_messages where live_id = $1 order by seq", live.number)
    assert [row["seq"] for row in stored] == sorted(numbers)
