"""A5 to A8, A11, A13: forged, borrowed, reused and outlived credentials, through the real routes."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid

import httpx
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.pg.pool import Database
from app.routes import ENDPOINTS
from app.routes.http import Access, Endpoint
from tests.auth.test_tokens import forge
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import PASSWORD, SAME_ORIGIN, log_in, make_user, signed_in

CLOSED = [e for e in ENDPOINTS if e.access not in (Access.PUBLIC, Access.OPTIONAL)]


def path(endpoint: Endpoint) -> str:
    """An address that fits the endpoint, naming nothing that exists."""
    parts = [("1" if p.endswith("n}") else "x" * 12) if p.startswith("{") else p for p in endpoint.path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("endpoint", CLOSED, ids=lambda e: f"{e.method} {e.path}")
async def test_every_closed_endpoint_refuses_strangers(client: httpx.AsyncClient, endpoint: Endpoint) -> None:
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Authorization": f"Bearer {forge(header={'alg': 'none'})}"},
        # Rightly signed, for a session that never was.
        {"Authorization": f"Bearer {forge()}"},
        {"X-Forwarded-User": "admin", "X-User-Id": "1", "Cookie": "user_id=1"},
    ):
        answer = await client.request(endpoint.method, path(endpoint), headers=headers)
        assert answer.status_code == 401, (headers, answer.text)


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.access is Access.OPTIONAL], ids=lambda e: f"{e.method} {e.path}"
)
async def test_where_tokens_are_optional_a_wrong_one_is_still_refused(
    client: httpx.AsyncClient, endpoint: Endpoint
) -> None:
    answer = await client.request(endpoint.method, path(endpoint), headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


async def test_a_token_of_one_session_does_not_fit_another_user(client: httpx.AsyncClient, db: Database) -> None:
    victim = await make_user(db)
    user = await make_user(db)
    await log_in(client, user.username)
    session = await db.fetchval("select id from sessions where user_id = $1", user.id)
    for claims in ({"sub": str(victim.id), "sid": str(session)}, {"sub": str(user.id), "sid": str(uuid.uuid4())}):
        answer = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {forge(claims)}"})
        assert answer.status_code == 401


async def test_kinds_of_credentials_cannot_be_swapped(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    access, cookie = headers["Authorization"].split()[1], client.cookies["rt"]
    assert (await client.get("/api/auth/me", headers={"Authorization": f"Bearer {cookie}"})).status_code == 401
    client.cookies.clear()
    swapped = await client.post("/api/auth/refresh", headers={**SAME_ORIGIN, "Cookie": f"rt={access}"})
    assert swapped.status_code == 401
    # In the address a token would end up in logs: nobody reads it there.
    for name in ("access_token", "token", "authorization"):
        assert (await client.get("/api/auth/me", params={name: access})).status_code == 401


async def test_a_lost_role_and_a_ban_are_noticed_within_five_seconds(settings: Settings, db: Database) -> None:
    """Other processes learn it when their short memory ends; the clock is moved instead of waiting."""
    user = await make_user(db, role="admin")
    async with running_app(settings) as app, browser(app) as client:
        now = asyncio.get_running_loop().time()
        app.state.deps.sessions.clock = lambda: now
        headers = await log_in(client, user.username)
        session_id = str(await db.fetchval("select id from sessions"))
        sessions = app.state.deps.sessions
        holder = await sessions.check(session_id)
        assert holder.role == "admin"
        await db.execute("select ops.set_role($1, 'user')", user.username)
        now += 5
        assert (await sessions.check(session_id)).role == "user"
        await db.execute("select ops.ban_user($1, 'spam')", user.username)
        now += 5
        assert (await client.get("/api/auth/me", headers=headers)).status_code == 401


async def test_roles_open_no_more_than_they_should(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    for endpoint in ENDPOINTS:
        if endpoint.access in (Access.MODERATOR, Access.ADMIN):
            answer = await client.request(endpoint.method, path(endpoint), headers=headers)
            assert answer.status_code == 403, endpoint.path


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"is_admin": True}, {"id": 1}, {"is_email_verified": True}])
async def test_nobody_registers_with_more_than_the_form_has(
    client: httpx.AsyncClient, db: Database, extra: dict[str, object]
) -> None:
    body = {"username": "mallory", "email": "m@example.com", "password": PASSWORD, **extra}
    assert (await client.post("/api/auth/register", json=body)).status_code == 422
    assert await db.fetchval("select count(*) from users") == 0


@pytest.mark.parametrize("token", ["", "x", "x" * 200, "x" * 201, "0" * 43, "\x00", "%00", "' or 1=1 --"])
async def test_guessed_links_are_refused(client: httpx.AsyncClient, db: Database, token: str) -> None:
    await make_user(db)
    for url, body in (("email/verify", {}), ("password/reset", {"password": "quite another 22"})):
        answer = await client.post(f"/api/auth/{url}", json={"token": token, **body})
        assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Original-URL": "/api/auth/me"},
        {"X-Rewrite-URL": "/api/auth/me"},
        {"User-Agent": "Googlebot"},
    ],
)
async def test_special_headers_have_no_effect(app: Starlette, db: Database, headers: dict[str, str]) -> None:
    async with browser(app) as client:
        token = await signed_in(client, db)
        assert (await client.get("/api/auth/sessions", headers={**token, **headers})).status_code == 200
        assert (await client.get("/api/auth/sessions", headers=headers)).status_code == 401
        assert await db.fetchval("select count(*) from sessions where revoked_at is null") == 1


async def test_a_refresh_token_reused_ends_what_the_thief_got(settings: Settings, db: Database) -> None:
    settings = dataclasses.replace(settings, refresh_grace_seconds=0.0)
    async with running_app(settings) as app, browser(app) as owner, browser(app, "10.9.9.9") as thief:
        await signed_in(owner, db)
        copy = owner.cookies["rt"]
        stolen = await thief.post("/api/auth/refresh", headers={**SAME_ORIGIN, "Cookie": f"rt={copy}"})
        assert stolen.status_code == 200
        assert (await owner.post("/api/auth/refresh", headers=SAME_ORIGIN)).status_code == 401
        bearer = {"Authorization": f"Bearer {stolen.json()['access_token']}"}
        assert (await thief.get("/api/auth/me", headers=bearer)).status_code == 401
        assert (await thief.post("/api/auth/refresh", headers=SAME_ORIGIN)).status_code == 401
