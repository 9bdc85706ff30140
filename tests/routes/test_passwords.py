"""Changing and resetting passwords, confirming addresses; the mails are real ones, read from the catcher."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.crew import Share
from app.jobs import JOBS
from app.pg.pool import Database
from app.worker import Worker
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import PASSWORD, log_in, make_user
from tests.servers import MailServer

NEW_PASSWORD = "quite another 22"


@pytest.fixture
def settings(settings: Settings, mailbox: MailServer) -> Settings:
    return dataclasses.replace(settings, smtp_url=mailbox.url)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    async with running_app(settings) as built:
        yield built


@pytest.fixture
async def worker(app: Starlette) -> AsyncIterator[Worker]:
    deps = app.state.deps
    await deps.instance.joined.wait()
    made = Worker(deps, JOBS, {"mail": Share(2), "default": Share(2)})
    yield made
    await made.stop(1)


def token_in(mail: MailServer, page: str) -> str:
    found = re.search(rf"http://localhost:8080/{page}#token=([\w-]{{43}})\s", mail.messages()[0]["text"])
    assert found, mail.messages()[0]["text"]
    return found[1]


async def register(client: httpx.AsyncClient, name: str, email: str, locale: str = "en") -> dict[str, str]:
    body = {"username": name, "email": email, "password": PASSWORD, "locale": locale}
    answer = await client.post("/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_an_address_is_confirmed_by_mail_even_signed_out(
    app: Starlette, client: httpx.AsyncClient, worker: Worker, mailbox: MailServer
) -> None:
    await register(client, "anna", "Anna@Example.com", "zh-TW")
    assert await worker.drain() == 1
    mail = mailbox.messages()[0]
    assert mail["to"] == ["Anna@Example.com"]
    assert mail["subject"] == "請確認你的電子郵件地址"
    async with browser(app) as elsewhere:
        token = token_in(mailbox, "verify-email")
        answer = await elsewhere.post("/api/auth/email/verify", json={"token": token})
        assert answer.status_code == 200, answer.text
        assert answer.json()["is_email_verified"] is True
        again = await elsewhere.post("/api/auth/email/verify", json={"token": token})
        assert (again.status_code, again.json()["error"]) == (400, "bad_token")


async def test_a_mail_to_an_unconfirmed_address_carries_no_words_of_a_stranger(
    client: httpx.AsyncClient, worker: Worker, mailbox: MailServer, db: Database
) -> None:
    words = "You won! https://evil.example/x"
    victim = {"email": "victim@example.com", "password": PASSWORD, "display_name": words}
    await client.post("/api/auth/register", json={"username": "mallory", **victim})
    await client.post("/api/auth/password/forgot", json={"email": "victim@example.com"})
    # The same where the address is somebody's: a warning goes there.
    await make_user(db, "owner", email="owner@example.com")
    await client.post("/api/auth/register", json={"username": "mallory2", **victim, "email": "owner@example.com"})
    assert await worker.drain() == 3
    mails = mailbox.messages()
    assert sorted(mail["subject"] for mail in mails) == [
        "Confirm your e-mail address", "Set a new password", "You already have an account",
    ]  # fmt: skip
    for mail in mails:
        assert mail["text"].startswith("Hello mallory")
        assert "evil" not in mail["text"] + mail["subject"]
        assert "won" not in mail["text"] + mail["subject"]


async def test_a_confirmed_mailbox_is_greeted_by_its_owner_s_own_name(
    client: httpx.AsyncClient, worker: Worker, mailbox: MailServer, db: Database
) -> None:
    await make_user(db, "anna", email="anna@example.com")
    await db.execute("update users set display_name = 'Anna B.' where username = 'anna'")
    await client.post("/api/auth/password/forgot", json={"email": "anna@example.com"})
    await worker.drain()
    assert mailbox.messages()[0]["text"].startswith("Hello Anna B.,")


async def test_no_token_is_left_in_jobs_or_tables(
    client: httpx.AsyncClient, worker: Worker, mailbox: MailServer, db: Database
) -> None:
    await register(client, "anna", "anna@example.com")
    jobs = await db.fetch("select payload from ops.jobs where kind = 'mail'")
    assert [job["payload"] for job in jobs] == [{"template": "verify", "user_id": 1}]
    await worker.drain()
    token = token_in(mailbox, "verify-email")
    stored = await db.fetchval("select string_agg(t::text, ' ') from mail_tokens t")
    assert token not in stored


async def test_resend_until_confirmed(client: httpx.AsyncClient, worker: Worker, mailbox: MailServer) -> None:
    headers = await register(client, "anna", "anna@example.com")
    await worker.drain()
    first = token_in(mailbox, "verify-email")
    assert (await client.post("/api/auth/email/resend", headers=headers)).status_code == 202
    await worker.drain()
    assert token_in(mailbox, "verify-email") != first
    # The first of two mails works too.
    assert (await client.post("/api/auth/email/verify", json={"token": first})).status_code == 200
    assert (await client.post("/api/auth/email/resend", headers=headers)).status_code == 409


async def test_registering_a_known_address_looks_the_same_and_warns_its_owner(
    client: httpx.AsyncClient, worker: Worker, mailbox: MailServer, db: Database
) -> None:
    owner = await make_user(db, "owner", email="shared@example.com")
    await register(client, "second", "shared@example.com")
    await worker.drain()
    mail = mailbox.messages()[0]
    assert mail["subject"] == "You already have an account"
    assert "token=" not in mail["text"]
    answer = await client.post("/api/auth/login", json={"login": "shared@example.com", "password": PASSWORD})
    assert answer.json()["user"]["id"] == owner.id


async def test_an_address_belongs_to_whoever_confirms_it_first(
    client: httpx.AsyncClient, worker: Worker, mailbox: MailServer
) -> None:
    tokens = []
    for name in ("first", "second"):
        await register(client, name, "shared@example.com")
        await worker.drain()
        tokens.append(token_in(mailbox, "verify-email"))
    assert (await client.post("/api/auth/email/verify", json={"token": tokens[1]})).status_code == 200
    late = await client.post("/api/auth/email/verify", json={"token": tokens[0]})
    assert (late.status_code, late.json()["error"]) == (409, "email_in_use")


async def test_a_forgotten_password_is_set_anew_and_ends_all_sessions(
    app: Starlette, client: httpx.AsyncClient, worker: Worker, mailbox: MailServer, db: Database
) -> None:
    user = await make_user(db, locale="ko", is_verified=False)
    headers = await log_in(client, user.username)
    assert (await client.post("/api/auth/password/forgot", json={"email": user.email})).status_code == 202
    await worker.drain()
    assert mailbox.messages()[0]["subject"] == "새 비밀번호 설정"
    body = {"token": token_in(mailbox, "reset-password"), "password": NEW_PASSWORD}
    async with browser(app) as elsewhere:
        assert (await elsewhere.post("/api/auth/password/reset", json=body)).status_code == 204
        assert (await elsewhere.post("/api/auth/password/reset", json=body)).status_code == 400
    assert (await client.get("/api/auth/me", headers=headers)).status_code == 401
    old = await client.post("/api/auth/login", json={"login": user.username, "password": PASSWORD})
    assert old.status_code == 401
    answer = await client.post("/api/auth/login", json={"login": user.username, "password": NEW_PASSWORD})
    # Who read the mail has the address.
    assert answer.json()["user"]["is_email_verified"] is True
    await worker.drain()
    assert mailbox.messages()[0]["subject"] == "비밀번호가 변경되었습니다"


async def test_forgot_answers_the_same_for_nobody_and_sends_nothing(
    client: httpx.AsyncClient, worker: Worker, mailbox: MailServer
) -> None:
    answer = await client.post("/api/auth/password/forgot", json={"email": "nobody@example.com"})
    assert (answer.status_code, answer.json()) == (202, {})
    assert await worker.drain() == 1
    assert mailbox.messages() == []


async def test_a_mailbox_is_not_flooded(app: Starlette, worker: Worker, mailbox: MailServer, db: Database) -> None:
    user = await make_user(db)
    for n in range(8):
        async with browser(app, f"198.51.100.{n}") as client:
            assert (await client.post("/api/auth/password/forgot", json={"email": user.email})).status_code == 202
    await worker.drain()
    assert len(mailbox.messages()) == 5


async def test_a_changed_password_keeps_this_session_only(
    app: Starlette, client: httpx.AsyncClient, db: Database
) -> None:
    user = await make_user(db)
    headers = await log_in(client, user.username)
    async with browser(app) as there:
        far = await log_in(there, user.username)
        body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert (await client.post("/api/auth/password/change", json=body, headers=headers)).status_code == 204
        assert (await there.get("/api/auth/me", headers=far)).status_code == 401
    assert (await client.get("/api/auth/me", headers=headers)).status_code == 200
    await log_in(client, user.username, NEW_PASSWORD)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("not my password", NEW_PASSWORD, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "1234567890", "new_password"),
    ],
)
async def test_a_wrong_or_weak_password_changes_nothing(
    client: httpx.AsyncClient, db: Database, current: str, new: str, field: str
) -> None:
    user = await make_user(db)
    headers = await log_in(client, user.username)
    body = {"current_password": current, "new_password": new}
    answer = await client.post("/api/auth/password/change", json=body, headers=headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    await log_in(client, user.username)
