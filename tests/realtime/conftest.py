from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.realtime.site import Person, Site, open_site, person


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    async with open_site(settings) as opened:
        yield opened


@pytest.fixture
async def ana(site: Site, db: Database) -> Person:
    return await person(site, db)
