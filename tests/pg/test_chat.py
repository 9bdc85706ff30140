"""The writer of messages in a process: many in a commit, told at once, one refused alone, bounded."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid

import pytest

from app.config import Settings
from app.deps import Deps
from app.errors import AppError
from app.pg.chat import Passing, Post
from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import MadeLive, make_live
from tests.signals import Received, soon


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, limit_chat="off", limit_chat_effect="off")


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def live(db: Database, owner: User) -> MadeLive:
    return await make_live(db, owner.id)


def said(live: MadeLive, user: User, text: str = "hello") -> Post:
    return Post(live.id, user.id, text, None, uuid.uuid4())


async def test_a_crowd_shares_commits_and_is_told_in_order_without_a_way_back(
    deps: Deps, other: Deps, db: Database, live: MadeLive
) -> None:
    here, there = Received(deps), Received(other)
    for process in (deps, other):
        await process.streams.watch(live.channel)
    people = [await make_user(db) for _ in range(20)]
    posts = [said(live, people[n % 20], f"m{n}") for n in range(200)]
    numbers = await soon(asyncio.gather(*(deps.chat.post(post) for post in posts)))
    assert numbers == list(range(1, 201)), "in the order they were said"
    # All of them were told before anybody got an answer.
    assert here.queue.qsize() == 200
    assert await here.numbers(200) == await there.numbers(200) == list(range(1, 201))
    assert await db.fetchval("select count(distinct at) from chat_messages") < 20


async def test_what_postgresql_refuses_fails_alone(deps: Deps, live: MadeLive, owner: User) -> None:
    texts = ["a", "nul \0", "b", "c"]
    answers = await asyncio.gather(*(deps.chat.post(said(live, owner, text)) for text in texts), return_exceptions=True)
    assert [answers[0], *answers[2:]] == [1, 2, 3]
    assert isinstance(answers[1], AppError)
    assert answers[1].code == "invalid"


@pytest.mark.parametrize("id", ["", "nul \0", "\ud800", "x" * 33, "a:mod", "ä"])
async def test_what_is_no_id_of_a_live_asks_nobody(deps: Deps, owner: User, id: str) -> None:
    with pytest.raises(AppError, match="not_found"):
        await deps.chat.post(Post(id, owner.id, "x", None, uuid.uuid4()))
    with pytest.raises(AppError, match="not_found"):
        await deps.chat.tell(Passing(id, owner.id, "chat:typing", {}))


async def test_a_storm_of_effects_is_thinned_out(deps: Deps, live: MadeLive, owner: User) -> None:
    told: list[str] = []
    deps.bell.hear(lambda ring: told.extend(event.type for event in ring.passing))
    storm = [Passing(live.id, owner.id, "chat:effect", {"emoji": "🎉"}) for _ in range(100)]
    await asyncio.gather(*(deps.chat.tell(effect) for effect in storm))
    assert 20 <= told.count("chat:effect") <= 40


async def test_a_chat_without_a_database_says_so(deps: Deps, live: MadeLive, owner: User) -> None:
    for lane in deps.streams.lanes:
        lane.dsn = "postgresql://postgres@127.0.0.1:1/x"  # type: ignore[attr-defined]
    with pytest.raises(AppError, match="unavailable"):
        await deps.chat.post(said(live, owner))
