"""Messages after they were posted: edited, deleted, held and approved, read page by page."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import MadeLive, Said, hold, make_live, post
from tests.sql.rooms import call, edit, history, log, refused, rules, say, told
from tests.sql.rows import backend_waits, connected


async def test_editing_ones_own(db: Database, live: MadeLive, ben: User) -> None:
    seq = await say(db, live, ben)
    assert await edit(db, live, ben, seq, "better") == (None, None)
    assert await told(db, live.channel, seq) == [("chat:edited", {"seq": seq, "text": "better"})]
    (shown,) = (await history(db, live))["items"]
    assert (shown["text"], shown["edited"]) == ("better", True)
    await edit(db, live, ben, seq, "better")
    assert len(await told(db, live.channel, seq)) == 1


async def test_nobody_edits_what_others_said(db: Database, live: MadeLive, ben: User, owner: User, mod: User) -> None:
    seq = await say(db, live, ben)
    for user in (owner, mod, await make_user(db)):
        assert await refused(edit(db, live, user, seq, "forged")) == "not_found"
    assert await refused(edit(db, live, ben, 99, "x")) == "not_found"


async def test_editing_ends(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    seq = await say(db, live, ben)
    later = datetime.now(UTC) + timedelta(seconds=61)
    assert (await edit(db, live, ben, seq, "x", now=later))[0] == "too_late"
    await call(db, "delete_message", live.id, ben.id, seq)
    assert await refused(edit(db, live, ben, seq, "x")) == "not_found"
    seq = await say(db, live, ben)
    await call(db, "clear", live.id, owner.id)
    assert await refused(edit(db, live, ben, seq, "x")) == "not_found"


async def test_an_edit_obeys_the_rules_of_posting(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    seq, own = await say(db, live, ben), await say(db, live, owner)
    for text in ("", "x" * 101):
        assert await refused(edit(db, live, ben, seq, text)) == "invalid"
    await db.fetchval("select ops.set_chat($1, p_link_rule => 'hold', p_blocked_words => array['bad'])", live.id)
    assert (await edit(db, live, ben, seq, "BAD"))[0] == "words_blocked"
    assert (await edit(db, live, ben, seq, "www.example.com"))[0] == "links_blocked"
    assert (await edit(db, live, owner, own, "bad www.example.com"))[0] is None
    await db.fetchval("select ops.set_chat($1, p_is_open => false)", live.id)
    assert (await edit(db, live, ben, seq, "x"))[0] == "chat_closed"
    assert (await history(db, live))["items"][0]["text"] == "hello"


async def test_slow_mode_holds_for_edits_whichever_message_they_change(
    db: Database, live: MadeLive, ben: User, owner: User
) -> None:
    start = datetime.now(UTC)
    first, second, own = await say(db, live, ben), await say(db, live, ben), await say(db, live, owner)
    await rules(db, live, slow_seconds=30)

    async def answer(seq: int, text: str, seconds: float) -> tuple[str | None, int | None]:
        return await edit(db, live, ben, seq, text, seconds=900, now=start + timedelta(seconds=seconds))

    assert await answer(first, "a slip of the pen", 10) == (None, None), "at once after it was written, too"
    assert await answer(second, "and news", 11) == ("slow_down", 29)
    assert await answer(first, "and more", 39.5) == ("slow_down", 1)
    assert await answer(first, "a slip of the pen", 39.5) == (None, None), "that changes nothing"
    assert await answer(second, "and news", 41) == (None, None)
    for n in range(3):
        assert (await edit(db, live, owner, own, f"own {n}"))[0] is None
    changes = [data["seq"] for type, data in await told(db, live.channel) if type == "chat:edited"]
    assert changes == [first, second, own, own, own]


async def test_a_message_is_changed_so_often_and_no_more(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    for user in (ben, owner):
        seq = await say(db, live, user)
        answers = [(await edit(db, live, user, seq, f"e{n}", most=2))[0] for n in range(3)]
        assert answers == [None, None, "too_many_edits"]


async def test_unique_chat_holds_for_edits(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    await say(db, live, owner, "Same")
    seq, own = await say(db, live, ben, "other"), await say(db, live, owner, "third")
    await rules(db, live, unique_only=True)
    assert (await edit(db, live, ben, seq, "ＳＡＭＥ"))[0] == "not_unique"
    assert (await edit(db, live, ben, seq, "Other"))[0] is None, "its own text is no other message's"
    assert (await edit(db, live, owner, own, "same"))[0] is None
    assert (await edit(db, live, ben, seq, "same", unique_among=2))[0] == "not_unique", "the owner's was changed"
    assert (await edit(db, live, ben, seq, "same", unique_among=1))[0] == "not_unique"


async def test_the_silenced_do_not_edit(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    await call(db, "ban", live.id, owner.id, ben.username, 60, "")
    # What they say after a ban was lifted and set anew is not hidden, but not theirs to change either.
    await call(db, "unban", live.id, owner.id, ben.username)
    seq = await say(db, live, ben)
    await db.execute("insert into chat_bans (live_id, user_id) values ($1, $2)", live.number, ben.id)
    assert (await edit(db, live, ben, seq, "x"))[0] == "chat_banned"


async def test_authors_and_moderators_delete(db: Database, live: MadeLive, ben: User, owner: User, mod: User) -> None:
    for actor, by in ((ben, "author"), (mod, "moderator"), (owner, "moderator")):
        seq = await say(db, live, ben, "gone")
        await call(db, "delete_message", live.id, actor.id, seq)
        assert await told(db, live.channel, seq) == [("chat:deleted", {"seq": seq, "by": by})]
        await call(db, "delete_message", live.id, actor.id, seq)
        assert len(await told(db, live.channel, seq)) == 1, "twice is the same as once"
        shown = (await history(db, live))["items"][-1]
        assert (shown["seq"], shown["text"], shown["deleted"]) == (seq, "", by)
    assert await log(db, live) == [
        (owner.username, "add_moderator", mod.username),
        (mod.username, "delete", ben.username),
        (owner.username, "delete", ben.username),
    ]


async def test_what_was_taken_away_is_in_no_event_any_more(
    db: Database, live: MadeLive, ben: User, owner: User
) -> None:
    kept = await say(db, live, owner, "kept")
    deleted, banned = await say(db, live, ben, "secret one"), await say(db, live, ben, "secret two")
    await edit(db, live, ben, deleted, "secret three")
    assert (await told(db, live.channel, kept))[0] == ("chat:message", {**by(ben), "text": "secret three"})
    await edit(db, live, ben, banned, "secret four")
    await call(db, "pin", live.id, owner.id, banned)
    await call(db, "delete_message", live.id, ben.id, deleted)
    await call(db, "ban", live.id, owner.id, ben.username, None, "")
    heard = await told(db, live.channel)
    assert "secret" not in str(heard)
    assert [type for type, _ in heard] == [
        "chat:message", "chat:message", "chat:message", "chat:edited", "chat:edited", "chat:pinned", "chat:deleted",
        "chat:unpinned", "chat:purged",
    ]  # fmt: skip
    assert heard[0][1]["text"] == "kept"
    assert [data["seq"] for type, data in heard if type == "chat:edited"] == [deleted, banned]


def by(user: User) -> dict[str, Any]:
    return {"by": {"id": user.id, "name": user.username, "display": user.username.title()}}


async def test_others_do_not_delete(db: Database, live: MadeLive, ben: User, owner: User, mod: User) -> None:
    seq, own = await say(db, live, ben), await say(db, live, owner)
    stranger = await make_user(db)
    assert await refused(call(db, "delete_message", live.id, stranger.id, seq)) == "forbidden"
    assert await refused(call(db, "delete_message", live.id, mod.id, own)) == "forbidden"
    assert await refused(call(db, "delete_message", live.id, owner.id, 99)) == "not_found"
    other = await make_live(db, stranger.id)
    assert await refused(call(db, "delete_message", other.id, stranger.id, seq)) == "not_found"


async def test_a_reply_to_what_was_deleted_shows_no_text_of_it(db: Database, live: MadeLive, ben: User) -> None:
    first = await say(db, live, ben, "secret")
    await post(db, [Said(live.id, ben.id, "yes", reply_to=first)])
    await call(db, "delete_message", live.id, ben.id, first)
    reply = (await history(db, live))["items"][-1]["reply"]
    assert reply == {"seq": first, "name": ben.username, "text": ""}


async def answer_to(db: Database, live: MadeLive, user: User, seq: int, count: int = 1) -> list[int]:
    rows = await post(db, [Said(live.id, user.id, f"so it is {n}", reply_to=seq) for n in range(count)])
    return [row["seq"] for row in rows]


async def quoted(db: Database, live: MadeLive) -> list[str]:
    rows = await db.fetch(
        "select data #>> '{reply,text}' from rt.event where channel = $1 and data ? 'reply' order by seq", live.channel
    )
    return [row[0] for row in rows]


async def test_what_was_taken_away_is_quoted_in_no_event_any_more(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User
) -> None:
    by_author, by_moderator, banned = [await say(db, live, ben, f"secret {n}") for n in range(3)]
    kept = await say(db, live, owner, "kept")
    await edit(db, live, ben, by_author, "secret, and a better one")
    for seq in (by_author, by_moderator, banned, kept):
        await answer_to(db, live, owner, seq)
    # Of another live, with the same numbers.
    other = await make_live(db, owner.id)
    await answer_to(db, other, owner, await say(db, other, owner, "another kept"))
    assert await quoted(db, live) == ["secret, and a better one", "secret 1", "secret 2", "kept"]
    await edit(db, live, ben, by_author, "a secret told anew")
    assert (await quoted(db, live))[0] == "a secret told anew"
    await call(db, "delete_message", live.id, ben.id, by_author)
    assert await quoted(db, live) == ["", "secret 1", "secret 2", "kept"]
    await call(db, "delete_message", live.id, mod.id, by_moderator)
    assert await quoted(db, live) == ["", "", "secret 2", "kept"]
    await call(db, "ban", live.id, owner.id, ben.username, None, "")
    assert await quoted(db, live) == ["", "", "", "kept"]
    assert "secret" not in str(await told(db, live.channel))
    assert await quoted(db, other) == ["another kept"]
    replies = [message["reply"]["text"] for message in (await history(db, live))["items"] if "reply" in message]
    assert replies == ["", "", "", "kept"]
    assert await db.fetchval("select count(*) from ops.jobs") == 0, "a few are mended at once"


async def test_a_quote_read_before_the_deletion_is_not_written_after_it(
    db: Database, dsn: str, live: MadeLive, ben: User
) -> None:
    """The job that mends quotes of an edited message waits for who deletes it."""
    first = await say(db, live, ben, "one")
    await answer_to(db, live, ben, first)
    await db.execute("update chat_messages set text = 'secret' where seq = $1", first)
    async with connected(dsn) as connection:
        pid = await connection.fetchval("select pg_backend_pid()")
        async with db.transaction() as deleting:
            await deleting.execute("select chat.delete_message($1, $2, $3)", live.id, ben.id, first)
            mending = asyncio.create_task(connection.fetchval("select chat.requote($1, $2, 9)", live.id, [first]))
            await backend_waits(db, pid)
        assert await mending == 0
    assert await quoted(db, live) == [""]


async def test_approved_is_posted_now_and_once(db: Database, live: MadeLive, owner: User, ben: User, mod: User) -> None:
    asked = await say(db, live, owner, "a question")
    await db.execute("update chat_rules set blocked_words = array['bad']")
    cid = uuid.uuid4()
    held = Said(live.id, ben.id, "bad answer", reply_to=asked, cid=cid)
    assert (await post(db, [held]))[0]["code"] == "held"
    *before, (_, waiting) = await told(db, f"{live.channel}:mod")
    (listed,) = (await call(db, "list_held", live.id, mod.id, None, 10))["items"]
    assert (listed["id"], listed["text"], listed["why"]) == (waiting["id"], "bad answer", "word")
    for _ in range(2):
        await call(db, "review", live.id, mod.id, waiting["id"], "approved")
    ((type, data),) = await told(db, live.channel, asked)
    assert (type, data["text"], data["by"]["id"]) == ("chat:message", "bad answer", ben.id)
    assert data["reply"] == {"seq": asked, "name": owner.username, "text": "a question"}
    assert (await history(db, live))["items"][-1]["reply"] == data["reply"]
    assert (await told(db, f"{live.channel}:mod"))[len(before) + 1 :] == [
        ("chat:reviewed", {"id": waiting["id"], "verdict": "approved"})
    ]
    assert (await call(db, "list_held", live.id, mod.id, None, 10))["items"] == []
    # The sender who asks again learns its number.
    (again,) = await post(db, [held])
    assert (again["code"], again["seq"]) == (None, asked + 1)
    assert await refused(call(db, "review", live.id, owner.id, waiting["id"], "rejected")) == "already_reviewed"
    assert (await log(db, live))[-1] == (mod.username, "approve", ben.username)


async def test_rejected_is_never_seen(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    id = await hold(db, live, ben.id, "no")
    await call(db, "review", live.id, owner.id, id, "rejected")
    assert (await history(db, live))["items"] == []
    assert await refused(call(db, "review", live.id, owner.id, id, "approved")) == "already_reviewed"
    assert await refused(call(db, "review", live.id, owner.id, 99, "approved")) == "not_found"
    assert (await log(db, live))[-1] == (owner.username, "reject", ben.username)


async def test_nothing_is_approved_after_the_end(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    id = await hold(db, live, ben.id, "late")
    await db.fetchval("select live.start_live($1, $2)", live.id, owner.id)
    await db.fetchval("select live.end_live($1, $2)", live.id, owner.id)
    assert await refused(call(db, "review", live.id, owner.id, id, "approved")) == "live_ended"
    await call(db, "review", live.id, owner.id, id, "rejected")


async def test_two_moderators_at_once_decide_once(
    db: Database, dsn: str, live: MadeLive, owner: User, ben: User, mod: User
) -> None:
    id = await hold(db, live, ben.id, "maybe")
    async with connected(dsn) as one, connected(dsn) as two:
        transaction = one.transaction()
        await transaction.start()
        await call(one, "review", live.id, owner.id, id, "approved")
        second = asyncio.create_task(call(two, "review", live.id, mod.id, id, "approved"))
        await backend_waits(db, two.get_server_pid())
        await transaction.commit()
        await second
    assert len((await history(db, live))["items"]) == 1


async def test_lists_come_in_pages(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    ids = [await hold(db, live, ben.id, f"h{n}") for n in range(5)]
    first = await call(db, "list_held", live.id, owner.id, None, 2)
    second = await call(db, "list_held", live.id, owner.id, first["items"][-1]["id"], 10)
    assert [h["id"] for h in first["items"] + second["items"]] == ids
    assert (first["next_cursor"] is None, second["next_cursor"]) == (False, None)
    for id in ids:
        await call(db, "review", live.id, owner.id, id, "rejected")
    newest = await call(db, "list_audit", live.id, owner.id, None, 2)
    older = await call(db, "list_audit", live.id, owner.id, newest["items"][-1]["id"], 10)
    assert [e["detail"]["text"] for e in newest["items"] + older["items"]] == [f"h{n} zzz" for n in reversed(range(5))]
    assert {e["actor"]["username"] for e in newest["items"]} == {owner.username}


async def test_history_pages_both_ways_over_gaps(db: Database, live: MadeLive, owner: User, ben: User) -> None:
    seqs = []
    for n in range(7):
        seqs.append(await say(db, live, ben, f"m{n}"))
        await db.fetchval("select ops.set_chat($1, p_slow_seconds => $2)", live.id, 0)
        await edit(db, live, ben, seqs[-1], f"edited {n}")
    last = await history(db, live, limit=3)
    assert ([m["seq"] for m in last["items"]], last["has_more"]) == (seqs[4:], True)
    assert last["seq"] == seqs[-1] + 1
    assert last["epoch"] == await db.fetchval("select rt.epoch()")
    before = await history(db, live, before=seqs[4], limit=4)
    assert ([m["seq"] for m in before["items"]], before["has_more"]) == (seqs[:4], False)
    after = await history(db, live, after=seqs[1], limit=2)
    assert ([m["seq"] for m in after["items"]], after["has_more"]) == (seqs[2:4], True)
    between = await history(db, live, after=seqs[1], before=seqs[3])
    assert [m["seq"] for m in between["items"]] == [seqs[2]]
    assert (await history(db, live, before=0))["items"] == []


async def test_history_is_for_those_who_may_see_the_live(db: Database, owner: User, ben: User) -> None:
    private = await make_live(db, owner.id, visibility="private")
    await say(db, private, owner)
    assert len((await history(db, private, viewer=owner.id))["items"]) == 1
    for viewer in (ben.id, None):
        assert await refused(history(db, private, viewer=viewer)) == "not_found"
    await call(db, "add_moderator", private.id, owner.id, ben.username, 5)
    assert len((await history(db, private, viewer=ben.id))["items"]) == 1
    await call(db, "ban", private.id, owner.id, ben.username, None, "")
    assert await refused(history(db, private, viewer=ben.id)) == "not_found"


async def test_a_message_taken_away_by_mistake_comes_back(
    db: Database, live: MadeLive, ben: User, owner: User, mod: User
) -> None:
    own, other = await say(db, live, ben, "mine"), await say(db, live, ben, "theirs")
    minute = timedelta(seconds=60)
    await call(db, "delete_message", live.id, ben.id, own)
    await call(db, "delete_message", live.id, mod.id, other)
    stranger = await make_user(db)
    for actor, seq in ((owner, own), (mod, own), (ben, other), (stranger, other), (stranger, own)):
        assert await refused(call(db, "restore_message", live.id, actor.id, seq, minute)) == "forbidden"
    assert await refused(call(db, "restore_message", live.id, ben.id, own, timedelta(0))) == "too_late"
    assert await refused(call(db, "restore_message", live.id, ben.id, 99, minute)) == "not_found"
    for _ in range(2):
        await call(db, "restore_message", live.id, ben.id, own, minute)
        await call(db, "restore_message", live.id, owner.id, other, minute)
    assert [(m["text"], m["deleted"]) for m in (await history(db, live))["items"]] == [("mine", None), ("theirs", None)]
    restored = [data["messages"] for type, data in await told(db, live.channel) if type == "chat:restored"]
    assert restored == [[{"seq": own, "text": "mine"}], [{"seq": other, "text": "theirs"}]]
    assert [action for _, action, _ in await log(db, live)][-2:] == ["delete", "restore"]


async def test_what_was_cleared_does_not_come_back(db: Database, live: MadeLive, ben: User, owner: User) -> None:
    seq = await say(db, live, ben)
    await call(db, "delete_message", live.id, ben.id, seq)
    await call(db, "clear", live.id, owner.id)
    assert await refused(call(db, "restore_message", live.id, ben.id, seq, timedelta(seconds=60))) == "not_found"
