"""The service on a real port and browsers that speak trunkline.v1 to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from app.config import Settings
from app.deps import Deps
from app.main import build_app
from app.pg.pool import Database
from app.realtime.server import config_for
from tests.factories import User, log_in, make_user
from tests.signals import SECONDS, soon, until

ORIGIN = "http://localhost:8080"


@dataclass
class Site:
    app: Starlette
    server: uvicorn.Server
    port: int
    serving: asyncio.Task[None]

    @property
    def deps(self) -> Deps:
        deps: Deps = self.app.state.deps
        return deps

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=SECONDS)

    @contextlib.asynccontextmanager
    async def socket(self, origin: str | None = ORIGIN, subprotocol: str = "trunkline.v1") -> AsyncIterator[Browser]:
        async with connect(
            f"ws://127.0.0.1:{self.port}/ws",
            origin=origin,  # type: ignore[arg-type]
            subprotocols=[subprotocol],  # type: ignore[list-item]
            compression=None,
            proxy=None,
            open_timeout=SECONDS,
            close_timeout=1,
        ) as connection:
            yield Browser(connection)

    @contextlib.asynccontextmanager
    async def signed_in(self, person: Person) -> AsyncIterator[Browser]:
        async with self.socket() as browser:
            answer = await browser.ask(op="auth", ticket=await person.ticket())
            assert answer["ok"] == {"user_id": person.user.id}
            yield browser


class Browser:
    """Sends operations, keeps what comes."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[dict[str, Any]] = []
        self.last = 0
        self.top: dict[str, Any] = {}  # what a subscription answered

    async def ask(self, **op: Any) -> dict[str, Any]:
        self.last += 1
        await self.connection.send(json.dumps({"id": self.last, **op}))
        return await self.answer(self.last)

    async def answer(self, id: int) -> dict[str, Any]:
        # Answers may come in another order than the questions.
        for frame in self.frames:
            if frame.get("id") == id:
                self.frames.remove(frame)
                return frame
        while True:
            frame = await self.read()
            if frame.get("id") == id:
                return frame
            self.frames.append(frame)

    async def read(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(await soon(self.connection.recv()))
        return value

    async def numbers(self, count: int) -> list[int]:
        """Numbers of the next events, those that came before an answer first; passing ones have none."""
        seen: list[int] = []
        while len(seen) < count:
            frame = self.frames.pop(0) if self.frames else await self.read()
            seen += [0] if frame.get("reset") else [event["seq"] for event in frame["ev"] if "seq" in event]
        return seen

    async def closed(self) -> int | None:
        """The close code once the server closed."""
        await soon(self.connection.wait_closed())
        return self.connection.close_code


@dataclass
class Person:
    """Somebody signed in over HTTP."""

    site: Site
    user: User
    headers: dict[str, str]

    @property
    def channel(self) -> str:
        return f"user:{self.user.id}"

    async def ticket(self) -> str:
        async with self.site.http() as http:
            answer = await http.post("/api/realtime/ticket", headers=self.headers)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            assert body["channel"] == self.channel
            return str(body["ticket"])


async def person(site: Site, db: Database) -> Person:
    user = await make_user(db)
    async with site.http() as http:
        return Person(site, user, await log_in(http, user.username))


@contextlib.asynccontextmanager
async def open_site(settings: Settings, *, has_wire: bool = True) -> AsyncIterator[Site]:
    app = build_app(settings)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = config_for(app, settings, app.state.lines)
    if not has_wire:
        config.ws = "websockets-sansio"
    server = uvicorn.Server(config)
    # Without uvicorn's signal handlers: the test runner has its own.
    serving = asyncio.create_task(server._serve([listening]))

    async def is_started() -> bool:
        if serving.done():
            serving.result()
        return server.started

    try:
        await until(is_started)
        yield Site(app, server, listening.getsockname()[1], serving)
    finally:
        server.should_exit = True
        await soon(serving)
        listening.close()
