"""Lives over the routes: making, finding, changing, and who is refused what."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.pg.live_lists import KEYS
from app.pg.pool import Database
from tests.factories import make_user, signed_in
from tests.lives import in_hours, make_live


async def titles(client: httpx.AsyncClient, url: str, headers: dict[str, str] | None = None) -> list[str]:
    answer = await client.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def create(client: httpx.AsyncClient, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/lives", json={"title": "An evening"} | body, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_live_from_its_making_to_its_end(client: httpx.AsyncClient, db: Database) -> None:
    mine = await signed_in(client, db)
    made = await create(client, mine, title="  An evening ", scheduled_at=in_hours(2).isoformat())
    assert made["title"] == "An evening"
    assert made["status"] == "scheduled"
    assert made["channel"] == f"live:{made['id']}"
    assert made["me"] == {"is_owner": True, "is_moderator": False, "is_following": False, "restriction": None}
    assert made["chat"] == {
        "is_open": True, "slow_seconds": 0, "followers_only": False, "verified_only": False, "unique_only": False,
        "link_rule": "allow",
    }  # fmt: skip
    url = f"/api/lives/{made['id']}"
    early = (await client.post(f"{url}/end", headers=mine)).json()
    assert early["error"] == "live_not_started"
    started = (await client.post(f"{url}/start", headers=mine)).json()
    assert (started["status"], started["ended_at"]) == ("live", None)
    assert started["started_at"].endswith("Z")
    assert (await client.post(f"{url}/start", headers=mine)).json() == started
    ended = (await client.post(f"{url}/end", headers=mine)).json()
    assert (ended["status"], ended["end_reason"]) == ("ended", None)
    assert (await client.post(f"{url}/end", headers=mine)).json() == ended
    for path in ("start", "key"):
        refused = await client.post(f"{url}/{path}", headers=mine)
        assert (refused.status_code, refused.json()["error"]) == (409, "live_ended")
    seen = (await client.get(url)).json()
    assert seen["me"]["is_owner"] is False
    assert seen["key_hint"] is None


async def test_the_stream_key_is_shown_once_and_kept_as_a_hash(client: httpx.AsyncClient, db: Database) -> None:
    mine = await signed_in(client, db)
    made = await create(client, mine)
    first = made["stream_key"]
    assert len(first) >= 22  # 128 bits in base64
    assert made["key_hint"] == first[-4:]
    url = f"/api/lives/{made['id']}"
    assert "stream_key" not in (await client.get(url, headers=mine)).json()
    second = (await client.post(f"{url}/key", headers=mine)).json()
    assert second["stream_key"] != first
    assert (await client.get(url, headers=mine)).json()["key_hint"] == second["stream_key"][-4:]
    kept = await db.fetchval("select key_hash from lives where public_id = $1", made["id"])
    assert kept == hashlib.sha256(second["stream_key"].encode()).digest()
    whole = await db.fetchval("select v::text from lives v where public_id = $1", made["id"])
    assert first not in whole
    assert second["stream_key"] not in whole


async def test_lists_hold_what_is_public(client: httpx.AsyncClient, db: Database) -> None:
    owner, other = await make_user(db), await make_user(db)
    await make_live(db, owner.id, "on air", status="live")
    await make_live(db, other.id, "on air too", status="live")
    await make_live(db, owner.id, "later", scheduled_at=in_hours(5))
    await make_live(db, owner.id, "sooner", scheduled_at=in_hours(1))
    await make_live(db, owner.id, "without a date")
    await make_live(db, owner.id, "over", status="ended")
    for visibility in ("unlisted", "private"):
        for status in ("scheduled", "live", "ended"):
            await make_live(db, owner.id, visibility, visibility=visibility, status=status, scheduled_at=in_hours(1))
    deleted = await make_live(db, owner.id, "deleted", status="live")
    mine = await signed_in(client, db, owner)
    assert (await client.delete(f"/api/lives/{deleted.id}", headers=mine)).status_code == 204
    assert await titles(client, "/api/lives") == ["on air too", "on air"]
    assert await titles(client, "/api/lives?status=upcoming") == ["sooner", "later"]
    assert await titles(client, "/api/lives?status=past") == ["over"]
    name = owner.username.upper()
    assert await titles(client, f"/api/lives?owner={name}") == ["on air"]
    assert await titles(client, f"/api/lives?status=upcoming&owner={name}") == ["sooner", "later"]
    assert await titles(client, f"/api/lives?status=past&owner={name}") == ["over"]
    assert await titles(client, "/api/lives?owner=nobody_at_all") == []
    assert len(await titles(client, "/api/users/me/lives", mine)) == 11
    assert (await client.get("/api/users/me/lives")).status_code == 401


@pytest.mark.parametrize("url", ["/api/lives", "/api/lives?status=upcoming", "/api/lives?status=past"])
@pytest.mark.parametrize("of_owner", [False, True])
async def test_pages_follow_each_other_without_gap_or_repeat(
    client: httpx.AsyncClient, db: Database, url: str, of_owner: bool
) -> None:
    owner = await make_user(db)
    status = {"": "live", "upcoming": "scheduled", "past": "ended"}[url.partition("=")[2]]
    at = in_hours(1)
    for n in range(7):
        await make_live(db, owner.id, f"l{n}", status=status, scheduled_at=at)
    # Equal times: the number decides.
    await db.execute("update lives set started_at = now() - interval '1 day' where started_at is not null")
    await db.execute("update lives set ended_at = now() where ended_at is not null")
    url += ("&" if "?" in url else "?") + "limit=3" + (f"&owner={owner.username}" if of_owner else "")
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await client.get(url + (f"&cursor={cursor}" if cursor else ""))).json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"l{n}" for n in (range(7) if status == "scheduled" else reversed(range(7)))]


async def test_mine_come_in_pages(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    for n in range(3):
        await make_live(db, owner.id, f"l{n}", visibility="private")
    page = (await client.get("/api/users/me/lives?limit=2", headers=mine)).json()
    assert [item["title"] for item in page["items"]] == ["l2", "l1"]
    assert await titles(client, f"/api/users/me/lives?limit=2&cursor={page['next_cursor']}", mine) == ["l0"]


@pytest.mark.parametrize(
    "query",
    ["status=ended", "cursor=rubbish", "cursor=cGFzdC4xLjI", "limit=0", "limit=101",
     "cursor=bGl2ZS4tOTIyMzM3MjAzNjg1NDc3NTgwNy4x"],
)  # fmt: skip
async def test_wrong_queries_are_422(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/lives?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [query.partition("=")[0]]


async def test_wrong_dates_and_texts_are_422(client: httpx.AsyncClient, db: Database) -> None:
    mine = await signed_in(client, db)
    live = await create(client, mine)
    for wrong in (
        {"scheduled_at": in_hours(-1).isoformat()}, {"scheduled_at": in_hours(24 * 400).isoformat()},
        {"scheduled_at": "2099-01-01T00:00:00"}, {"scheduled_at": "9999-12-31T23:59:59-23:00"},
        {"scheduled_at": "0001-01-01T00:00:00+23:00"}, {"scheduled_at": "tomorrow"}, {"scheduled_at": 5},
        {"title": " "}, {"title": ""}, {"title": "x" * 151}, {"title": "\x00"}, {"visibility": "secret"},
        {"description": "x" * 5001}, {"status": "live"}, {"owner_id": 1},
    ):  # fmt: skip
        made = await client.post("/api/lives", json={"title": "t"} | wrong, headers=mine)
        changed = await client.patch(f"/api/lives/{live['id']}", json=wrong, headers=mine)
        assert (made.status_code, changed.status_code) == (422, 422), wrong
        assert set(made.json()["fields"]) == set(wrong)
    # A clock that is slow by a moment is no mistake.
    await create(client, mine, scheduled_at=in_hours(-1 / 120).isoformat())


async def test_change(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db)
    live = await make_live(db, owner.id, "before", description="kept")
    url = f"/api/lives/{live.id}"
    at = in_hours(3)
    answer = await client.patch(url, json={"title": " after ", "scheduled_at": at.isoformat()}, headers=mine)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["title"], changed["description"]) == ("after", "kept")
    assert changed["scheduled_at"] == at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
    for method, path in (("PATCH", url), ("DELETE", url), *(("POST", f"{url}/{v}") for v in ("start", "end", "key"))):
        body = {"json": {"title": "mine"}} if method == "PATCH" else {}
        assert (await client.request(method, path, headers=theirs, **body)).status_code == 404  # type: ignore[arg-type]
        assert (await client.request(method, path, **body)).status_code == 401  # type: ignore[arg-type]
    await client.post(f"{url}/start", headers=mine)
    late = await client.patch(url, json={"scheduled_at": at.isoformat()}, headers=mine)
    assert (late.status_code, late.json()["error"]) == (409, "live_started")
    await client.post(f"{url}/end", headers=mine)
    late = await client.patch(url, json={"scheduled_at": at.isoformat()}, headers=mine)
    assert (late.status_code, late.json()["error"]) == (409, "live_ended")
    assert (await client.patch(url, json={"title": "still"}, headers=mine)).json()["title"] == "still"


async def test_a_private_live_is_its_owners_and_moderators_alone(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db)
    live = await make_live(db, owner.id, visibility="private", status="live")
    assert (await client.get(f"/api/lives/{live.id}", headers=mine)).status_code == 200
    assert (await client.get(f"/api/lives/{live.id}", headers=theirs)).status_code == 404
    assert (await client.get(f"/api/lives/{live.id}")).status_code == 404
    helper = await make_user(db)
    as_helper, named = await signed_in(client, db, helper), f"/api/lives/{live.id}/moderators/{helper.username}"
    assert (await client.get(f"/api/lives/{live.id}", headers=as_helper)).status_code == 404
    assert (await client.put(named, headers=mine)).status_code == 204
    seen = (await client.get(f"/api/lives/{live.id}", headers=as_helper)).json()
    assert (seen["me"]["is_moderator"], seen["me"]["is_owner"], seen["key_hint"]) == (True, False, None)
    history = await client.get(f"/api/lives/{live.id}/messages", headers=as_helper)
    assert history.json()["items"] == []
    slower = await client.patch(f"/api/lives/{live.id}/chat", json={"slow_seconds": 30}, headers=as_helper)
    assert slower.json()["slow_seconds"] == 30
    assert (await client.patch(f"/api/lives/{live.id}", json={"title": "x"}, headers=as_helper)).status_code == 404
    assert (await client.delete(named, headers=mine)).status_code == 204
    assert (await client.get(f"/api/lives/{live.id}", headers=as_helper)).status_code == 404
    unlisted = await make_live(db, owner.id, visibility="unlisted")
    assert (await client.get(f"/api/lives/{unlisted.id}")).status_code == 200
    assert (await client.get("/api/lives/nothing")).status_code == 404


async def test_following_counts_once_however_often_it_is_said(client: httpx.AsyncClient, db: Database) -> None:
    creator = await make_user(db)
    live = await make_live(db, creator.id)
    fan, other = await signed_in(client, db), await signed_in(client, db)
    url = f"/api/users/{creator.username.upper()}/follow"
    for _ in range(2):
        assert (await client.put(url, headers=fan)).json() == {"is_following": True, "follower_count": 1}
    assert (await client.put(url, headers=other)).json() == {"is_following": True, "follower_count": 2}
    assert (await client.get(url)).json() == {"is_following": False, "follower_count": 2}
    shown = (await client.get(f"/api/lives/{live.id}", headers=fan)).json()
    assert (shown["me"]["is_following"], shown["owner"]["follower_count"]) == (True, 2)
    for _ in range(2):
        assert (await client.delete(url, headers=fan)).json() == {"is_following": False, "follower_count": 1}
    own = await client.put(url, headers=await signed_in(client, db, creator))
    assert (own.status_code, list(own.json()["fields"])) == (422, ["username"])
    for method in ("GET", "PUT", "DELETE"):
        assert (await client.request(method, "/api/users/nobody_at_all/follow", headers=fan)).status_code == 404
    assert (await client.put(url)).status_code == 401


async def test_so_many_open_lives_and_no_more(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    lives = [await make_live(db, owner.id) for _ in range(20)]
    refused = await client.post("/api/lives", json={"title": "one more"}, headers=mine)
    assert (refused.status_code, refused.json()["error"]) == (409, "too_many_lives")
    await client.delete(f"/api/lives/{lives[0].id}", headers=mine)
    await create(client, mine)


async def test_changes_show_in_the_cached_lists_with_their_answer(
    client: httpx.AsyncClient, app: Starlette, db: Database
) -> None:
    mine = await signed_in(client, db)

    async def shown() -> list[list[str]]:
        # Twice, so that the second is answered from the cache where it may be.
        for _ in range(2):
            found = [await titles(client, f"/api/lives?status={s}&limit=24") for s in ("live", "upcoming", "past")]
        return found

    assert await shown() == [[], [], []]
    made = await create(client, mine, scheduled_at=in_hours(1).isoformat())
    url = f"/api/lives/{made['id']}"
    assert await shown() == [[], ["An evening"], []]
    await client.patch(url, json={"title": "New"}, headers=mine)
    assert await shown() == [[], ["New"], []]
    await client.post(f"{url}/start", headers=mine)
    assert await shown() == [["New"], [], []]
    await client.patch(url, json={"visibility": "private"}, headers=mine)
    assert await shown() == [[], [], []]
    await client.patch(url, json={"visibility": "public"}, headers=mine)
    await client.post(f"{url}/end", headers=mine)
    assert await shown() == [[], [], ["New"]]
    await client.delete(url, headers=mine)
    assert await shown() == [[], [], []]
    text = app.state.deps.metrics.render().decode()
    found = dict(re.findall(r'^trunkline_cache_total\{outcome="(\w+)"[^}]*\} ([0-9.]+)$', text, re.M))
    assert float(found.get("near", 0)) + float(found.get("hit", 0)) >= 12


async def test_sql_and_python_name_the_same_keys(db: Database) -> None:
    await db.execute("select live.drop_cached()")
    assert [row["key"] for row in await db.fetch("select key from cache_data order by key")] == sorted(KEYS)


async def test_a_deletion_is_taken_back_for_a_moment(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db)
    made = [await make_live(db, owner.id, status=status) for status in ("scheduled", "live", "ended")]
    for live in made:
        await client.delete(f"/api/lives/{live.id}", headers=mine)
        assert (await client.post(f"/api/lives/{live.id}/restore", headers=theirs)).status_code == 404
    # What was on air is over; what is to come is still to come.
    back = [await client.post(f"/api/lives/{live.id}/restore", headers=mine) for live in made]
    assert [answer.json()["status"] for answer in back] == ["scheduled", "ended", "ended"]
    shown = (await client.get("/api/users/me/lives", headers=mine)).json()["items"]
    assert {item["id"] for item in shown} == {live.id for live in made}
    assert (await client.post(f"/api/lives/{made[0].id}/restore", headers=mine)).status_code == 404
    await client.delete(f"/api/lives/{made[0].id}", headers=mine)
    await db.execute("update lives set deleted_at = now() - interval '61 seconds' where id = $1", made[0].number)
    assert (await client.post(f"/api/lives/{made[0].id}/restore", headers=mine)).status_code == 404
