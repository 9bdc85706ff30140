"""Passwords: argon2id, in a pool of two threads so that a flood of logins leaves the event loop free."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from passlib.context import CryptContext

from app.errors import AppError, invalid
from app.field_errors import field_error

T = TypeVar("T")

MINIMUM = 10
MAXIMUM = 128
# Who waits longer than this queue is sent away: each hash takes about 25 ms of a core.
MAXIMUM_WAITING = 100

# OWASP's minimum: 19 MiB, two passes, one lane. Anything stronger is a change of these three numbers;
# `needs_rehash` then renews each hash at its owner's next login.
CONTEXT = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=19_456,
    argon2__time_cost=2,
    argon2__parallelism=1,
)
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())


class Passwords:
    """Hashes and checks passwords. One per process; `close` when it stops."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._waiting = 0
        # Checked for unknown accounts, so that they take as long as known ones.
        self._dummy = ""

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: str(CONTEXT.hash(password)))

    async def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """(is it right, a fresher hash to store or None). Takes the same time when there is no such account."""
        if not self._dummy:
            self._dummy = await self.hash("nobody's password")

        def check() -> tuple[bool, str | None]:
            right, fresh = CONTEXT.verify_and_update(password, hashed or self._dummy)
            return (bool(right), fresh) if hashed else (False, None)

        return await self._run(check)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAXIMUM_WAITING:
            raise AppError("unavailable", retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def refuse_weak(password: str, field: str = "password", *, username: str = "", email: str = "") -> None:
    """Raise 422 in clear words. Length counts characters; nothing is cut off or normalised."""
    if len(password) < MINIMUM:
        raise invalid(**{field: field_error("too_short", least=MINIMUM)})
    if len(password) > MAXIMUM:
        raise invalid(**{field: field_error("too_long", most=MAXIMUM)})
    plain = password.lower()
    if plain in COMMON or is_pattern(plain):
        raise invalid(**{field: field_error("password_common")})
    names = {username.lower(), email.lower(), email.lower().partition("@")[0]}
    if plain in names or re.sub(r"[\d\W_]+$", "", plain) in names - {""}:
        raise invalid(**{field: field_error("password_close")})


def is_pattern(plain: str) -> bool:
    """One or two characters repeated, or a run such as 0123456789 or abcdefghij."""
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(plain)}
    return len(set(plain)) <= 2 or steps in ({1}, {-1})
