"""python-socketio with its Redis manager under uvicorn and uvloop. Stores nothing.

argv: port, address of Redis. WebSocket only, no compression.
"""

from __future__ import annotations

import sys
from typing import Any

import socketio
import uvicorn


def main(port: str, redis_url: str) -> None:
    server = socketio.AsyncServer(
        async_mode="asgi",
        transports=["websocket"],
        http_compression=False,
        client_manager=socketio.AsyncRedisManager(redis_url),
    )

    @server.event
    async def join(sid: str, room: str) -> None:
        await server.enter_room(sid, room)

    @server.on("chat:message")
    async def post(sid: str, message: dict[str, Any]) -> None:
        await server.emit("chat:message", message, room=message["room"])

    uvicorn.run(
        socketio.ASGIApp(server),
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        log_level="warning",
        ws_per_message_deflate=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
