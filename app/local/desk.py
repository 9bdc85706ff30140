"""A small HTTP server on loopback inside a running event loop, for the stand-ins that are Python."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from app.local import ports

STOP_SECONDS = 1


class _Quiet(uvicorn.Server):
    """uvicorn without its signal handlers: those belong to whoever owns the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves an ASGI app on `port` (0 picks one; `port` tells which after `start`)."""

    def __init__(self, app: Any, port: int) -> None:
        self.port = port
        config = uvicorn.Config(
            app,
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
        self._server = _Quiet(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listening when it returns."""
        listener = socket.create_server((ports.LOOPBACK, self.port))
        self.port = listener.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([listener]))

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task:
            await self._task
