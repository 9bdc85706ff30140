"""The load client of the chat measures: many sockets, messages at a rate, what arrives and how late.

Runs under the peers' Python (picows). argv: one JSON object {dialect, urls, rooms, sockets, publishers, tickets}.
Then a line {"rate", "seconds", "drain"} on stdin is one step, answered by a line of JSON on stdout.

A message's text carries when it was sent and its number, `@@1764067571.123456#17 …`. Every delivery is counted;
on some sockets, spread evenly over the order of connecting, every message is timed and checked: each once.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

WATCHED = 25
CONNECT_AT_ONCE = 50
PATIENCE_SECONDS = 60
MARK = b"@@"
STAMP = re.compile(rb"@@(\d+\.\d+)#(\d+)")
LINE = "hello room, this is a line of chat"  # about 60 characters with its stamp


class Counts:
    """What all sockets of this process got since the step began."""

    def __init__(self) -> None:
        self.closed = 0
        self.reset()

    def reset(self) -> None:
        self.got = self.frames = self.bytes = self.refused = 0
        self.refusal = ""
        self.lateness: list[float] = []
        self.watched: dict[int, list[int]] = {}
        # Sockets of one room get the same bytes one after the other: looked at once.
        self.last = b""
        self.last_count = 0


class Dialect:
    """How one server speaks. `join` are the frames a new socket sends; `is_joined` knows the answer to them."""

    protocols: tuple[str, ...] = ()

    def join(self, room: str, ticket: str | None) -> list[str]:
        return []

    def is_joined(self, payload: bytes) -> bool:
        return True

    def answer(self, payload: bytes, room: str) -> str | None:
        """What a frame must be answered with: steps of a handshake, heartbeats."""
        return None

    def is_refusal(self, payload: bytes) -> bool:
        return False

    def post(self, room: str, text: str, n: int) -> str:
        return json.dumps({"room": room, "text": text})


class Plain(Dialect):
    """One JSON object a frame; the first one says the room and is answered."""

    def join(self, room: str, ticket: str | None) -> list[str]:
        return [json.dumps({"join": room})]

    def is_joined(self, payload: bytes) -> bool:
        return payload == b"joined"


class SocketIo(Dialect):
    """Engine.IO 4 and Socket.IO 5 packets over a WebSocket."""

    def is_joined(self, payload: bytes) -> bool:
        return payload.startswith(b"430")

    def answer(self, payload: bytes, room: str) -> str | None:
        if payload == b"2":
            return "3"
        if payload.startswith(b"0{"):
            return "40"
        return f'420["join","{room}"]' if payload.startswith(b"40{") else None

    def post(self, room: str, text: str, n: int) -> str:
        return f'42["chat:message",{json.dumps({"room": room, "user": "anna", "text": text})}]'


class Trunkline(Dialect):
    """trunkline.v1, as docs/realtime.md says."""

    protocols = ("trunkline.v1",)

    def join(self, room: str, ticket: str | None) -> list[str]:
        sign_in = [json.dumps({"id": 1, "op": "auth", "ticket": ticket})] if ticket else []
        return [*sign_in, json.dumps({"id": 2, "op": "sub", "ch": f"live:{room}"})]

    def is_joined(self, payload: bytes) -> bool:
        return payload.startswith(b'{"id":2,"ok"')

    def is_refusal(self, payload: bytes) -> bool:
        return payload.startswith(b'{"id":') and b'"error":' in payload

    def post(self, room: str, text: str, n: int) -> str:
        op = {"id": n + 10, "op": "pub", "ch": f"live:{room}", "type": "chat:message", "data": {"text": text}}
        return json.dumps({**op, "cid": str(uuid.uuid4())})


DIALECTS = {"plain": Plain, "socketio": SocketIo, "trunkline": Trunkline}


class Socket(WSListener):
    def __init__(self, dialect: Dialect, counts: Counts, room: str, ticket: str | None, watch: int | None) -> None:
        self.dialect = dialect
        self.counts = counts
        self.room = room
        self.ticket = ticket
        self.watch = watch
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        for frame in self.dialect.join(self.room, self.ticket):
            self.transport.send(WSMsgType.TEXT, frame.encode())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.counts.closed += 1
        if not self.joined.done():
            self.joined.set_exception(ConnectionError("closed before it had joined"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self.take(frame.get_payload_as_bytes())

    def take(self, payload: bytes) -> None:
        counts = self.counts
        if payload == counts.last:
            n = counts.last_count
        else:
            n = payload.count(MARK)
            counts.last, counts.last_count = payload, n
        if n == 0:
            self.take_other(payload)
            return
        counts.got += n
        counts.frames += 1
        counts.bytes += len(payload)
        if self.watch is not None:
            now = time.time()
            seen = counts.watched.setdefault(self.watch, [])
            for at, number in STAMP.findall(payload):
                counts.lateness.append(now - float(at))
                seen.append(int(number))

    def take_other(self, payload: bytes) -> None:
        if reply := self.dialect.answer(payload, self.room):
            self.transport.send(WSMsgType.TEXT, reply.encode())
        elif self.dialect.is_refusal(payload):
            self.counts.refused += 1
            self.counts.refusal = payload.decode(errors="replace")[:300]
            if not self.joined.done():
                self.joined.set_exception(RuntimeError(self.counts.refusal))
        elif not self.joined.done() and self.dialect.is_joined(payload):
            self.joined.set_result(None)


class Crowd:
    """All sockets. Those that publish come first, spread over the rooms as all are."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.dialect = DIALECTS[plan["dialect"]]()
        self.counts = Counts()
        self.sockets: list[Socket] = []
        self.sent = 0

    async def connect(self) -> float:
        """Seconds it took until every socket had joined its room."""
        started = time.perf_counter()
        total, every = self.plan["sockets"], max(1, self.plan["sockets"] // WATCHED)
        makers = [self.maker(n, n // every if n % every == 0 else None) for n in range(total)]
        for start in range(0, total, CONNECT_AT_ONCE):
            made = await asyncio.gather(
                *(self.open(start + i, maker) for i, maker in enumerate(makers[start : start + CONNECT_AT_ONCE]))
            )
            self.sockets += made
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.gather(*(socket.joined for socket in made))
        return time.perf_counter() - started

    def maker(self, n: int, watch: int | None) -> Callable[[], Socket]:
        rooms, tickets = self.plan["rooms"], self.plan.get("tickets") or []
        ticket = tickets[n] if n < len(tickets) else None
        return lambda: Socket(self.dialect, self.counts, rooms[n % len(rooms)], ticket, watch)

    async def open(self, n: int, maker: Callable[[], Socket]) -> Socket:
        urls = self.plan["urls"]
        # Each room has members on every server, and every server has publishers.
        url = urls[(n + n // len(self.plan["rooms"])) % len(urls)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, socket = await ws_connect(
                maker, url, extra_headers=self.headers(), websocket_handshake_timeout=PATIENCE_SECONDS
            )
        return socket

    def headers(self) -> list[tuple[str, str]]:
        protocols = ", ".join(self.dialect.protocols)
        return [("Sec-WebSocket-Protocol", protocols)] if protocols else []

    def post(self) -> None:
        socket = self.sockets[self.sent % self.plan["publishers"]]
        text = f"@@{time.time():.6f}#{self.sent} {LINE}"
        socket.transport.send(WSMsgType.TEXT, socket.dialect.post(socket.room, text, self.sent).encode())
        self.sent += 1

    async def step(self, rate: float, seconds: float, drain: float) -> dict[str, Any]:
        """Send at a rate for a while, then wait until all has arrived or `drain` seconds are over."""
        self.counts.reset()
        first, started = self.sent, time.perf_counter()
        while (now := time.perf_counter() - started) < seconds:
            while self.sent - first < int(now * rate):
                self.post()
            await asyncio.sleep(0.002)
        window, in_window = time.perf_counter() - started, self.counts.got
        want = sum(self.size_of(n % self.plan["publishers"]) for n in range(first, self.sent))
        await self.settle(want, drain)
        return self.report(first, want, in_window / window)

    def size_of(self, publisher: int) -> int:
        """How many sockets are in the room this publisher writes to."""
        rooms, total = len(self.plan["rooms"]), self.plan["sockets"]
        room = publisher % rooms
        return (total - room + rooms - 1) // rooms

    async def settle(self, want: int, drain: float) -> None:
        until = time.perf_counter() + drain
        while self.counts.got < want and time.perf_counter() < until:  # noqa: ASYNC110  asked too often to tell each
            await asyncio.sleep(0.02)

    def report(self, first: int, want: int, per_second: float) -> dict[str, Any]:
        counts = self.counts
        late = sorted(counts.lateness)

        def part(share: float) -> float:
            return round(late[min(len(late) - 1, int(len(late) * share))] * 1000, 2) if late else -1.0

        doubled = sum(len(seen) - len(set(seen)) for seen in counts.watched.values())
        return {
            "sent": self.sent - first,
            "want": want,
            "got": counts.got,
            "lost": max(0, want - counts.got),
            "doubled": doubled,
            "refused": counts.refused,
            "refusal": counts.refusal,
            "closed": counts.closed,
            "per_second": round(per_second),
            "p50": part(0.5),
            "p99": part(0.99),
            "max": part(1.0),
            "frames": counts.frames,
            "bytes": counts.bytes,
        }


async def main() -> None:
    plan = json.loads(sys.argv[1])
    crowd = Crowd(plan)
    print(json.dumps({"connect_seconds": round(await crowd.connect(), 2)}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        print(json.dumps(await crowd.step(**json.loads(line))), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
