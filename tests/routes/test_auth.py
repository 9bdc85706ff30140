"""Signing up, in and out through the real routes."""

from __future__ import annotations

import dataclasses

import httpx
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.pg.pool import Database
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import PASSWORD, SAME_ORIGIN, log_in, make_user, signed_in

NEW = {"username": "Anna_1", "email": "anna@example.com", "password": PASSWORD, "locale": "ko"}


async def refresh(client: httpx.AsyncClient, cookie: str | None = None) -> httpx.Response:
    """With the client's own cookie, or with a copy that somebody kept."""
    headers = dict(SAME_ORIGIN)
    if cookie is not None:
        client.cookies.clear()
        headers["Cookie"] = f"rt={cookie}"
    return await client.post("/api/auth/refresh", headers=headers)


async def test_register_signs_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json=NEW)
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert session["expires_in"] == 600
    assert session["user"]["username"] == session["user"]["display_name"] == "Anna_1"
    assert session["user"]["is_email_verified"] is False
    assert session["user"]["locale"] == "ko"
    assert session["user"]["storage_quota_bytes"] == Settings().user_quota_bytes
    me = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {session['access_token']}"})
    assert me.status_code == 200
    assert me.json() == session["user"]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json=NEW)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("rt=")
    assert cookie.endswith("; Max-Age=2592000; Path=/; HttpOnly; SameSite=Strict")
    assert answer.headers["cache-control"] == "no-store"
    assert client.cookies["rt"] not in answer.text


async def test_on_https_the_cookie_is_bound_to_the_host(settings: Settings) -> None:
    settings = dataclasses.replace(settings, public_url="https://video.example.com")
    async with running_app(settings) as app, browser(app, base_url=settings.public_url) as client:
        answer = await client.post("/api/auth/register", json=NEW)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-rt=")
        assert cookie.endswith("; Path=/; HttpOnly; SameSite=Strict; Secure")
        assert (await client.post("/api/auth/refresh", headers=SAME_ORIGIN)).status_code == 200


async def test_a_taken_name_is_told_whatever_its_case(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/register", json=NEW)
    again = await client.post("/api/auth/register", json={**NEW, "username": "ANNA_1", "email": "b@example.com"})
    assert again.status_code == 409
    assert again.json()["error"] == "username_taken"
    assert again.json()["fields"] == {"username": "is taken"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "a" * 31),
        ("username", "has space"),
        ("username", "Admin"),
        ("username", "名字名字"),
        ("email", "nothing"),
        ("email", "two@@example.com"),
        ("email", "a@b"),
        ("email", "a@example.com\nBcc: b@example.com"),
        ("email", "a" * 250 + "@example.com"),
        ("password", "too short"),
        ("password", "x" * 129),
        ("password", "Password123!"),
        ("password", "0123456789"),
        ("password", "aaaaaaaaaaaa"),
        ("password", "Anna_1999999"),
        ("password", "anna@example.com"),
        ("display_name", "x" * 51),
        ("display_name", "two\nlines"),
        ("locale", "xx"),
    ],
)
async def test_what_cannot_be_registered_is_said_beside_the_field(
    client: httpx.AsyncClient, field: str, value: str
) -> None:
    answer = await client.post("/api/auth/register", json={**NEW, field: value})
    assert answer.status_code == 422, answer.text
    assert list(answer.json()["fields"]) == [field]


async def test_all_wrong_fields_are_told_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json={**NEW, "username": "-", "email": "-"})
    assert set(answer.json()["fields"]) == {"username", "email"}


async def test_a_long_password_counts_to_its_last_character(client: httpx.AsyncClient) -> None:
    password = "correct " * 15 + "pässwört"
    assert len(password) == 128
    await client.post("/api/auth/register", json={**NEW, "password": password})
    shorter = {"login": "Anna_1", "password": password[:-1]}
    assert (await client.post("/api/auth/login", json=shorter)).status_code == 401
    await log_in(client, "Anna_1", password)


async def test_log_in_by_name_and_by_address(client: httpx.AsyncClient, db: Database) -> None:
    user = await make_user(db, "Bert")
    for login in ("bert", "BERT", "Bert@Example.com", " bert "):
        answer = await client.post("/api/auth/login", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, login
        assert answer.json()["user"]["id"] == user.id


async def test_an_older_hash_is_renewed_at_login(client: httpx.AsyncClient, db: Database) -> None:
    user = await make_user(db)
    await log_in(client, user.username)
    hashed = await db.fetchval("select password_hash from users where id = $1", user.id)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await log_in(client, user.username)
    assert await db.fetchval("select password_hash from users where id = $1", user.id) == hashed


async def test_refresh_rotates_and_log_out_ends(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    before = client.cookies["rt"]
    fresh = await refresh(client)
    assert fresh.status_code == 200, fresh.text
    assert client.cookies["rt"] != before
    assert (await client.post("/api/auth/logout", headers=SAME_ORIGIN)).status_code == 204
    assert "rt" not in client.cookies
    assert (await client.get("/api/auth/me", headers=headers)).status_code == 401
    assert (await refresh(client)).status_code == 401


async def test_logging_out_twice_or_without_a_cookie_is_fine(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await client.post("/api/auth/logout", headers=SAME_ORIGIN)).status_code == 204


async def test_two_tabs_may_refresh_with_the_same_cookie(settings: Settings, db: Database) -> None:
    settings = dataclasses.replace(settings, refresh_grace_seconds=600.0)
    async with running_app(settings) as app, browser(app) as client:
        await signed_in(client, db)
        copy = client.cookies["rt"]
        first, second = await refresh(client, copy), await refresh(client, copy)
        assert (first.status_code, second.status_code) == (200, 200)
        # The jar keeps what came last, and goes on with that.
        assert (await refresh(client, second.cookies["rt"])).status_code == 200


async def test_a_copied_cookie_used_later_ends_the_session(settings: Settings, db: Database) -> None:
    settings = dataclasses.replace(settings, refresh_grace_seconds=0.0)
    async with running_app(settings) as app, browser(app) as owner, browser(app, "10.9.9.9") as thief:
        headers = await signed_in(owner, db)
        copy = owner.cookies["rt"]
        assert (await refresh(owner)).status_code == 200
        reused = await refresh(thief, copy)
        assert reused.status_code == 401
        assert "Max-Age=0" in reused.headers["set-cookie"]
        # Nobody knows which of the two is the owner: both are out, at once here.
        assert (await owner.get("/api/auth/me", headers=headers)).status_code == 401
        assert (await refresh(owner)).status_code == 401


async def test_a_session_that_slept_too_long_is_over(client: httpx.AsyncClient, db: Database) -> None:
    await signed_in(client, db)
    await db.execute("update sessions set expires_at = now() - interval '1 second'")
    assert (await refresh(client)).status_code == 401


async def test_refreshing_never_makes_a_session_older_than_its_limit(client: httpx.AsyncClient, db: Database) -> None:
    await signed_in(client, db)
    await db.execute("update sessions set created_at = now() - interval '179 days'")
    assert (await refresh(client)).status_code == 200
    left = await db.fetchval("select extract(epoch from expires_at - now())::float8 from sessions")
    assert 0 < left <= 86_400


async def test_a_banned_user_is_told_so_only_with_the_right_password(app: Starlette, db: Database) -> None:
    user = await make_user(db)
    async with browser(app) as client:
        await log_in(client, user.username)
        await db.fetchval("select ops.ban_user($1, 'spam')", user.username)
        assert (await refresh(client)).status_code == 401
        login = {"login": user.username, "password": PASSWORD}
        told = await client.post("/api/auth/login", json=login)
        assert (told.status_code, told.json()["error"]) == (403, "banned")
        wrong = await client.post("/api/auth/login", json={**login, "password": "something else"})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "wrong_credentials")
        await db.fetchval("select ops.unban_user($1)", user.username)
        await log_in(client, user.username)
