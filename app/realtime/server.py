"""uvicorn's server: several processes may share a port, and a stop does not send all browsers off at once."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from collections.abc import Awaitable, Callable

import uvicorn

from app.config import Settings
from app.realtime.http_line import HttpLine
from app.realtime.lines import Lines
from app.realtime.wire import WireProtocol
from app.sweep import sweep

# Browsers send small operations; uploads go to S3.
MAXIMUM_OPERATION_BYTES = 65_536
PING_SECONDS = 20.0
NOTICE_TICK_SECONDS = 0.1


class Server(uvicorn.Server):
    """`announce` is called at the start of a stop, `notice_seconds` before connections are refused; `drain` is
    awaited when no new connection is taken any more and before the open ones are closed."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        announce: Callable[[], None],
        notice_seconds: float,
        drain: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self.announce = announce
        self.notice_seconds = notice_seconds
        self.drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.sweeping = asyncio.create_task(sweep())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.announce()
        await self.notice()
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        if not self.force_exit:
            await self.drain()
        await super().shutdown(sockets)
        self.sweeping.cancel()

    async def notice(self) -> None:
        """Serve on while balancers learn that this process ends. A second Ctrl-C ends the waiting."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.notice_seconds):
                while not self.force_exit:  # noqa: ASYNC110  set by a signal's handler of uvicorn
                    await asyncio.sleep(NOTICE_TICK_SECONDS)


def config_for(app: object, settings: Settings, lines: Lines) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=functools.partial(HttpLine, lines),  # type: ignore[arg-type]
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        ws=WireProtocol,
        ws_max_size=MAXIMUM_OPERATION_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that other processes of ours listen on too; the kernel spreads new connections over them."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    return listening
