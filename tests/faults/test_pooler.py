"""Behind PgBouncer in transaction mode: everything works but LISTEN, and that says what is wrong and polls."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from app.config import Settings
from app.main import open_deps
from app.pg.pool import Database
from app.pg.stream import append
from tests.faults.pooler import pooled
from tests.faults.size import size
from tests.lives import make_live
from tests.realtime.site import open_site, person
from tests.realtime.talk import following, next_events, say
from tests.signals import Received, until


@pytest.fixture
async def through(settings: Settings) -> AsyncIterator[Settings]:
    """Everything through the pooler, whose version keeps no prepared statements."""
    async with pooled(settings.database_url) as address:
        yield dataclasses.replace(settings, database_url=address, db_statement_cache=0)


async def test_all_but_listen_goes_through_a_pooler(settings: Settings, through: Settings, db: Database) -> None:
    direct = dataclasses.replace(through, database_listen_url=settings.database_url)
    async with open_site(direct) as site:
        ana = await person(site, db)
        live = await make_live(db, ana.user.id, status="live")

        async def is_live() -> bool:
            return site.deps.bell.is_live

        await until(is_live)
        async with following(ana, live.channel) as browser:
            for n in range(5):
                assert "ok" in await say(browser, live, f"number {n}")
            said = await next_events(browser, 5)
        assert [data["text"] for _, data in said] == [f"number {n}" for n in range(5)]
        numbers = await asyncio.gather(*(site.deps.streams.publish("room:1", "t", {"n": n}) for n in range(500)))
        assert sorted(numbers) == list(range(1, 501))
        async with site.http() as http:
            answers = await asyncio.gather(*(http.get("/api/videos") for _ in range(50)))
            assert {answer.status_code for answer in answers} == {200}
        backends = await db.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name in ('trunkline', 'trunkline:write')"
        )
    print(f"500 events and 50 pages through {backends} connections")
    assert backends <= 3


@pytest.mark.parametrize("is_away_first", [False, True])
async def test_a_listen_that_goes_to_the_pooler_says_so_and_polls(
    through: Settings,
    db: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    is_away_first: bool,
) -> None:
    real = asyncpg.connect
    refusals = [OSError("away")] if is_away_first else []

    async def connect(dsn: str, **more: Any) -> asyncpg.Connection:
        if refusals and more["server_settings"]["application_name"] == "trunkline:listen":
            raise refusals.pop()
        return await real(dsn, **more)

    monkeypatch.setattr(asyncpg, "connect", connect)
    async with open_deps(through) as deps:
        received = Received(deps)
        await deps.streams.watch("user:1")

        async def was_said() -> bool:
            return any("hears nothing" in record.message for record in caplog.records)

        await until(was_said)
        [record, *_] = [r for r in caplog.records if "hears nothing" in r.message]
        assert record.levelno == logging.ERROR
        assert refusals == []
        assert "DATABASE_LISTEN_URL" in record.__dict__["error"]
        assert not deps.bell.is_live
        started = time.monotonic()
        await append(db, [("user:1", "test:event", {})] * 3)
        assert await received.numbers(3) == [1, 2, 3]
        took = time.monotonic() - started
    print(f"polled after {took:.2f} s")
    # One safety poll; without polls it would be half a minute.
    assert took < size(15, 1.2)
