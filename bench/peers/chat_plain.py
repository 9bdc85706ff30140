"""What one would write first: Starlette, `await socket.send_text` for each member in turn. Stores nothing.

argv: port. uvicorn with uvloop, no compression, one process.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections import defaultdict

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

rooms: dict[str, set[WebSocket]] = defaultdict(set)


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    room = json.loads(await socket.receive_text())["join"]
    rooms[room].add(socket)
    await socket.send_text("joined")
    try:
        async for text in socket.iter_text():
            for member in list(rooms[room]):
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await member.send_text(text)
    finally:
        rooms[room].discard(socket)


def main(port: str) -> None:
    uvicorn.run(
        Starlette(routes=[WebSocketRoute("/", talk)]),
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        log_level="warning",
        ws_per_message_deflate=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
