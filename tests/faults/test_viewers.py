"""A process that is killed takes its viewers with it: counts are right again soon, and the peak never was wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from websockets.asyncio.client import connect

from app.config import Settings
from app.pg.pool import Database
from tests.cluster import free_port
from tests.factories import make_user
from tests.faults.serving import PATIENT, START_SECONDS
from tests.faults.size import size
from tests.lives import MadeLive, make_live
from tests.realtime.site import Browser, open_site
from tests.signals import soon, until

WITHIN_SECONDS = size(40.0, 15.0)


@pytest.fixture
def other(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The service in a process of its own, and its port."""
    port = free_port()
    environment = {
        **os.environ, "DATABASE_URL": settings.database_url, "PORT": str(port), "LOG_LEVEL": "error",
        "SECRET_KEY": settings.secret_key, "SERVE_WORKER": "false", **PATIENT,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment)
    yield process, port
    process.kill()
    process.wait(30)


@contextlib.asynccontextmanager
async def watching(port: int, live: MadeLive) -> AsyncIterator[Browser]:
    async with connect(
        f"ws://127.0.0.1:{port}/ws",
        subprotocols=["trunkline.v1"],  # type: ignore[list-item]
        proxy=None,
        open_timeout=30,
    ) as line:
        browser = Browser(line)
        assert "ok" in await browser.ask(op="sub", ch=live.channel)
        yield browser


async def told(browser: Browser, n: int) -> None:
    """Until this number came; it may have come before a subscription's answer did."""
    while True:
        frame = browser.frames.pop(0) if browser.frames else await browser.read()
        if {"type": "live:viewers", "data": {"n": n}} in frame.get("ev", []):
            return


async def test_viewers_of_a_killed_process_are_counted_out(
    settings: Settings, db: Database, other: tuple[subprocess.Popen[bytes], int]
) -> None:
    live = await make_live(db, (await make_user(db)).id, status="live")
    process, port = other
    clock = asyncio.get_running_loop().time

    async def is_ready() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient() as http:
                return (await http.get(f"http://127.0.0.1:{port}/health")).status_code == 200
        return False

    async def peak_is_3() -> bool:
        return bool(await db.fetchval("select peak_viewers = 3 from lives where id = $1", live.number))

    await until(is_ready, START_SECONDS)
    async with contextlib.AsyncExitStack() as stack, open_site(settings) as site:
        here = await stack.enter_async_context(watching(site.port, live))
        await soon(told(here, 1))
        for _ in range(2):
            await stack.enter_async_context(watching(port, live))
        await soon(told(here, 3))
        await until(peak_is_3)
        process.kill()
        process.wait(30)
        since = clock()
        # Its browsers are back before anybody can know that it is dead, and counted twice for a while.
        for _ in range(2):
            await stack.enter_async_context(watching(site.port, live))
        await soon(told(here, 5))
        await soon(told(here, 3), WITHIN_SECONDS)
        took = clock() - since
        print(f"right again {took:.1f} s after the kill")
        assert took < WITHIN_SECONDS
        assert await db.fetchval("select peak_viewers from lives where id = $1", live.number) == 3
