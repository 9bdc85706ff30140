"""The memory of open sessions: few questions, short-lived answers."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from app.auth.sessions import Holder, Sessions
from app.pg import account
from app.pg.pool import Database
from tests.factories import User, make_user


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def user(db: Database) -> User:
    return await make_user(db)


async def open_session(db: Database, user: User) -> str:
    return str(await db.fetchval("select account.open_session($1, $2, '', '', 3600)", user.id, uuid.uuid4().bytes))


async def test_many_requests_ask_once_per_few_seconds(
    db: Database, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, clock, asked = await open_session(db, user), Clock(), 0
    real = account.check_session

    async def counted(db: Database, session_id: str) -> object:
        nonlocal asked
        asked += 1
        return await real(db, session_id)

    monkeypatch.setattr(account, "check_session", counted)
    known = Sessions(db, 3.0, clock=clock)
    found = await asyncio.gather(*(known.check(session) for _ in range(50)))
    assert set(found) == {Holder(user.id, "user")}
    assert asked == 1
    clock.now += 3.1
    await known.check(session)
    assert asked == 2


async def test_an_end_elsewhere_is_noticed_within_the_time(db: Database, user: User) -> None:
    session, clock = await open_session(db, user), Clock()
    known = Sessions(db, 3.0, clock=clock)
    assert await known.check(session)
    await db.execute("select account.revoke_sessions($1)", user.id)
    clock.now += 3.1
    assert await known.check(session) is None


async def test_what_is_forgotten_while_being_asked_is_not_kept(
    db: Database, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, answered = await open_session(db, user), asyncio.Event()
    real = account.check_session

    async def slow(db: Database, session_id: str) -> object:
        row = await real(db, session_id)
        await answered.wait()
        return row

    monkeypatch.setattr(account, "check_session", slow)
    known = Sessions(db, 3.0)
    early = asyncio.create_task(known.check(session))
    await asyncio.sleep(0)
    await db.execute("select account.revoke_sessions($1)", user.id)
    known.forget(session)
    answered.set()
    await early
    assert await known.check(session) is None


async def test_only_so_many_are_remembered(db: Database, user: User) -> None:
    known = Sessions(db, 3.0, size=2)
    for _ in range(5):
        await known.check(await open_session(db, user))
    assert len(known._known) == 2


async def test_a_lost_database_is_not_an_ended_session(db: Database) -> None:
    known = Sessions(
        Database("postgresql://x@127.0.0.1:1/x", size=1, acquire_seconds=1, statement_seconds=1, name="x"), 3.0
    )
    with pytest.raises(Exception, match="unavailable"):
        await known.check(str(uuid.uuid4()))
