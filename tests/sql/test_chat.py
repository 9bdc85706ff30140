"""Posting: every rule on its subject and on who is exempt, the same message twice, and numbers."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import AppError
from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import MadeLive, Said, make_live, post
from tests.sql.rooms import codes, events, rules, texts

RANDOM = random.Random(1)
CHINESE = [chr(code) for code in range(0x4E00, 0x9FA5)]


async def test_a_batch_is_stored_numbered_and_told_in_its_order(
    db: Database, live: MadeLive, owner: User, ben: User
) -> None:
    answers = await post(db, [Said(live.id, ben.id, "one"), Said(live.id, owner.id, "two"), Said(live.id, ben.id, "3")])
    assert [(a["code"], a["seq"]) for a in answers] == [(None, 1), (None, 2), (None, 3)]
    assert await texts(db, live) == ["one", "two", "3"]
    told = await events(db, live.channel)
    assert [(seq, type) for seq, type, _ in told] == [(n, "chat:message") for n in (1, 2, 3)]
    # What this process hands to its sockets is what the others read.
    assert [json.loads(a["data"]) for a in answers] == [data for _, _, data in told]
    assert told[1][2] == {
        "by": {"id": owner.id, "name": owner.username, "display": owner.username.title(), "badges": ["owner"]},
        "text": "two",
    }
    assert "badges" not in told[0][2]["by"]
    ats = [row["at"] for row in await db.fetch("select at from chat_messages order by seq")]
    assert ats == [a["at"] for a in answers]


async def test_the_events_text_has_no_byte_too_many(db: Database, live: MadeLive, ben: User) -> None:
    (answer,) = await post(db, [Said(live.id, ben.id, 'say "hi" \\ \u2028 💥')])
    compact = json.dumps(json.loads(answer["data"]), separators=(",", ":"), ensure_ascii=False)
    assert answer["data"] == compact


async def test_a_reply_quotes_the_beginning_of_what_it_answers(db: Database, live: MadeLive, ben: User) -> None:
    (first,) = await post(db, [Said(live.id, ben.id, "x" * 200)])
    (reply,) = await post(db, [Said(live.id, ben.id, "yes", reply_to=first["seq"])])
    assert json.loads(reply["data"])["reply"] == {"seq": first["seq"], "name": ben.username, "text": "x" * 120}
    assert await db.fetchval("select reply_to from chat_messages where seq = $1", reply["seq"]) == first["seq"]


async def test_a_reply_to_what_is_gone_is_a_message_without_a_quote(db: Database, live: MadeLive, ben: User) -> None:
    (first,) = await post(db, [Said(live.id, ben.id)])
    await db.execute("update chat_messages set deleted_at = now(), deleted_by = 'author'")
    for reply_to in (first["seq"], 0, 99, 2**63 - 1, -1):
        (answer,) = await post(db, [Said(live.id, ben.id, "yes", reply_to=reply_to)])
        assert "reply" not in json.loads(answer["data"])
    (kept,) = await post(db, [Said(live.id, ben.id, "kept")])
    await rules(db, live, cleared_seq=kept["seq"])
    (answer,) = await post(db, [Said(live.id, ben.id, "yes", reply_to=kept["seq"])])
    assert "reply" not in json.loads(answer["data"])


async def test_the_same_message_again_has_the_number_it_has(db: Database, live: MadeLive, ben: User) -> None:
    same = Said(live.id, ben.id, cid=uuid.uuid4())
    (first,) = await post(db, [same])
    await rules(db, live, is_open=False)
    again = await post(db, [same, Said(live.id, ben.id, "other words", cid=same.cid)])
    assert [(a["code"], a["seq"], a["at"], a["data"]) for a in again] == [(None, 1, first["at"], None)] * 2
    assert len(await events(db, live.channel)) == 1


async def test_the_same_message_twice_in_one_batch_is_one(db: Database, live: MadeLive, ben: User) -> None:
    same = Said(live.id, ben.id, cid=uuid.uuid4())
    answers = await post(db, [same, Said(live.id, ben.id, "between"), same])
    assert [(a["seq"], a["data"] is None) for a in answers] == [(1, False), (2, False), (1, True)]
    await rules(db, live, is_open=False)
    refused = Said(live.id, ben.id, cid=uuid.uuid4())
    assert await codes(db, refused, refused) == ["chat_closed", "chat_closed"]


async def test_a_number_of_the_clients_making_counts_per_person_and_live(
    db: Database, live: MadeLive, owner: User, ben: User
) -> None:
    other = await make_live(db, owner.id)
    cid = uuid.uuid4()
    answers = await post(db, [Said(a.id, user.id, cid=cid) for a in (live, other) for user in (owner, ben)])
    assert [a["seq"] for a in answers] == [1, 2, 1, 2]


async def test_who_may_not_see_a_live_finds_no_chat(db: Database, owner: User, ben: User) -> None:
    private = await make_live(db, owner.id, visibility="private")
    unlisted = await make_live(db, owner.id, visibility="unlisted")
    deleted = await make_live(db, owner.id)
    await db.fetchval("select live.delete_live($1, $2)", deleted.id, owner.id)
    assert await codes(
        db,
        Said(private.id, ben.id),
        Said(private.id, owner.id),
        Said(unlisted.id, ben.id),
        Said(deleted.id, owner.id),
        Said("nothing", ben.id),
        Said(unlisted.id, 999_999),
    ) == ["not_found", None, None, "not_found", "not_found", "not_found"]
    # What does not exist leaves no counter behind.
    assert await db.fetchval("select count(*) from rt.stream where channel like '%nothing%'") == 0
    await db.execute("insert into chat_moderators (live_id, user_id) values ($1, $2)", private.number, ben.id)
    assert await codes(db, Said(private.id, ben.id)) == [None]
    assert await codes(db, Said(deleted.id, ben.id)) == ["not_found"]
    # Sent before the right was lost and again after it: no number to hold on to.
    said = Said(private.id, ben.id, cid=uuid.uuid4())
    assert await codes(db, said, said) == [None, None]
    await db.execute("delete from chat_moderators")
    (again,) = await post(db, [said])
    assert (again["code"], again["seq"]) == ("not_found", None)


async def test_before_during_and_after_a_live(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    assert await codes(db, Said(live.id, ben.id)) == [None]
    await db.fetchval("select live.start_live($1, $2)", live.id, owner.id)
    assert await codes(db, Said(live.id, ben.id)) == [None]
    await db.fetchval("select live.end_live($1, $2)", live.id, owner.id)
    assert await codes(db, Said(live.id, ben.id), Said(live.id, owner.id)) == ["live_ended", "live_ended"]


async def test_closed_for_all_but_those_who_keep_order(
    db: Database, live: MadeLive, owner: User, ben: User, mod: User
) -> None:
    await rules(db, live, is_open=False)
    said = [Said(live.id, user.id) for user in (ben, mod, owner)]
    assert await codes(db, *said) == ["chat_closed", None, None]


async def test_followers_only(db: Database, live: MadeLive, owner: User, ben: User, mod: User) -> None:
    await rules(db, live, followers_only=True)
    fan = await make_user(db)
    await db.fetchval("select live.follow_user($1, $2)", owner.username, fan.id)
    # Following somebody else does not count.
    await db.fetchval("select live.follow_user($1, $2)", fan.username, ben.id)
    said = [Said(live.id, user.id) for user in (ben, fan, mod, owner)]
    assert await codes(db, *said) == ["followers_only", None, None, None]


async def test_verified_only(db: Database, owner: User) -> None:
    await db.execute("update users set email_verified_at = null where id = $1", owner.id)
    live = await make_live(db, owner.id)
    await rules(db, live, verified_only=True)
    confirmed, unconfirmed = await make_user(db), await make_user(db, is_verified=False)
    said = [Said(live.id, user.id) for user in (unconfirmed, confirmed, owner)]
    assert await codes(db, *said) == ["verified_only", None, None]


async def test_a_suspended_account_is_silent_everywhere(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    for user in (ben, owner):
        await db.fetchval("select ops.ban_user($1, 'spam')", user.username)
    assert await codes(db, Said(live.id, ben.id), Said(live.id, owner.id)) == ["banned", "banned"]


async def test_bans_and_timeouts_hold_until_they_end(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    other = await make_live(db, owner.id)
    await db.fetchval("select chat.ban($1, $2, $3, 60, 'calm down')", live.id, owner.id, ben.username)
    until = await db.fetchval("select until from chat_bans")
    (refused,) = await post(db, [Said(live.id, ben.id)], now=until - timedelta(seconds=57.5))
    assert (refused["code"], refused["retry_after"]) == ("chat_banned", 58)
    assert await codes(db, Said(other.id, ben.id)) == [None]
    assert await codes(db, Said(live.id, ben.id), now=until) == [None]
    await db.fetchval("select chat.ban($1, $2, $3, null, '')", live.id, owner.id, ben.username)
    (refused,) = await post(db, [Said(live.id, ben.id)], now=datetime.now(UTC) + timedelta(days=1000))
    assert (refused["code"], refused["retry_after"]) == ("chat_banned", None)


async def test_texts_have_a_length(db: Database, live: MadeLive, ben: User) -> None:
    said = [Said(live.id, ben.id, text) for text in ("", "ab", "💥💥", "abc")]
    assert await codes(db, *said, max_chars=2) == ["invalid", None, None, "invalid"]


async def test_slow_mode(db: Database, live: MadeLive, ben: User, owner: User, mod: User) -> None:
    await rules(db, live, slow_seconds=30)
    other = await make_user(db)
    answers = await post(db, [Said(live.id, user.id) for user in (ben, ben, other, owner, owner, mod, mod)])
    assert [a["code"] for a in answers] == [None, "slow_down", None, None, None, None, None]
    assert answers[1]["retry_after"] == 30
    said_at = answers[0]["at"]
    (early,) = await post(db, [Said(live.id, ben.id)], now=said_at + timedelta(seconds=20))
    assert (early["code"], early["retry_after"]) == ("slow_down", 10)
    assert await codes(db, Said(live.id, ben.id), now=said_at + timedelta(seconds=30)) == [None]


async def test_a_held_message_counts_in_slow_mode(db: Database, live: MadeLive, ben: User) -> None:
    await rules(db, live, slow_seconds=30, blocked_words=["bad"])
    assert await codes(db, Said(live.id, ben.id, "bad")) == ["held"]
    assert await codes(db, Said(live.id, ben.id, "good")) == ["slow_down"]


async def test_a_message_refused_by_a_rule_does_not_count_in_slow_mode(db: Database, live: MadeLive, ben: User) -> None:
    await rules(db, live, slow_seconds=30, link_rule="block")
    assert await codes(db, Said(live.id, ben.id, "see www.example.com")) == ["links_blocked"]
    assert await codes(db, Said(live.id, ben.id, "good")) == [None]


async def test_so_many_of_one_person_in_a_while(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    other = await make_live(db, owner.id)
    # Long enough that none of them is forgotten while this goes on.
    bound: dict[str, Any] = {"most": 3, "seconds": 500}
    answers = await post(db, [Said(live.id, ben.id)] * 4 + [Said(live.id, owner.id)], **bound)
    assert [a["code"] for a in answers] == [None, None, None, "slow_down", None]
    assert answers[3]["retry_after"] == 500
    assert await codes(db, Said(live.id, ben.id), Said(other.id, ben.id), **bound) == ["slow_down", None]
    later = answers[2]["at"] + timedelta(seconds=501)
    assert await codes(db, Said(live.id, ben.id), **bound, now=later) == [None]
    # What is held counts, too, or the moderators' list could be flooded.
    await rules(db, other, blocked_words=["bad"])
    bad = Said(other.id, owner.id, "bad")
    assert await codes(db, bad) == [None], "the owner may"
    bad = Said(other.id, (await make_user(db)).id, "bad")
    assert await codes(db, *[bad] * 4, **bound) == ["held", "held", "held", "slow_down"]
    assert await codes(db, bad, **bound) == ["slow_down"]


async def test_unique_chat(db: Database, live: MadeLive, ben: User, owner: User, mod: User) -> None:
    await rules(db, live, unique_only=True)
    other = await make_user(db)
    assert await codes(
        db, Said(live.id, ben.id, "LOL"), Said(live.id, other.id, "lol"), Said(live.id, other.id, "ｌｏｌ\u200b")
    ) == [None, "not_unique", "not_unique"]
    assert await codes(
        db, Said(live.id, other.id, "Lol"), Said(live.id, mod.id, "lol"), Said(live.id, owner.id, "lol")
    ) == ["not_unique", None, None]
    for n in range(3):
        await post(db, [Said(live.id, other.id, f"filler {n}")])
    assert await codes(db, Said(live.id, ben.id, "lol"), unique_among=3) == [None]


@pytest.mark.parametrize(
    ("word", "text"),
    [("bad", "so BAD!"), ("bad", "ｂａｄ"), ("bad", "b\u200bad"), ("two words", "Two Words."), ("壞", "好壞"),
     ("나쁜", "정말나쁜말"), ("a*b", "x a*b"), ("(.*)", "odd (.*)"), ("\\d", "a \\d"), ("плохо", "это ПЛОХО"),
     ("💩", "ha💩ha"), ("é", "É"), ("ab壞", "ab壞了"), ("壞 ab", "好壞 ab."), ("_foo", "x_foo"), ("$$$", "a$$$b"),
     ("a+", "is a+b"), ("bad", "worse,bad")],
)  # fmt: skip
async def test_blocked_words_are_held(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User, word: str, text: str
) -> None:
    await rules(db, live, blocked_words=["something", word])
    said = [Said(live.id, user.id, text) for user in (ben, mod, owner)]
    assert await codes(db, *said) == ["held", None, None]


@pytest.mark.parametrize(
    ("word", "text"),
    [("ass", "a class"), ("bad", "badly"), ("a*b", "aab"), ("\\d", "7"), ("(.*)", "x"), ("он", "конь"),
     ("ab壞", "xab壞"), ("bad", "bad_"), ("two words", "two  words"), ("two words", "two wordss")],
)  # fmt: skip
async def test_words_inside_other_words_are_not(db: Database, live: MadeLive, ben: User, word: str, text: str) -> None:
    await rules(db, live, blocked_words=[word])
    assert await codes(db, Said(live.id, ben.id, text)) == [None]


LISTS = {
    "chinese": ["".join(RANDOM.choices(CHINESE, k=60)) for _ in range(200)],
    "letters": ["".join(RANDOM.choices("abcdefghij ABCDéñüж", k=60)) for _ in range(200)],
    "one that becomes eighteen": ["ﷺ" * 59 + chr(97 + n % 26) for n in range(200)],
    "nearly found": ["a" * (n % 58) + "b" + "a" * (59 - n % 58) for n in range(200)],
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_strangers_words_cost_nobody_else_a_message(
    db: Database, live: MadeLive, ben: User, owner: User, name: str
) -> None:
    """Also such as were kept before there was a limit to all of them together."""
    other = await make_live(db, owner.id)
    await rules(db, other, blocked_words=LISTS[name])
    texts = ["a" * 500, "ﷺ" * 500, "a " * 250, LISTS[name][7]]
    said = [Said(other.id, ben.id, text) for text in texts] + [Said(live.id, ben.id, text) for text in texts]
    assert await codes(db, *said) == [None, None, None, "held", None, None, None, None]
    with pytest.raises(AppError, match="invalid") as refused:
        await db.fetchval("select ops.set_chat($1, p_blocked_words => $2)", live.id, LISTS[name])
    assert refused.value.fields is not None
    assert refused.value.fields.keys() == {"blocked_words"}
    assert await codes(db, Said(live.id, ben.id, LISTS[name][7])) == [None], "and the rules are what they were"


async def test_what_is_held_is_told_to_moderators_alone_and_once(db: Database, live: MadeLive, ben: User) -> None:
    await rules(db, live, blocked_words=["bad"])
    same = Said(live.id, ben.id, "bad", cid=uuid.uuid4())
    answers = await post(db, [same, same, Said(live.id, ben.id, "good")])
    assert [(a["code"], a["seq"], a["data"] is None) for a in answers] == [
        ("held", 1, False), ("held", 1, True), (None, 1, False),
    ]  # fmt: skip
    (again,) = await post(db, [same])
    assert (again["code"], again["data"]) == ("held", None)
    assert await texts(db, live) == ["good"]
    assert [type for _, type, _ in await events(db, live.channel)] == ["chat:message"]
    ((seq, type, data),) = await events(db, f"{live.channel}:mod")
    id = await db.fetchval("select id from chat_held")
    by = {"id": ben.id, "name": ben.username, "display": ben.username.title()}
    assert (seq, type, data) == (1, "chat:held", {"id": id, "by": by, "text": "bad", "why": "word"})


LINKS = ["https://example.com", "see HTTP://x", "www.example.org", "example.com", "EXAMPLE.COM/path", "a.b.example.io",
         "ｅｘａｍｐｌｅ.com", "ex\u200bample.com", "foo.bar/baz", "javascript://x"]  # fmt: skip
NO_LINKS = ["hello.", "hi.there", "3.14", "e.g. this", "and/or", "12.30 pm", "...", "tell.me", "log.in"]


@pytest.mark.parametrize("text", LINKS)
async def test_links_are_refused_or_held_as_the_rule_says(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User, text: str
) -> None:
    said = [Said(live.id, user.id, text) for user in (ben, mod, owner)]
    assert await codes(db, *said) == [None, None, None]
    await rules(db, live, link_rule="block")
    assert await codes(db, *said) == ["links_blocked", None, None]
    await rules(db, live, link_rule="hold")
    assert await codes(db, *said) == ["held", None, None]
    assert await db.fetchval("select why from chat_held") == "link"


async def test_what_only_looks_like_a_link_passes(db: Database, live: MadeLive, ben: User) -> None:
    await rules(db, live, link_rule="block")
    assert await codes(db, *(Said(live.id, ben.id, text) for text in NO_LINKS)) == [None] * len(NO_LINKS)


async def test_one_bad_message_leaves_the_others_alone(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    await rules(db, live, blocked_words=["bad"], link_rule="block")
    answers = await post(
        db,
        [Said(live.id, ben.id, text) for text in ("one", "", "bad", "www.x.com", "two")]
        + [Said("nothing", ben.id), Said(live.id, owner.id, "three")],
    )
    assert [(a["code"], a["seq"]) for a in answers] == [
        (None, 1), ("invalid", None), ("held", 1), ("links_blocked", None), (None, 2),
        ("not_found", None), (None, 3),
    ]  # fmt: skip


async def test_nothing_to_post_is_no_commit_of_anything(db: Database, live: MadeLive) -> None:
    assert await post(db, []) == []
    assert await codes(db, Said(live.id, 999_999)) == ["not_found"]
    assert await events(db, live.channel) == []


async def test_typing_and_effects_ask_the_same_rules(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    await rules(db, live, followers_only=True)
    rows = await db.fetch("select code, name from chat.speakers($1, $2)", [live.id] * 3, [owner.id, ben.id, 999_999])
    assert [tuple(row) for row in rows] == [
        (None, owner.username), ("followers_only", ben.username), ("not_found", None),
    ]  # fmt: skip
