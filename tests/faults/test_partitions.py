"""Today's table of events is missing: said as a fault of ours, heard by the operator, and made by itself."""

from __future__ import annotations

import asyncio
import contextlib

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
        written = 0

        async def is_refused() -> bool:
            # Again, if the process that leads made them in between: it looks once a minute.
            nonlocal written
            with contextlib.suppress(AppError):
                await db.execute(DROP_DAYS)
            try:
                written = await soon(deps.streams.publish("room:1", "test:event", {}))
            except AppError as error:
                # The log tells this refusal from that of a line which took too long to open.
                was_said = any("have no table" in record.message for record in caplog.records)
                return was_said and error.code == "unavailable"
            return False

        await until(is_refused)
    started = asyncio.get_running_loop().time()
    async with open_deps(settings) as deps:

        async def is_written() -> int | None:
            try:
                return await deps.streams.publish("room:1", "test:event", {})
            except AppError:
                return None

        # The number of the refused one was not used up.
        assert await until(is_written, 60) == written + 1
        days = await db.fetchval("select count(*) from pg_inherits where inhparent = 'rt.event'::regclass")
    took = asyncio.get_running_loop().time() - started
    print(
        f"a missing day: refused with 503 and an error in the log, made {took:.1f} s after a start, {days} days ahead"
    )
    assert days >= 2
