"""What people send to break a chat: nonsense, code, towers of accents, floods (A2, A18, A37)."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any

import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.lives import MadeLive, make_live
from tests.realtime.site import Person, Site, open_site, person
from tests.realtime.talk import following, next_events, rest, say, tell


@dataclasses.dataclass
class Moment:
    now: float = 1000.0


def stand_still(site: Site) -> Moment:
    """The time its limits count by: a slow machine must not make a flood a trickle."""
    moment = Moment()
    site.deps.limits.buckets.clock = lambda: moment.now
    return moment


async def test_a_flood_is_slowed_down_and_the_others_are_heard(ana: Person, ben: Person, live: MadeLive) -> None:
    moment = stand_still(ben.site)
    async with following(ana, live.channel) as one, following(ben) as two:
        answers = [await say(two, live, f"m{n}") for n in range(10)]
        moment.now += 2
        answers += [await say(two, live, f"m{n}") for n in range(10, 15)]
        passed = [answer for answer in answers if "ok" in answer]
        assert len(passed) == 5 + 2, "five at once, and one a second"
        slowed = [answer["error"] for answer in answers if "error" in answer]
        assert {error["code"] for error in slowed} == {"slow_down"}
        assert all(1 <= error["retry_after"] <= 5 for error in slowed)
        assert "ok" in await say(one, live)
        seq = passed[0]["ok"]["seq"]
        edits = [await tell(two, live, "chat:edit", seq=seq, text=f"e{n}") for n in range(8)]
        assert [answer for answer in edits if "error" in answer], "an edit is as loud as a message"
        effects = [await tell(two, live, "chat:effect", emoji="🔥") for _ in range(15)]
        assert {answer.get("error", {}).get("code") for answer in effects} == {None, "slow_down"}


async def test_a_flood_through_two_processes_is_bounded(
    db: Database, elsewhere: Site, ben: Person, live: MadeLive
) -> None:
    for site in (ben.site, elsewhere):
        stand_still(site)
    async with following(ben) as here, following(ben, at=elsewhere) as there:
        answers = [await say(browser, live, f"m{n}") for n in range(12) for browser in (here, there)]
    passed = [answer for answer in answers if "ok" in answer]
    assert len(passed) == await db.fetchval("select count(*) from chat_messages") == 2 * 5
    assert {answer["error"]["code"] for answer in answers if "error" in answer} == {"slow_down"}


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "chat:message", "data": {"text": "no cid"}},
        {"type": "chat:message", "data": {"text": "\u0000"}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": "\ud800"}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": " \n\t\u3000 "}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": "x" * 501}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": "x" * 60_000}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": "x", "reply_to": -1}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": "x", "reply_to": 2**63}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": {"text": "x"}, "cid": "not-a-uuid"},
        {"type": "chat:message", "data": {"text": "x", "by": {"id": 1}}, "cid": str(uuid.uuid4())},
        {"type": "chat:message", "data": ["text"], "cid": str(uuid.uuid4())},
        {"type": "chat:message", "cid": str(uuid.uuid4())},
        {"type": "chat:edit", "data": {"seq": "1", "text": "x"}},
        {"type": "chat:effect", "data": {"emoji": "🎉" * 2}},
        {"type": "chat:typing", "data": {"name": "somebody else"}},
        {"type": "chat:purged", "data": {"user_id": 1}},
        {"type": "live:announcement", "data": {"text": "x"}},
        {"type": "chat:message", "data": {"text": "x"}, "cid": str(uuid.uuid4()), "ch": "live:nothing"},
        {"type": "chat:message", "data": {"text": "x"}, "cid": str(uuid.uuid4()), "ch": "live:a\u0000b"},
        {"type": "chat:message", "data": {"text": "x"}, "cid": str(uuid.uuid4()), "ch": "live:\ud800"},
        {"type": "chat:message", "data": {"text": "x"}, "cid": str(uuid.uuid4()), "ch": "live:"},
        {"type": "chat:message", "data": {"text": "x"}, "cid": str(uuid.uuid4()), "ch": "user:1"},
    ],
)
async def test_nonsense_is_refused_and_the_socket_lives_on(
    db: Database, ana: Person, live: MadeLive, frame: dict[str, Any]
) -> None:
    async with following(ana) as browser:
        await browser.connection.send(json.dumps({"id": 1, "op": "pub", "ch": live.channel, **frame}))
        answer = await browser.read()
        assert answer["error"]["code"] in ("invalid", "bad_request", "unknown_channel", "not_found"), answer
        assert "ok" in await browser.ask(op="ping")
    assert await db.fetchval("select count(*) from rt.event where channel like 'live:%'") == 0


async def test_the_moderators_channel_takes_no_messages(ana: Person, live: MadeLive) -> None:
    async with following(ana) as browser:
        answer = await browser.ask(
            op="pub", ch=f"{live.channel}:mod", type="chat:message", cid=str(uuid.uuid4()), data={"text": "x"}
        )
        assert answer["error"]["code"] == "unknown_channel"


async def test_guests_listen(site: Site, live: MadeLive) -> None:
    async with site.socket() as guest:
        for type, data in (("chat:message", {"text": "x"}), ("chat:effect", {"emoji": "🎉"}), ("chat:typing", {})):
            answer = await guest.ask(op="pub", ch=live.channel, type=type, data=data, cid=str(uuid.uuid4()))
            assert answer["error"]["code"] == "not_signed_in"


async def test_what_looks_like_code_is_text(settings: Settings, db: Database) -> None:
    """A18: stored and told as it was written; a page that shows text as text has nothing to fear."""
    corpus = [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)",
        "[x](javascript:alert(1))", "![x](x\"onerror=\"alert(1))", "{{constructor.constructor('alert(1)')()}}",
        "\u2028</script><script>alert(1)</script>", "'; drop table users; --", "&lt;b&gt; & <b>", "<!--#exec-->",
        "${alert(1)}", "%3Cscript%3E", "data:text/html,<script>alert(1)</script>", '"}]}{"ch":"x"', "\\u0000", "\\",
    ]  # fmt: skip
    async with open_site(dataclasses.replace(settings, limit_chat="off")) as site:
        ana = await person(site, db)
        live = await make_live(db, ana.user.id)
        async with following(ana, live.channel) as browser:
            for text in corpus:
                assert "ok" in await say(browser, live, text)
            heard = [data["text"] for _, data in await next_events(browser, len(corpus))]
        page = (await rest(ana, "GET", f"/api/lives/{live.id}/messages?limit=100")).json()
    expected = [" ".join(text.split()) for text in corpus]
    assert heard == expected
    assert [m["text"] for m in page["items"]] == expected
    stored = await db.fetch("select text from chat_messages order by seq")
    assert [row["text"] for row in stored] == expected


async def test_towers_of_accents_are_cut_and_real_accents_are_not(ana: Person, live: MadeLive) -> None:
    async with following(ana, live.channel) as browser:
        await say(browser, live, "Z" + "\u0301" * 200 + "a\u0328\u0301 né 각 ไก่")
        ((_, data),) = await next_events(browser, 1)
        # In NFC: the first accent is part of its letter.
        assert data["text"] == "\u0179" + "\u0301" * 3 + "\u0105\u0301 né 각 ไก่"
