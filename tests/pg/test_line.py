"""A connection of our own whose backend is killed at every moment of its life."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import psycopg
import pytest

from app.errors import AppError
from app.pg.line import Line


class Unavailable(Exception):
    """The one refusal a caller may get."""


async def ask(line: Line) -> list[Any]:
    try:
        return await line.fetch("select pg_backend_pid()")
    except AppError as error:
        if error.code == "unavailable":
            raise Unavailable from error
        raise


@pytest.mark.parametrize("turns", range(6))
async def test_a_killed_backend_is_an_absent_server_at_every_turn_of_the_loop(dsn: str, turns: int) -> None:
    """asyncpg tells a goodbye it has read and not acted upon yet by an error of another kind."""
    line = Line(dsn, "trunkline:test")
    (pid,) = (await line.fetch("select pg_backend_pid()"))[0]
    await line.fetch("select pg_backend_pid()")
    with psycopg.connect(dsn, autocommit=True) as killer:
        # Without letting the loop look: what the server said last waits in the socket.
        killer.execute("select pg_terminate_backend(%s, 2000)", [pid])
    for _ in range(turns):
        await asyncio.sleep(0)
    now = pid
    while now == pid:
        # Anything but "come back later" fails the test.
        with contextlib.suppress(Unavailable):
            (now,) = (await ask(line))[0]
    await line.close()
