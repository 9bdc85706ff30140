"""`python -m app create-admin`, as an operator runs it."""

from __future__ import annotations

import io

import httpx
import pytest

from app.cli import main
from app.pg.pool import Database
from tests.factories import PASSWORD, make_user


@pytest.fixture(autouse=True)
def environment(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)


def run(monkeypatch: pytest.MonkeyPatch, password: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    return main(["create-admin", *arguments])


async def test_an_administrator_can_sign_in(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, PASSWORD, "--username", "admin", "--email", "admin@example.com") == 0
    assert "admin is an administrator now" in capsys.readouterr().out
    answer = await client.post("/api/auth/login", json={"login": "admin@example.com", "password": PASSWORD})
    assert answer.json()["user"]["role"] == "admin"
    assert answer.json()["user"]["is_email_verified"] is True


@pytest.mark.parametrize(
    ("username", "email", "password", "says"),
    [
        ("no", "admin@example.com", PASSWORD, "3 to 30"),
        ("boss", "nonsense", PASSWORD, "not an e-mail address"),
        ("boss", "admin@example.com", "short", "at least 10"),
        ("boss", "admin@example.com", "", "at least 10"),
        ("taken", "admin@example.com", PASSWORD, "taken"),
        ("boss", "taken@example.com", PASSWORD, "confirmed this e-mail address"),
    ],
)
async def test_what_is_wrong_is_said(
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    username: str,
    email: str,
    password: str,
    says: str,
) -> None:
    await make_user(db, "taken")
    assert run(monkeypatch, password, "--username", username, "--email", email) == 2
    assert says in capsys.readouterr().err
    assert await db.fetchval("select count(*) from users where role = 'admin'") == 0


def test_a_missing_database_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/x")
    assert run(monkeypatch, PASSWORD, "--username", "boss", "--email", "boss@example.com") == 2
    assert "cannot answer" in capsys.readouterr().err
