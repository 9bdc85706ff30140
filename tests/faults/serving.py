"""The service in processes of its own, on a port they share: to be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
from websockets.asyncio.client import connect

from app.config import Settings
from tests.cluster import free_port
from tests.lives import MadeLive
from tests.realtime.site import Browser
from tests.signals import until

Process = subprocess.Popen[bytes]
START_SECONDS = 60.0
# What waits for a database that is there but stands still for a while, in a process of its own.
PATIENT = {"DB_ACQUIRE_SECONDS": "30"}


class Serving:
    """`url` answers from any of them."""

    def __init__(self, settings: Settings, **env: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ, "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
            "PORT": str(self.port), "WORKERS": "2", "SERVE_WORKER": "false", "LOG_LEVEL": "error",
            "SOCKET_MAX_PER_ADDRESS": "10000", "HTTP_MAX_PER_ADDRESS": "10000", **PATIENT, **env,
        }  # fmt: skip
        self.processes: list[Process] = []

    def spawn(self) -> Process:
        return subprocess.Popen([sys.executable, "-m", "app", "serve"], env=self.env)

    async def start(self) -> Process:
        """One more; returns when it answers for itself."""
        process = self.spawn()
        self.processes.append(process)

        async def answers() -> bool:
            assert process.poll() is None, "it ended at once"
            return process.pid in (await self.figures("trunkline_sockets"))

        await until(answers, START_SECONDS)
        return process

    async def figures(self, name: str) -> dict[int, float]:
        """A metric of each process that answered one of a few calls."""
        found: dict[int, float] = {}
        for _ in range(6):  # the kernel spreads connections, so each call may meet another
            with contextlib.suppress(httpx.HTTPError):
                async with httpx.AsyncClient() as http:
                    lines = (await http.get(f"{self.url}/metrics")).text.splitlines()
                for line in lines:
                    if line.startswith(f'{name}{{process="'):
                        found[int(line.split('"')[1])] = float(line.split()[-1])
        return found

    @contextlib.asynccontextmanager
    async def reader(self, live: MadeLive, **sub: object) -> AsyncIterator[Browser]:
        """A guest that follows a live. Raises TimeoutError when told to come back later."""
        async with connect(
            f"ws://127.0.0.1:{self.port}/ws",
            subprotocols=["trunkline.v1"],  # type: ignore[list-item]
            proxy=None,
            compression=None,
            open_timeout=60,
            close_timeout=1,
        ) as line:
            browser = Browser(line)
            answer = await browser.ask(op="sub", ch=live.channel, **sub)
            if answer.get("error", {}).get("code") == "unavailable":
                raise TimeoutError("refused for now")
            browser.top = answer["ok"]
            yield browser


@contextlib.contextmanager
def serving(settings: Settings, **env: str) -> Iterator[Serving]:
    opened = Serving(settings, **env)
    try:
        yield opened
    finally:
        for process in opened.processes:
            process.kill()
            process.wait(30)
