"""A TCP proxy that can hang up: what a test puts between the service and a neighbour."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Passes bytes on; `is_away` refuses new connections, `close_next` cuts that many before their answer."""

    port: int
    is_away: bool = False
    close_next: int = 0
    refused: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Away from now on, also for connections that are open."""
        self.is_away = True
        for writer in self._writers:
            writer.transport.abort()


@contextlib.asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    """Serves on a free port until the block ends."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                writer.write(chunk)
                await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if running.is_away or running.close_next > 0:
            running.close_next -= not running.is_away
            running.refused += 1
            writer.transport.abort()
            return
        inner, outer = await asyncio.open_connection("127.0.0.1", port)
        running._writers |= {writer, outer}
        if running.is_away:  # cut while this line was on its way
            running.cut()
        pumps = [asyncio.create_task(pump(reader, outer)), asyncio.create_task(pump(inner, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in pumps:
                task.cancel()
            for end in (writer, outer):
                running._writers.discard(end)
                end.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    running = Proxy(server.sockets[0].getsockname()[1])
    try:
        yield running
    finally:
        running.cut()
        server.close()
