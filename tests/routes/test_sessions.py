"""Seeing and ending sessions."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette

from app.pg.pool import Database
from tests.browser import browser
from tests.factories import SAME_ORIGIN, log_in, make_user, signed_in


async def test_the_list_names_browsers_and_marks_this_one(app: Starlette, db: Database) -> None:
    user = await make_user(db)
    async with browser(app) as here, browser(app, "203.0.113.7") as there:
        there.headers["user-agent"] = "A phone\x1b[31m"
        await log_in(there, user.username)
        headers = await log_in(here, user.username)
        await signed_in(here, db)
        items = (await here.get("/api/auth/sessions", headers=headers)).json()["items"]
        assert [(i["is_current"], i["ip"]) for i in items] == [(True, "127.0.0.1"), (False, "203.0.113.7")]
        assert items[1]["user_agent"] == "A phone[31m"
        assert set(items[0]) == {"id", "user_agent", "ip", "created_at", "last_seen_at", "is_current"}


async def test_ending_one_session_leaves_the_others(app: Starlette, db: Database) -> None:
    user = await make_user(db)
    async with browser(app) as here, browser(app) as there:
        far = await log_in(there, user.username)
        headers = await log_in(here, user.username)
        items = (await here.get("/api/auth/sessions", headers=headers)).json()["items"]
        other = next(i["id"] for i in items if not i["is_current"])
        assert (await here.delete(f"/api/auth/sessions/{other}", headers=headers)).status_code == 204
        assert (await there.get("/api/auth/me", headers=far)).status_code == 401
        assert (await there.post("/api/auth/refresh", headers=SAME_ORIGIN)).status_code == 401
        assert (await here.get("/api/auth/me", headers=headers)).status_code == 200
        assert (await here.delete(f"/api/auth/sessions/{other}", headers=headers)).status_code == 404


async def test_other_peoples_and_nonsense_sessions_are_not_found(client: httpx.AsyncClient, db: Database) -> None:
    victim = await signed_in(client, db)
    target = (await client.get("/api/auth/sessions", headers=victim)).json()["items"][0]["id"]
    attacker = await signed_in(client, db)
    for name in (target, "1", "%00", "00000000-0000-0000-0000-000000000000"):
        answer = await client.delete(f"/api/auth/sessions/{name}", headers=attacker)
        assert answer.status_code in (404, 422), name
    assert (await client.get("/api/auth/me", headers=victim)).status_code == 200


async def test_signing_out_everywhere_tells_open_browsers(app: Starlette, db: Database) -> None:
    user = await make_user(db)
    async with browser(app) as here, browser(app) as there:
        far = await log_in(there, user.username)
        headers = await log_in(here, user.username)
        assert (await here.delete("/api/auth/sessions", headers=headers)).status_code == 204
        for client, token in ((here, headers), (there, far)):
            assert (await client.get("/api/auth/me", headers=token)).status_code == 401
        assert "rt" not in here.cookies
    told = await db.fetch(
        "select data from rt.event where channel = $1 and type = $2", f"user:{user.id}", "session:revoked"
    )
    ended = await db.fetch("select id from sessions where user_id = $1 and revoked_at is not null", user.id)
    assert {t["data"]["session_id"] for t in told} == {str(e["id"]) for e in ended}
    assert len(told) == 2
