"""A worker that is killed while it publishes what is due: the video becomes public all the same, and once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.pg import videos
from app.pg.pool import Database
from tests.factories import make_user
from tests.faults.serving import PATIENT, START_SECONDS
from tests.signals import until
from tests.sql.rows import connected
from tests.videos import make_video


@pytest.fixture
def workers(dsn: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.wait(30)


def start(dsn: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "error", **PATIENT}
    return subprocess.Popen([sys.executable, "-m", "app", "work", "--queues", "default:1"], env=environment)


async def test_a_worker_killed_in_between_publishes_once(
    db: Database, dsn: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id, visibility="private")
    channel = f"user:{owner.id}"
    await db.fetchval("select media.tell_owner($1, 'video:ready')", video.number)
    at = await db.fetchval("select now()") + timedelta(seconds=1)
    await videos.update_video(db, video.id, owner.id, None, None, None, None, at, 366)
    async with connected(dsn) as connection, connection.transaction():
        # Its event waits for this row, after the video's own row was changed. Not by the pool, which ends what is idle.
        await connection.execute("select from rt.stream where channel = $1 for update", channel)
        workers.append(start(dsn))

        async def is_in_between() -> bool:
            return bool(
                await db.fetchval(
                    "select exists (select from pg_stat_activity where datname = current_database()"
                    " and wait_event_type = 'Lock' and query like '%publish_due%')"
                )
            )

        await until(is_in_between, START_SECONDS)
        workers[0].kill()
        workers[0].wait(30)
        assert await db.fetchval("select visibility from videos where id = $1", video.number) == "private"
        workers.append(start(dsn))

    async def is_done() -> bool:
        return bool(
            await db.fetchval(
                "select visibility = 'public' and not exists (select from ops.jobs where kind = 'publish_due')"
                " from videos where id = $1",
                video.number,
            )
        )

    await until(is_done, START_SECONDS)
    # The one from before, and the one of the publishing.
    assert await db.fetchval("select count(*) from rt.event where channel = $1", channel) == 2
