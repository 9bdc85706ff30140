"""Today's table of events is missing: said as a fault of ours, heard by the operator, and made by itself."""

from __future__ import annotations

import asyncio

import pytest

from app.config import Settings
from app.errors import AppError
from app.main import open_deps
from app.pg.pool import Database
from tests.signals import soon, until

DROP_DAYS = """
do $$ declare v_day regclass; begin
  for v_day in select inhrelid::regclass from pg_inherits where inhparent = 'rt.event'::regclass loop
    execute format('drop table %s', v_day);
  end loop;
end $$
"""


async def test_a_missing_day_is_alerted_and_made_at_the_next_start(
    settings: Settings, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_deps(settings) as deps:
        await deps.instance.joined.wait()
        await until(lambda: db.fetchval("select count(*) from rt.leader"))
        assert await deps.streams.publish("room:1", "test:event", {}) == 1
        await db.execute(DROP_DAYS)
        with pytest.raises(AppError, match="unavailable"):
            await soon(deps.streams.publish("room:1", "test:event", {}))
        assert any("have no table" in record.message for record in caplog.records)
    started = asyncio.get_running_loop().time()
    async with open_deps(settings) as deps:

        async def is_written() -> int | None:
            try:
                return await deps.streams.publish("room:1", "test:event", {})
            except AppError:
                return None

        # The number of the refused one was not used up.
        assert await until(is_written, 30) == 2
        days = await db.fetchval("select count(*) from pg_inherits where inhparent = 'rt.event'::regclass")
    took = asyncio.get_running_loop().time() - started
    print(
        f"a missing day: refused with 503 and an error in the log, made {took:.1f} s after a start, {days} days ahead"
    )
    assert days >= 2
