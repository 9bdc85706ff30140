"""The chat over the routes: every twin of a socket's operation, and what moderators do by address."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.pg.pool import Database
from tests.factories import User, make_user, signed_in
from tests.lives import MadeLive, hold, make_live
from tests.signals import soon


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def live(db: Database, owner: User) -> MadeLive:
    return await make_live(db, owner.id)


@pytest.fixture
async def ben(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def mine(client: httpx.AsyncClient, db: Database, owner: User) -> dict[str, str]:
    return await signed_in(client, db, owner)


@pytest.fixture
async def bens(client: httpx.AsyncClient, db: Database, ben: User) -> dict[str, str]:
    return await signed_in(client, db, ben)


def message(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"text": text, "cid": str(uuid.uuid4())} | more


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_posting_reading_editing_and_deleting(
    client: httpx.AsyncClient, live: MadeLive, bens: dict[str, str], ben: User
) -> None:
    url = f"/api/lives/{live.id}/messages"
    sent = await client.post(url, json=message("one"), headers=bens)
    assert (sent.status_code, sent.json()["seq"]) == (200, 1)
    assert (await client.post(url, json=message("two", reply_to=1), headers=bens)).json()["seq"] == 2
    page = (await client.get(url)).json()
    first, second = page["items"]
    assert first == {
        "seq": 1, "at": first["at"], "by": {"id": ben.id, "name": ben.username, "display": ben.username.title()},
        "text": "one", "edited": False, "deleted": None,
    }  # fmt: skip
    assert second["reply"] == {"seq": 1, "name": ben.username, "text": "one"}
    assert (page["has_more"], page["seq"], page["epoch"]) == (False, 2, sent.json()["epoch"])
    assert (await client.patch(f"{url}/1", json={"text": "better"}, headers=bens)).status_code == 204
    assert (await client.delete(f"{url}/2", headers=bens)).status_code == 204
    first, second = (await client.get(f"{url}?after=0&limit=2")).json()["items"]
    assert (first["text"], first["edited"], second["text"], second["deleted"]) == ("better", True, "", "author")
    assert [m["seq"] for m in (await client.get(f"{url}?before=2")).json()["items"]] == [1]


async def test_many_at_once_share_a_commit_and_each_has_its_own_answer(
    client: httpx.AsyncClient, app: Starlette, db: Database, live: MadeLive, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await signed_in(client, db) for _ in range(10)]
    await db.execute("update chat_rules set blocked_words = array['bad']")
    url = f"/api/lives/{live.id}/messages"
    posts = app.state.deps.chat._posts
    put, came = posts.put, asyncio.Semaphore(0)

    async def counted(*args: Any) -> Any:
        came.release()
        return await put(*args)

    monkeypatch.setattr(posts, "put", counted)
    sending = [client.post(url, json=message("bad" if n == 3 else f"m{n}"), headers=p) for n, p in enumerate(people)]
    sending.append(client.post("/api/lives/AAAAAAAAAAAA/messages", json=message(), headers=people[0]))
    # Somebody has the chat until all of them are there: who is alone does not wait for others.
    async with db.transaction() as busy:
        await busy.execute("select chat.lock_rooms($1)", [live.id])
        sent = asyncio.gather(*sending)
        for _ in sending:
            await soon(came.acquire())
    answers = await sent
    assert answers[3].json() == {"held": True}
    assert code(answers[10]) == (404, "not_found")
    numbers = [a.json()["seq"] for n, a in enumerate(answers) if n not in (3, 10)]
    assert sorted(numbers) == list(range(1, 10))
    shown = {m["seq"]: m["text"] for m in (await client.get(url)).json()["items"]}
    assert [shown[a.json()["seq"]] for n, a in enumerate(answers) if n not in (3, 10)] == [
        f"m{n}" for n in range(10) if n != 3
    ]
    # One statement wrote those that came while the first was being written.
    assert await db.fetchval("select count(distinct at) from chat_messages") <= 2


@pytest.mark.parametrize(
    ("rule", "status", "error"),
    [
        ("update chat_rules set is_open = false", 409, "chat_closed"),
        ("update chat_rules set followers_only = true", 403, "followers_only"),
        ("update chat_rules set verified_only = true", 403, "verified_only"),
        ("update chat_rules set link_rule = 'block'", 422, "links_blocked"),
        ("update lives set status = 'ended', ended_at = now()", 409, "live_ended"),
        ("insert into chat_bans (live_id, user_id) select l.id, max(u.id) from lives l, users u group by l.id", 403,
         "chat_banned"),
    ],
)  # fmt: skip
async def test_rules_answer_with_their_code(
    client: httpx.AsyncClient, db: Database, live: MadeLive, rule: str, status: int, error: str
) -> None:
    headers = await signed_in(client, db, await make_user(db, is_verified=False))
    await db.execute(rule)
    base = f"/api/lives/{live.id}"
    answer = await client.post(f"{base}/messages", json=message("see www.example.com"), headers=headers)
    assert code(answer) == (status, error)
    if error != "links_blocked":
        for path, body in (("typing", None), ("effects", {"emoji": "🎉"})):
            assert code(await client.post(f"{base}/{path}", json=body, headers=headers)) == (status, error)


async def test_slow_down_says_for_how_long(
    client: httpx.AsyncClient, db: Database, live: MadeLive, bens: dict[str, str]
) -> None:
    await db.execute("update chat_rules set slow_seconds = 3600")
    url = f"/api/lives/{live.id}/messages"
    assert (await client.post(url, json=message(), headers=bens)).status_code == 200
    slowed = await client.post(url, json=message(), headers=bens)
    assert code(slowed) == (429, "slow_down")
    assert 3500 <= int(slowed.headers["retry-after"]) <= 3600


async def test_unique_chat_over_the_route(
    client: httpx.AsyncClient, db: Database, live: MadeLive, bens: dict[str, str]
) -> None:
    await db.execute("update chat_rules set unique_only = true")
    url = f"/api/lives/{live.id}/messages"
    await client.post(url, json=message("same"), headers=bens)
    assert code(await client.post(url, json=message(" SAME "), headers=bens)) == (409, "not_unique")


async def test_an_edit_too_late_or_with_a_blocked_word(
    client: httpx.AsyncClient, db: Database, live: MadeLive, bens: dict[str, str]
) -> None:
    url = f"/api/lives/{live.id}/messages"
    seq = (await client.post(url, json=message(), headers=bens)).json()["seq"]
    await db.execute("update chat_rules set blocked_words = array['bad']")
    assert code(await client.patch(f"{url}/{seq}", json={"text": "bad"}, headers=bens)) == (422, "words_blocked")
    await db.execute("update chat_messages set at = at - interval '1 day'")
    assert code(await client.patch(f"{url}/{seq}", json={"text": "good"}, headers=bens)) == (409, "too_late")
    for wrong in ("x", "-1", "99999999999999999999", "1.5", "%20", "٣"):
        assert code(await client.patch(f"{url}/{wrong}", json={"text": "x"}, headers=bens)) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": "x"}, {"cid": str(uuid.uuid4())}, message(""), message(" \n "), message("x" * 501),
        message("x" * 20_000), message("\x00"), message("x", cid="1"), message("x", reply_to=-1),
        message("x", reply_to=2**63), message("x", user_id=1), message("x", seq=7),
        {"text": 1, "cid": str(uuid.uuid4())},
    ],
)  # fmt: skip
async def test_wrong_messages_are_422(
    client: httpx.AsyncClient, db: Database, live: MadeLive, bens: dict[str, str], body: dict[str, Any]
) -> None:
    answer = await client.post(f"/api/lives/{live.id}/messages", json=body, headers=bens)
    assert code(answer) == (422, "invalid")
    assert await db.fetchval("select count(*) from chat_messages") == 0


@pytest.mark.parametrize("query", ["before=-1", "after=x", "limit=0", "limit=101", "before=9223372036854775808"])
async def test_wrong_queries_are_422(client: httpx.AsyncClient, live: MadeLive, query: str) -> None:
    assert code(await client.get(f"/api/lives/{live.id}/messages?{query}")) == (422, "invalid")


async def test_only_known_emoji_fly(client: httpx.AsyncClient, live: MadeLive, bens: dict[str, str]) -> None:
    url = f"/api/lives/{live.id}/effects"
    assert (await client.post(url, json={"emoji": "❤️"}, headers=bens)).status_code == 204
    for wrong in ("❤️❤️", "x", "", "<script>", "🍆"):
        assert code(await client.post(url, json={"emoji": wrong}, headers=bens)) == (422, "invalid")
    assert (await client.post(url, json={"emoji": "🎉"})).status_code == 401
    # Who is slow is given new ones meanwhile; nobody is faster than all of these at once.
    answers = await asyncio.gather(*(client.post(url, json={"emoji": "🎉"}, headers=bens) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {204, 429}


async def test_a_moderators_day(
    client: httpx.AsyncClient, db: Database, live: MadeLive, ben: User, mine: dict[str, str], bens: dict[str, str]
) -> None:
    base = f"/api/lives/{live.id}"
    moderator = await make_user(db)
    theirs = await signed_in(client, db, moderator)
    assert (await client.put(f"{base}/moderators/{moderator.username}", headers=mine)).status_code == 204
    (listed,) = (await client.get(f"{base}/moderators", headers=theirs)).json()["items"]
    assert listed["username"] == moderator.username
    rules = {"slow_seconds": 5, "link_rule": "hold", "blocked_words": ["bad"]}
    changed = (await client.patch(f"{base}/chat", json=rules, headers=theirs)).json()
    assert changed == (await client.get(f"{base}/chat", headers=mine)).json()
    assert {k: changed[k] for k in rules} == rules
    held = (await client.post(f"{base}/messages", json=message("bad"), headers=bens)).json()
    assert held == {"held": True}
    (waiting,) = (await client.get(f"{base}/held", headers=theirs)).json()["items"]
    assert (waiting["by"]["name"], waiting["why"]) == (ben.username, "word")
    reviewed = await client.post(f"{base}/held/{waiting['id']}", json={"verdict": "approved"}, headers=theirs)
    assert reviewed.status_code == 204
    (shown,) = (await client.get(f"{base}/messages")).json()["items"]
    assert (await client.put(f"{base}/pin", json={"seq": shown["seq"]}, headers=theirs)).status_code == 204
    assert (await client.get(base)).json()["pinned"] == shown
    assert (await client.delete(f"{base}/pin", headers=theirs)).status_code == 204
    ban = {"seconds": 3600, "reason": "enough"}
    assert (await client.put(f"{base}/bans/{ben.username}", json=ban, headers=theirs)).status_code == 204
    (banned,) = (await client.get(f"{base}/bans", headers=mine)).json()["items"]
    assert (banned["user"]["username"], banned["reason"]) == (ben.username, "enough")
    me = (await client.get(base, headers=bens)).json()["me"]["restriction"]
    assert (me["kind"], me["reason"]) == ("timeout", "enough")
    refused = await client.post(f"{base}/messages", json=message(), headers=bens)
    assert code(refused) == (403, "chat_banned")
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert (await client.delete(f"{base}/bans/{ben.username}", headers=theirs)).status_code == 204
    assert (await client.post(f"{base}/clear", headers=theirs)).status_code == 204
    assert (await client.get(f"{base}/messages")).json()["items"] == []
    pages, url = [], f"{base}/audit?limit=3"
    while url:
        page = (await client.get(url, headers=mine)).json()
        pages += page["items"]
        url = f"{base}/audit?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert [entry["action"] for entry in reversed(pages)] == [
        "add_moderator", "rules", "approve", "pin", "unpin", "timeout", "unban", "clear",
    ]  # fmt: skip
    assert (await client.delete(f"{base}/moderators/{moderator.username}", headers=mine)).status_code == 204
    assert code(await client.get(f"{base}/held", headers=theirs)) == (403, "forbidden")


async def test_strangers_may_not_keep_order(
    client: httpx.AsyncClient, db: Database, live: MadeLive, ben: User, bens: dict[str, str]
) -> None:
    """Of a live everybody sees: 403, where a private one is 404 (tests/attacks/test_bola.py)."""
    base = f"/api/lives/{live.id}"
    id = await hold(db, live, ben.id, "held")
    for method, path, body in (
        ("GET", "chat", None), ("PATCH", "chat", {"slow_seconds": 1}), ("PUT", "pin", {"seq": 1}),
        ("DELETE", "pin", None), ("POST", "clear", None),
        ("GET", "moderators", None), ("PUT", f"moderators/{ben.username}", None),
        ("DELETE", f"moderators/{ben.username}", None), ("GET", "bans", None),
        ("PUT", f"bans/{ben.username}", {"seconds": None}), ("DELETE", f"bans/{ben.username}", None),
        ("GET", "held", None), ("POST", f"held/{id}", {"verdict": "approved"}), ("GET", "audit", None),
    ):  # fmt: skip
        answer = await client.request(method, f"{base}/{path}", json=body, headers=bens)
        assert code(answer) == (403, "forbidden"), path
        assert (await client.request(method, f"{base}/{path}", json=body)).status_code == 401


async def test_bans_come_in_pages_without_a_gap(
    client: httpx.AsyncClient, db: Database, live: MadeLive, mine: dict[str, str]
) -> None:
    base = f"/api/lives/{live.id}"
    names = []
    for _ in range(7):
        user = await make_user(db)
        names.append(user.username)
        assert (await client.put(f"{base}/bans/{user.username}", json={"seconds": None}, headers=mine)).is_success
    # Several of one moment, as when an operator bans a crowd; and one whose time is over.
    await db.execute("update chat_bans set created_at = date_trunc('second', created_at) - interval '1 hour'")
    await db.execute(
        "update chat_bans set until = now() where user_id = (select id from users where username = $1)", names[2]
    )
    seen: list[str] = []
    pages, cursor = 0, None
    while pages == 0 or cursor:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{base}/bans", params=query, headers=mine)).json()
        seen += [ban["user"]["username"] for ban in page["items"]]
        pages, cursor = pages + 1, page["next_cursor"]
        if pages == 1:
            # A new one meanwhile, and one that is lifted further down, shift nothing.
            late = await make_user(db)
            assert (await client.put(f"{base}/bans/{late.username}", json={"seconds": 60}, headers=mine)).is_success
            assert (await client.delete(f"{base}/bans/{names[0]}", headers=mine)).is_success
    assert seen == [name for name in reversed(names) if name not in (names[0], names[2])]
    assert pages == 3
    wrong = await client.get(f"{base}/bans", params={"cursor": "YXVkaXQuMC4x"}, headers=mine)
    assert code(wrong) == (422, "invalid")


async def test_wrong_moderation_is_refused_in_words(
    client: httpx.AsyncClient, live: MadeLive, ben: User, mine: dict[str, str]
) -> None:
    base = f"/api/lives/{live.id}"
    body: dict[str, Any] | None
    for method, path, body in (
        ("PATCH", "chat", {"slow_seconds": 3601}), ("PATCH", "chat", {"link_rule": "maybe"}),
        ("PATCH", "chat", {"blocked_words": ["x"] * 201}), ("PATCH", "chat", {"blocked_words": ["x" * 61]}),
        ("PATCH", "chat", {"blocked_words": ["ﷺ" * 59 + "x"] * 9}),
        ("PATCH", "chat", {"owner": 1}), ("PUT", f"bans/{ben.username}", {}),
        ("PUT", f"bans/{ben.username}", {"seconds": 0}),
        ("PUT", f"bans/{ben.username}", {"seconds": 10**9}), ("POST", "held/1", {"verdict": "maybe"}),
        ("PUT", "pin", {"seq": "1"}),
    ):  # fmt: skip
        answer = await client.request(method, f"{base}/{path}", json=body, headers=mine)
        assert code(answer) == (422, "invalid"), (path, body)
    for method, path, body in (
        ("PUT", "bans/nobody_at_all", {"seconds": None}), ("DELETE", "bans/nobody_at_all", None),
        ("PUT", "moderators/nobody_at_all", None), ("DELETE", "moderators/nobody_at_all", None),
    ):  # fmt: skip
        assert code(await client.request(method, f"{base}/{path}", json=body, headers=mine)) == (404, "not_found")
    for id in ("x", "0", "99999999999999999999"):
        answer = await client.post(f"{base}/held/{id}", json={"verdict": "approved"}, headers=mine)
        assert code(answer) == (404, "not_found")
