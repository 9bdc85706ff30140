"""A38: nothing secret gets into the logs, and nothing from outside gets out of its line."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest

from app.config import Settings
from app.logs import JsonFormatter
from app.pg.pool import Database
from tests.conftest import running_app
from tests.factories import PASSWORD, SAME_ORIGIN, log_in, make_user


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a service that logs everything writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


async def test_no_secret_is_logged(client: httpx.AsyncClient, db: Database, lines: io.StringIO) -> None:
    user = await make_user(db)
    headers = await log_in(client, user.username)
    secrets = {PASSWORD, headers["Authorization"].split()[1], client.cookies["rt"], "mistyped password"}
    wrong = {"login": user.username, "password": "mistyped password"}
    await client.post("/api/auth/login", json=wrong)
    await client.get("/api/auth/me", headers=headers)
    await client.post("/api/auth/refresh", headers=SAME_ORIGIN)
    secrets.add(client.cookies["rt"])
    for url, body in (
        ("email/verify", {"token": "a-token-from-a-mail"}),
        ("password/reset", {"token": "a-token-from-a-mail", "password": "mistyped password"}),
        ("password/change", {"current_password": PASSWORD, "new_password": "mistyped password"}),
    ):
        secrets |= set(body.values())
        await client.post(f"/api/auth/{url}", json=body, headers=headers)
    await client.get("/api/auth/me", headers={"Authorization": "Bearer eyJ.forged.token"})
    await client.post("/api/auth/logout", headers=SAME_ORIGIN)
    text = lines.getvalue()
    assert "request" in text
    assert [secret for secret in {*secrets, "eyJ.forged.token", "$argon2id$"} if secret in text] == []


async def test_refusals_say_who_was_turned_away_where_and_why(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    await client.get("/api/auth/me")
    await client.post("/api/auth/logout")
    refused = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["message"] == "refused"]
    assert [(line["rule"], line["route"], line["ip"]) for line in refused] == [
        ("not_signed_in", "/api/auth/me", "127.0.0.1"),
        ("wrong_origin", "/api/auth/logout", "127.0.0.1"),
    ]
    assert all(line["request_id"] for line in refused)


async def test_what_comes_from_outside_stays_in_its_line(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    evil = 'x\x1b[2J\n{"level": "error", "message": "forged"}'
    await client.get("/api/none/" + evil.replace("\n", "%0a").replace("\x1b", "%1b"))
    headers = [(b"x-request-id", evil.replace("\n", " ").encode())]
    answer = await client.get("/api/auth/me", headers=headers)
    assert "forged" not in answer.headers["x-request-id"]
    for line in lines.getvalue().splitlines():
        assert json.loads(line)["message"] != "forged"
        assert "\x1b" not in line


async def test_the_access_log_names_who_asked_behind_a_trusted_proxy(settings: Settings, lines: io.StringIO) -> None:
    behind = dataclasses.replace(settings, trusted_proxies=("127.0.0.1",))
    async with running_app(behind) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as proxy:
            await proxy.get("/health", headers={"X-Forwarded-For": "203.0.113.9"})
    asked = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["message"] == "request"]
    assert [(line["route"], line["ip"]) for line in asked] == [("/health", "203.0.113.9")]
