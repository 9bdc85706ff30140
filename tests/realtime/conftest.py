from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.lives import MadeLive, make_live
from tests.realtime.site import Person, Site, open_site, person
from tests.signals import be_patient, until


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    async with open_site(settings) as opened:
        yield opened


@pytest.fixture
async def ana(site: Site, db: Database) -> Person:
    return await person(site, db)


@pytest.fixture
async def ben(site: Site, db: Database) -> Person:
    return await person(site, db)


@pytest.fixture
async def live(db: Database, ana: Person) -> MadeLive:
    """Ana's."""
    return await make_live(db, ana.user.id)


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[Site]:
    """A second process."""
    async with open_site(settings) as opened:

        async def is_live() -> bool:
            return opened.deps.bell.is_live

        await until(is_live)
        yield opened
