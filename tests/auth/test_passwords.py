"""Hashing in few threads, and what is too easy to guess."""

from __future__ import annotations

import asyncio
import threading

import pytest
from passlib.context import CryptContext

from app.auth import passwords
from app.auth.passwords import CONTEXT, Passwords, refuse_weak
from app.errors import AppError


@pytest.fixture
def hasher() -> Passwords:
    return Passwords(2)


async def test_a_hash_is_argon2id_with_the_agreed_cost(hasher: Passwords) -> None:
    hashed = await hasher.hash("a fine password")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hasher.verify("a fine password", hashed) == (True, None)
    assert await hasher.verify("a fine passwore", hashed) == (False, None)
    assert await hasher.verify("a fine password", None) == (False, None)
    hasher.close()


async def test_an_unknown_account_costs_one_hash_too(hasher: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Spy(CryptContext):  # type: ignore[misc]
        def verify_and_update(self, secret: str, hashed: str) -> tuple[bool, str | None]:
            asked.append(hashed)
            return super().verify_and_update(secret, hashed)  # type: ignore[no-any-return]

    monkeypatch.setattr(passwords, "CONTEXT", Spy(**CONTEXT.to_dict()))
    known = await hasher.hash("a fine password")
    await hasher.verify("wrong", known)
    await hasher.verify("wrong", None)
    # The same work: one check each, of hashes with the same parameters.
    assert [a.rsplit("$", 2)[0] for a in asked] == [known.rsplit("$", 2)[0]] * 2
    hasher.close()


async def test_a_flood_uses_two_threads_and_is_sent_away_at_some_point(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Passwords(2)
    gate, seen = threading.Event(), set()

    def work() -> None:
        seen.add(threading.get_ident())
        gate.wait(30)

    monkeypatch.setattr(passwords, "MAXIMUM_WAITING", 10)
    running = [asyncio.create_task(hasher._run(work)) for _ in range(10)]
    await asyncio.sleep(0)
    with pytest.raises(AppError, match="unavailable") as refused:
        await hasher._run(work)
    assert refused.value.retry_after
    gate.set()
    await asyncio.gather(*running)
    assert len(seen) <= 2
    hasher.close()


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "PASSWORD123",
        "qwertyuiop",
        "1234567890",
        "zyxwvutsrq",
        "abababababab",
        "annamaria",
        "Annamaria2026",
        "annamaria!!!",
    ],
)
def test_easy_ones_are_refused_in_words(password: str) -> None:
    with pytest.raises(AppError) as refused:
        refuse_weak(password, username="Annamaria", email="anna.maria@example.com")
    assert refused.value.fields


@pytest.mark.parametrize("password", ["correct horse", "四十二是一個好密碼嗎", "x" * 64 + "y1z", "  spaces count  "])
def test_others_are_taken_as_they_are(password: str) -> None:
    refuse_weak(password, username="Annamaria", email="anna.maria@example.com")


def test_the_list_is_lower_case_and_long_enough_to_matter() -> None:
    assert all(word == word.lower() and len(word) >= passwords.MINIMUM for word in passwords.COMMON)
