"""People for tests, made by the real SQL functions and the real routes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import httpx
from passlib.context import CryptContext

from app.pg.pool import Database

numbers = itertools.count(1)
PASSWORD = "a fine password 1"
# Cheaper than the service's own parameters; a login with such a hash renews it.
HASH = CryptContext(schemes=["argon2"], argon2__memory_cost=64, argon2__time_cost=1, argon2__parallelism=1).hash(
    PASSWORD
)
SAME_ORIGIN = {"X-Requested-With": "trunkline", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class User:
    id: int
    username: str
    email: str
    password: str = PASSWORD


async def make_user(
    db: Database,
    username: str | None = None,
    *,
    email: str | None = None,
    role: str = "user",
    is_verified: bool = True,
    quota_bytes: int = 10 * 1024**3,
    locale: str = "en",
) -> User:
    """A user whose password is PASSWORD."""
    username = username or f"user_{next(numbers)}"
    email = email or f"{username.lower()}@example.com"
    user_id = await db.fetchval(
        "select account.create_user($1, $2, $3, $4, $5, $6, $7, $8)",
        username,
        email,
        HASH,
        username.title(),
        locale,
        quota_bytes,
        role,
        is_verified,
    )
    return User(user_id, username, email)


async def log_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> dict[str, str]:
    """Signs in through the route; the client keeps the cookie, the answer is the header to send."""
    answer = await client.post("/api/auth/login", json={"login": login, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def signed_in(client: httpx.AsyncClient, db: Database, user: User | None = None) -> dict[str, str]:
    """Headers of a signed-in user, a new one unless given."""
    return await log_in(client, (user or await make_user(db)).username)
