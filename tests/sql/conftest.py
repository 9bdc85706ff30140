"""People at a live: its owner, a moderator, and somebody who writes."""

from __future__ import annotations

import pytest

from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import MadeLive, make_live


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def live(db: Database, owner: User) -> MadeLive:
    return await make_live(db, owner.id)


@pytest.fixture
async def ben(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def mod(db: Database, live: MadeLive, owner: User) -> User:
    moderator = await make_user(db)
    await db.fetchval("select chat.add_moderator($1, $2, $3, 50)", live.id, owner.id, moderator.username)
    return moderator
