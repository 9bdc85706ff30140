"""A PostgreSQL with 100,000 videos, web servers beside it, and a load generator that costs little itself."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.pg.migrate import migrate
from bench.library import fill
from tests.cluster import free_port, start_cluster

ROOT = Path(__file__).parent.parent


@functools.cache
def library_database() -> str:
    """The address of a database with the whole library; made once, for every measurement of this run."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    dsn = stack.enter_context(start_cluster(Path(folder))).dsn("postgres")
    migrate(dsn)
    print("filling 100,000 videos (some minutes)", flush=True)
    fill(dsn)
    return dsn


@contextlib.contextmanager
def serving(dsn: str, *command: str) -> Iterator[str]:
    """Runs `python COMMAND` with DATABASE_URL and PORT; yields its address once it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {
        "DATABASE_URL": dsn,
        "PORT": str(port),
        "PUBLIC_URL": url,
        "LIMIT_READ": "off",
        "LIMIT_SEARCH": "off",
    }
    # The access log is written as always, only nowhere.
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | own, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command)} did not start")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/videos", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Load:
    """What one round measured: answers per second and the time of each."""

    rate: float
    seconds: list[float]


class Connection(asyncio.Protocol):
    """Asks again as soon as it was answered. Reads no more of an answer than its length."""

    def __init__(self, request: bytes, until: float, taken: list[float]) -> None:
        self.request = request
        self.until = until
        self.taken = taken
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.started = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, _, body = self.buffer.partition(b"\r\n\r\n")
        if b"\r\n\r\n" not in self.buffer or len(body) < length(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(head.decode(errors="replace")))
            return
        now = time.perf_counter()
        self.taken.append(now - self.started)
        self.buffer = b""
        if now < self.until:
            self.ask()
        elif not self.done.done():
            self.done.set_result(None)
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("closed"))


def length(head: bytes) -> int:
    name = b"content-length: "
    start = head.lower().index(name) + len(name)
    return int(head[start:].split(b"\r\n", 1)[0])


async def load(url: str, path: str, connections: int, seconds: float) -> Load:
    """Keep `connections` asking for `seconds`."""
    parts = urlsplit(url)
    request = f"GET {path} HTTP/1.1\r\nhost: {parts.netloc}\r\naccept: application/json\r\n\r\n".encode()
    taken: list[float] = []
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Connection(request, started + seconds, taken), parts.hostname, parts.port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return Load(len(taken) / (time.perf_counter() - started), taken)
