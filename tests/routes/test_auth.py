"""Signing up, in and out through the real routes."""

from __future__ import annotations

import httpx

from app.pg.pool import Database
from tests.factories import PASSWORD, SAME_ORIGIN, make_user, signed_in

NEW = {"username": "Anna_1", "email": "anna@example.com", "password": PASSWORD, "locale": "ko"}


async def test_register_signs_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json=NEW)
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert session["expires_in"] == 600
    assert session["user"]["username"] == "Anna_1"
    assert session["user"]["is_email_verified"] is False
    me = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {session['access_token']}"})
    assert me.status_code == 200
    assert me.json() == session["user"]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json=NEW)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("rt=")
    assert "; Path=/; HttpOnly; SameSite=Strict" in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_a_taken_name_is_told_whatever_its_case(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/register", json=NEW)
    again = await client.post("/api/auth/register", json={**NEW, "username": "ANNA_1", "email": "b@example.com"})
    assert again.status_code == 409
    assert again.json()["error"] == "username_taken"
    assert again.json()["fields"] == {"username": "is taken"}


async def test_log_in_by_name_and_by_address(client: httpx.AsyncClient, db: Database) -> None:
    user = await make_user(db, "Bert")
    for login in ("bert", "BERT", "Bert@Example.com"):
        answer = await client.post("/api/auth/login", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, login
        assert answer.json()["user"]["id"] == user.id


async def test_unknown_account_and_wrong_password_read_the_same(client: httpx.AsyncClient, db: Database) -> None:
    await make_user(db, "bert")
    answers = [
        await client.post("/api/auth/login", json={"login": login, "password": "not the password"})
        for login in ("bert", "nobody_here", "nobody@example.com")
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({(a.json()["error"], a.json()["message"]) for a in answers}) == 1


async def test_refresh_rotates_and_log_out_ends(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    before = client.cookies["rt"]
    fresh = await client.post("/api/auth/refresh", headers=SAME_ORIGIN)
    assert fresh.status_code == 200, fresh.text
    assert client.cookies["rt"] != before
    assert (await client.post("/api/auth/logout", headers=SAME_ORIGIN)).status_code == 204
    assert "rt" not in client.cookies
    assert (await client.get("/api/auth/me", headers=headers)).status_code == 401
    assert (await client.post("/api/auth/refresh", headers=SAME_ORIGIN)).status_code == 401
