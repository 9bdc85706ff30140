"""Browsers in one live's chat that come back by themselves, as the page does, whatever dies under them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.faults.history import History, Seen

T = TypeVar("T")
# What a dying process, a dying database and their absence look like from outside.
LOST = (OSError, WebSocketException, TimeoutError, httpx.HTTPError)
COME_BACK_SECONDS = 0.1
ANSWER_SECONDS = 10.0


@dataclass
class Room:
    """One live, its address, and what happens in it."""

    url: str
    live: str
    history: History = field(default_factory=History)
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    following: int = 0
    lost: int = 0  # times the socket of a reader that followed ended under it
    silence: float = 0.0  # seconds, the longest between two acknowledgements
    _last_at: float = 0.0
    is_over: bool = False

    @property
    def channel(self) -> str:
        return f"live:{self.live}"

    async def acknowledged(self, count: int) -> None:
        """Until writers were told so many numbers."""
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.history.acknowledged) >= count)

    async def followed_by(self, readers: int) -> None:
        """Until so many readers know the number after which they read: what comes from here on, all must see."""
        async with self.progress:
            await self.progress.wait_for(lambda: self.following >= readers)

    async def read_up_to(self, seq: int) -> None:
        """Until every reader saw this number."""
        async with self.progress:
            await self.progress.wait_for(
                lambda: all(seen and seen[-1].seq >= seq for seen in self.history.readers),
            )

    async def acknowledge(self, text: str, seq: int) -> None:
        now = time.monotonic()
        if self.history.acknowledged:
            self.silence = max(self.silence, now - self._last_at)
        self._last_at = now
        self.history.acknowledged[text] = seq
        await self.note()

    async def note(self) -> None:
        async with self.progress:
            self.progress.notify_all()

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator[ClientConnection]:
        address = self.url.replace("http", "ws", 1) + "/ws"
        async with connect(
            address,
            subprotocols=[Subprotocol("trunkline.v1")],
            compression=None,
            proxy=None,
            open_timeout=10,
            close_timeout=1,
        ) as connection:
            yield connection


async def once_up(call: Callable[[], Awaitable[T]]) -> T:
    """The first answer: what was killed a moment ago is promised to be back soon, not yet."""
    while True:
        try:
            return await call()
        except LOST as error:
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500:
                raise
        await asyncio.sleep(COME_BACK_SECONDS)


async def sign_up(url: str) -> dict[str, str]:
    """A new account; the headers its requests carry."""
    # A name for each try: one whose answer was lost may have made its account.
    name = f"u{secrets.token_hex(8)}"
    body = {"username": name, "email": f"{name}@example.org", "password": secrets.token_urlsafe(12)}
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS) as http:
        answer = await http.post("/api/auth/register", json=body, headers={"X-Requested-With": "trunkline"})
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def open_live(url: str, headers: dict[str, str]) -> Room:
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_SECONDS) as http:
        made = (await http.post("/api/lives", json={"title": "A room under fire"})).raise_for_status().json()
        (await http.post(f"/api/lives/{made['id']}/start")).raise_for_status()
    return Room(url, made["id"])


async def write(room: Room, name: str, headers: dict[str, str]) -> None:
    """Send "name 0", "name 1", … until the room is over; what was not acknowledged is sent again with its id."""
    n = 0
    while not room.is_over:
        with contextlib.suppress(*LOST):
            ticket = await ticket_for(room, headers)
            async with room.socket() as connection:
                await ask(connection, op="auth", ticket=ticket)
                while not room.is_over:
                    await room.acknowledge(f"{name} {n}", await post(room, connection, f"{name} {n}"))
                    n += 1
        await asyncio.sleep(COME_BACK_SECONDS)


async def ticket_for(room: Room, headers: dict[str, str]) -> str:
    async with httpx.AsyncClient(base_url=room.url, headers=headers) as http:
        return str((await http.post("/api/realtime/ticket")).raise_for_status().json()["ticket"])


async def post(room: Room, connection: ClientConnection, text: str) -> int:
    cid = str(uuid.uuid5(uuid.NAMESPACE_URL, room.live + text))
    ok = await ask(connection, op="pub", ch=room.channel, type="chat:message", data={"text": text}, cid=cid)
    return int(ok["seq"])


async def read(room: Room) -> None:
    """A guest that follows the room for ever: resumes after its last number, and notes all it gets."""
    seen: list[Seen] = []
    room.history.readers.append(seen)
    since: dict[str, int] | None = None
    while True:
        with contextlib.suppress(*LOST):
            async with room.socket() as connection:
                op = {"op": "sub", "ch": room.channel} | ({"since": since} if since else {})
                await connection.send(json.dumps({"id": 1, **op}))
                async for text in connection:
                    frame = json.loads(text)
                    if "error" in frame:
                        raise TimeoutError("refused for now")
                    if frame.get("id") == 1 and since is None:
                        since = {"epoch": frame["ok"]["epoch"], "seq": frame["ok"]["seq"]}
                        room.following += 1
                    room.history.resets += bool(frame.get("reset") or frame.get("ok", {}).get("reset"))
                    for event in frame.get("ev", ()):
                        # Passing events (who watches) carry no number.
                        if "seq" in event and since is not None:
                            seen.append(Seen(event["seq"], event["data"].get("text", "")))
                            since["seq"] = event["seq"]
                    await room.note()
        room.lost += since is not None
        await asyncio.sleep(COME_BACK_SECONDS)


async def ask(connection: ClientConnection, **op: Any) -> dict[str, Any]:
    """The ok of an operation. Raises TimeoutError when it is refused or not answered: the caller tries again."""
    await connection.send(json.dumps({"id": 1, **op}))
    async with asyncio.timeout(ANSWER_SECONDS):
        async for text in connection:
            frame = json.loads(text)
            if frame.get("id") == 1:
                if "error" in frame:
                    raise TimeoutError(frame["error"]["code"])
                return dict(frame["ok"])
    raise TimeoutError("closed before it answered")
