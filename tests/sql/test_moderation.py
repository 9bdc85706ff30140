"""Keeping order: who may do what to whom, what it leaves behind, and what it tells."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import MadeLive, Said, hold, make_live, post
from tests.sql.rooms import call, history, log, refused, say, told


async def test_a_ban_hides_silences_tells_and_is_written_down(
    db: Database, live: MadeLive, ben: User, mod: User
) -> None:
    await say(db, live, ben, "spam")
    kept = await say(db, live, mod, "kept")
    held = await hold(db, live, ben.id, "more spam")
    before = datetime.now(UTC)
    await call(db, "ban", live.id, mod.id, ben.username, 600, "spam")
    shown = (await history(db, live))["items"]
    assert [(m["text"], m["deleted"]) for m in shown] == [("", "moderator"), ("kept", None)]
    assert await told(db, live.channel, kept) == [("chat:purged", {"user_id": ben.id})]
    ((type, data),) = await told(db, f"user:{ben.id}")
    assert type == "chat:restricted"
    assert (data["live"], data["kind"], data["reason"]) == (live.id, "timeout", "spam")
    began = datetime.fromisoformat(data["until"]) - timedelta(seconds=600)
    # It is told to the millisecond.
    assert before - timedelta(milliseconds=1) <= began <= datetime.now(UTC)
    assert await db.fetchval("select verdict from chat_held where id = $1", held) == "rejected"
    assert (await log(db, live))[-1] == (mod.username, "timeout", ben.username)
    assert (await history(db, live, viewer=ben.id))["items"] == shown


async def test_unbanning_lets_speak_and_shows_nothing_again(
    db: Database, live: MadeLive, ben: User, owner: User
) -> None:
    await say(db, live, ben, "spam")
    await call(db, "ban", live.id, owner.id, ben.username, None, "")
    for _ in range(2):
        await call(db, "unban", live.id, owner.id, ben.username)
    await say(db, live, ben, "sorry")
    assert [m["text"] for m in (await history(db, live))["items"]] == ["", "sorry"]
    types = [type for type, _ in await told(db, f"user:{ben.id}")]
    assert types == ["chat:restricted", "chat:unrestricted"]
    assert [action for _, action, _ in await log(db, live)] == ["ban", "unban"]


async def test_who_silences_whom(db: Database, live: MadeLive, ben: User, owner: User, mod: User) -> None:
    second, stranger = await make_user(db), await make_user(db)
    await call(db, "add_moderator", live.id, owner.id, second.username, 50)
    for actor, target in ((mod, owner), (mod, second), (mod, mod), (owner, owner), (stranger, ben), (ben, stranger)):
        assert await refused(call(db, "ban", live.id, actor.id, target.username, None, "")) == "forbidden"
    assert await refused(call(db, "ban", live.id, mod.id, "nobody_at_all", None, "")) == "not_found"
    assert await refused(call(db, "unban", live.id, stranger.id, ben.username)) == "forbidden"
    assert await db.fetchval("select count(*) from chat_bans") == 0


async def test_a_moderator_who_is_silenced_for_a_time_is_one_again_afterwards(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User
) -> None:
    seq = await say(db, live, ben)
    await call(db, "ban", live.id, owner.id, mod.username, 60, "")
    assert await refused(call(db, "ban", live.id, mod.id, ben.username, None, "")) == "forbidden"
    assert await refused(call(db, "unban", live.id, mod.id, mod.username)) == "forbidden"
    assert await refused(call(db, "delete_message", live.id, mod.id, seq)) == "forbidden"
    await db.execute("update chat_bans set until = now()")
    await call(db, "delete_message", live.id, mod.id, seq)
    assert ("chat:moderator", {"live": live.id, "is_moderator": False}) not in await told(db, f"user:{mod.id}")


async def test_an_undone_timeout_shows_what_it_hid_and_nothing_else(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User
) -> None:
    spam, one, two = [await say(db, live, ben, text) for text in ("spam", "one", "two")]
    await call(db, "delete_message", live.id, owner.id, spam)
    answer = (await post(db, [Said(live.id, owner.id, "an answer", reply_to=one)]))[0]
    await call(db, "ban", live.id, mod.id, ben.username, 60, "")
    before = await db.fetchval("select max(seq) from rt.event where channel = $1", live.channel)
    await call(db, "unban", live.id, mod.id, ben.username, True)
    shown = (await history(db, live))["items"]
    assert [m["text"] for m in shown] == ["", "one", "two", "an answer"]
    restored = {"messages": [{"seq": one, "text": "one"}, {"seq": two, "text": "two"}]}
    assert await told(db, live.channel, before) == [("chat:restored", restored)]
    # Who catches up by events reads the same, in the messages and in what quotes them.
    kept = "select data #>> $3 from rt.event where channel = $1 and seq = $2 and type = 'chat:message'"
    assert await db.fetchval(kept, live.channel, two, ["text"]) == "two"
    assert await db.fetchval(kept, live.channel, answer["seq"], ["reply", "text"]) == "one"
    await say(db, live, ben, "thanks")


async def test_a_moderator_who_is_banned_moderates_no_more(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User
) -> None:
    await call(db, "ban", live.id, owner.id, mod.username, None, "")
    assert await refused(call(db, "ban", live.id, mod.id, ben.username, None, "")) == "forbidden"
    assert await refused(call(db, "unban", live.id, mod.id, mod.username)) == "forbidden"
    assert ("chat:moderator", {"live": live.id, "is_moderator": False}) in await told(db, f"user:{mod.id}")
    assert await refused(call(db, "add_moderator", live.id, owner.id, mod.username, 50)) == "chat_banned"


async def test_a_new_ban_takes_the_place_of_the_old(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    await call(db, "ban", live.id, owner.id, ben.username, None, "for good")
    await call(db, "ban", live.id, owner.id, ben.username, 60, "for a minute")
    bans = (await call(db, "list_bans", live.id, owner.id, None, None, 10))["items"]
    assert [(b["user"]["username"], b["reason"], b["until"] is None) for b in bans] == [
        (ben.username, "for a minute", False)
    ]
    await db.execute("update chat_bans set until = now()")
    assert (await call(db, "list_bans", live.id, owner.id, None, None, 10))["items"] == []


async def test_the_end_of_a_timeout_needs_nobody(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    await call(db, "ban", live.id, owner.id, ben.username, 60, "")
    (answer,) = await post(db, [Said(live.id, ben.id)], now=datetime.now(UTC) + timedelta(seconds=61))
    assert answer["code"] is None


async def test_making_and_unmaking_moderators(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    for _ in range(2):
        await call(db, "add_moderator", live.id, owner.id, ben.username.upper(), 50)
    (listed,) = (await call(db, "list_moderators", live.id, ben.id))["items"]
    assert listed["username"] == ben.username
    seq = await say(db, live, ben)
    assert (await history(db, live))["items"][-1]["by"]["badges"] == ["moderator"]
    for _ in range(2):
        await call(db, "remove_moderator", live.id, owner.id, ben.username)
    assert await told(db, f"user:{ben.id}") == [
        ("chat:moderator", {"live": live.id, "is_moderator": True}),
        ("chat:moderator", {"live": live.id, "is_moderator": False}),
    ]
    # Whoever moderates beside them hears it too.
    assert await told(db, f"live:{live.id}:mod") == [
        ("chat:moderators", {"user_id": ben.id, "is_moderator": True}),
        ("chat:moderators", {"user_id": ben.id, "is_moderator": False}),
    ]
    assert "badges" not in (await history(db, live, after=seq - 1))["items"][0]["by"]
    assert await log(db, live) == [
        (owner.username, "add_moderator", ben.username),
        (owner.username, "remove_moderator", ben.username),
    ]


async def test_moderators_are_the_owners_choice(
    db: Database, live: MadeLive, owner: User, mod: User, ben: User
) -> None:
    assert await refused(call(db, "add_moderator", live.id, mod.id, ben.username, 50)) == "forbidden"
    assert await refused(call(db, "add_moderator", live.id, owner.id, owner.username, 50)) == "forbidden"
    assert await refused(call(db, "add_moderator", live.id, owner.id, ben.username, 1)) == "too_many_moderators"
    await call(db, "add_moderator", live.id, owner.id, ben.username, 2)
    assert await refused(call(db, "remove_moderator", live.id, mod.id, ben.username)) == "forbidden"
    await call(db, "remove_moderator", live.id, mod.id, mod.username)
    assert await refused(call(db, "list_moderators", live.id, mod.id)) == "forbidden"


READS: list[Callable[[MadeLive, User], tuple[Any, ...]]] = [
    lambda live, user: ("get_rules", live.id, user.id),
    lambda live, user: ("list_moderators", live.id, user.id),
    lambda live, user: ("list_bans", live.id, user.id, None, None, 10),
    lambda live, user: ("list_held", live.id, user.id, None, 10),
    lambda live, user: ("list_audit", live.id, user.id, None, 10),
]
WRITES: list[Callable[[MadeLive, User], tuple[Any, ...]]] = [
    lambda live, user: ("set_rules", live.id, user.id, None, 30, None, None, None, None, None),
    lambda live, user: ("pin", live.id, user.id, 1),
    lambda live, user: ("unpin", live.id, user.id),
    lambda live, user: ("clear", live.id, user.id),
    lambda live, user: ("unban", live.id, user.id, user.username),
    lambda live, user: ("review", live.id, user.id, 1, "approved"),
    lambda live, user: ("review", live.id, user.id, 1, "rejected"),
]


@pytest.mark.parametrize("what", [*READS, *WRITES])
async def test_moderators_of_another_live_are_strangers_here(
    db: Database, live: MadeLive, owner: User, ben: User, what: Callable[[MadeLive, User], tuple[Any, ...]]
) -> None:
    elsewhere = await make_live(db, ben.id)
    await say(db, live, owner)
    await hold(db, live, ben.id, "held")
    before = await db.fetchval("select jsonb_agg(to_jsonb(e) order by channel, seq) from rt.event e")
    assert await refused(call(db, *what(live, ben))) == "forbidden"
    private = await make_live(db, owner.id, visibility="private")
    assert await refused(call(db, *what(private, ben))) == "not_found"
    assert await db.fetchval("select jsonb_agg(to_jsonb(e) order by channel, seq) from rt.event e") == before
    assert (await call(db, "get_rules", elsewhere.id, ben.id))["slow_seconds"] == 0


async def test_changing_rules(db: Database, live: MadeLive, owner: User, mod: User) -> None:
    changed = await call(
        db, "set_rules", live.id, mod.id, None, 30, True, None, None, "hold", [" bad ", "bad", "worse", " ", "\u200b"]
    )
    expected = {
        "is_open": True, "slow_seconds": 30, "followers_only": True, "verified_only": False, "unique_only": False,
        "link_rule": "hold",
    }  # fmt: skip
    assert changed == {**expected, "blocked_words": ["bad", "worse"]}
    assert await told(db, live.channel) == [("chat:rules", expected)]
    assert (await log(db, live))[-1] == (mod.username, "rules", None)
    detail = await db.fetchval("select detail from ops.chat_log where action = 'rules'")
    assert detail == {
        "slow_seconds": 30, "followers_only": True, "link_rule": "hold", "blocked_words": ["bad", "worse"],
    }  # fmt: skip
    await call(db, "set_rules", live.id, owner.id, None, 30, None, None, None, None, None)
    assert len(await told(db, live.channel)) == 1, "what changes nothing tells nothing"
    await call(db, "set_rules", live.id, owner.id, False, 0, False, True, True, "block", [])
    assert (await call(db, "get_rules", live.id, owner.id))["blocked_words"] == []
    assert (await told(db, live.channel))[-1][1] == {
        "is_open": False, "slow_seconds": 0, "followers_only": False, "verified_only": True, "unique_only": True,
        "link_rule": "block",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", [("slow_seconds", -1), ("slow_seconds", 3601), ("link_rule", "maybe")])
async def test_rules_are_within_their_range(db: Database, live: MadeLive, wrong: tuple[str, Any]) -> None:
    name, value = wrong
    assert await refused(db.fetchval(f"select ops.set_chat($1, p_{name} => $2)", live.id, value)) == "invalid"


async def test_a_pinned_message(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    first, second = await say(db, live, ben, "first"), await say(db, live, ben, "second")
    for seq in (first, second, second):
        await call(db, "pin", live.id, owner.id, seq)
    by = {"id": ben.id, "name": ben.username, "display": ben.username.title()}
    assert await told(db, live.channel, second) == [
        ("chat:pinned", {"seq": first, "by": by, "text": "first"}),
        ("chat:pinned", {"seq": second, "by": by, "text": "second"}),
    ]
    assert (await db.fetchval("select live.get_live($1, null)", live.id))["pinned"]["text"] == "second"
    for _ in range(2):
        await call(db, "unpin", live.id, owner.id)
    assert [type for type, _ in await told(db, live.channel, second + 2)] == ["chat:unpinned"]
    assert [action for _, action, _ in await log(db, live)] == ["pin", "pin", "unpin"]
    assert await refused(call(db, "pin", live.id, owner.id, 99)) == "not_found"


@pytest.mark.parametrize("how", ["delete", "ban", "clear"])
async def test_a_pin_goes_with_its_message(db: Database, live: MadeLive, owner: User, ben: User, how: str) -> None:
    seq = await say(db, live, ben)
    await call(db, "pin", live.id, owner.id, seq)
    if how == "delete":
        await call(db, "delete_message", live.id, ben.id, seq)
    elif how == "ban":
        await call(db, "ban", live.id, owner.id, ben.username, 60, "")
    else:
        await call(db, "clear", live.id, owner.id)
    assert ("chat:unpinned", {}) in await told(db, live.channel)
    assert (await db.fetchval("select live.get_live($1, null)", live.id))["pinned"] is None
    assert await refused(call(db, "pin", live.id, owner.id, seq)) == "not_found"


async def test_clearing(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    top = [await say(db, live, ben) for _ in range(3)][-1]
    await call(db, "clear", live.id, owner.id)
    assert await told(db, live.channel, top) == [("chat:cleared", {"up_to": top})]
    for where in ({}, {"after": 0}, {"before": 99}):
        assert (await history(db, live, **where))["items"] == []
    after = await say(db, live, ben, "after")
    page = await history(db, live, after=0)
    assert [m["seq"] for m in page["items"]] == [after]
    assert page["has_more"] is False
    assert (await log(db, live)) == [(owner.username, "clear", None)]


async def test_operators_ban_and_unban(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    await say(db, live, ben)
    said = await db.fetchval("select ops.ban($1, $2, '10 minutes', 'spam')", ben.username.upper(), live.id)
    assert "00:10:00" in said
    (refusal,) = await post(db, [Said(live.id, ben.id)])
    assert refusal["code"] == "chat_banned"
    assert (await told(db, f"user:{ben.id}"))[0][1]["reason"] == "spam"
    assert "again" in await db.fetchval("select ops.unban($1, $2)", ben.username, live.id)
    assert "was not banned" in await db.fetchval("select ops.unban($1, $2)", ben.username, live.id)
    await say(db, live, ben)
    # Also the owner, and for good.
    await db.fetchval("select ops.ban($1, $2)", owner.username, live.id)
    (refusal,) = await post(db, [Said(live.id, owner.id)])
    assert (refusal["code"], refusal["retry_after"]) == ("chat_banned", None)
    assert [entry for entry in await log(db, live)] == [
        ("operator", "timeout", ben.username), ("operator", "unban", ben.username), ("operator", "ban", owner.username),
    ]  # fmt: skip


async def test_operators_delete_clear_and_set_rules(db: Database, live: MadeLive, ben: User) -> None:
    seq = await say(db, live, ben)
    for _ in range(2):
        await db.execute("select ops.delete_message($1, $2)", live.id, seq)
    assert (await history(db, live))["items"][0]["deleted"] == "moderator"
    await db.execute("select ops.clear_chat($1)", live.id)
    assert (await history(db, live))["items"] == []
    await db.execute("select ops.set_chat($1, p_is_open => false)", live.id)
    assert (await post(db, [Said(live.id, ben.id)]))[0]["code"] == "chat_closed"
    await hold_directly(db, live, ben)
    (waiting,) = await db.fetch("select live, username, text from ops.chat_held")
    assert tuple(waiting) == (live.id, ben.username, "held")
    for statement in (
        "ops.ban('x', 'nothing')",
        "ops.delete_message('nothing', 1)",
        f"ops.delete_message('{live.id}', 9)",
    ):
        assert await refused(db.execute(f"select {statement}")) == "not_found"
    assert await refused(db.execute("select ops.ban('nobody_at_all', $1)", live.id)) == "not_found"


async def test_operators_make_and_unmake_moderators(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    for is_moderator in (True, False):
        for is_new in (True, False):
            set_moderator = "select ops.set_moderator($1, $2, $3)"
            assert await db.fetchval(set_moderator, ben.username, live.id, is_moderator) is is_new
    assert [data["is_moderator"] for _, data in await told(db, f"user:{ben.id}")] == [True, False]
    assert [entry[:2] for entry in await log(db, live)] == [
        ("operator", "add_moderator"), ("operator", "remove_moderator"),
    ]  # fmt: skip


async def hold_directly(db: Database, live: MadeLive, user: User) -> None:
    insert = "insert into chat_held (live_id, user_id, text, cid, why) values ($1, $2, 'held', $3, 'word')"
    await db.execute(insert, live.number, user.id, uuid.uuid4())
