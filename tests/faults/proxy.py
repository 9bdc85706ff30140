"""A TCP line that can go dead without a word, as a lost route or a frozen firewall does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.flows = asyncio.Event()
        self.flows.set()
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def black_hole(self) -> None:
        """Forward nothing from now on, neither bytes nor ends; connections that exist stay dead for good."""
        self.flows.clear()

    def heal(self) -> None:
        self.flows.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        is_dead = False

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            nonlocal is_dead
            while data := await source.read(65_536):
                is_dead = is_dead or not self.flows.is_set()
                if is_dead:
                    continue
                sink.write(data)
                await sink.drain()

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(pump(reader, far_writer)), group.create_task(pump(far_reader, writer))]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
        except* OSError:
            pass
        finally:
            far_writer.close()
            writer.close()


@contextlib.asynccontextmanager
async def proxied(dsn: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before a database, and the address through it."""
    parts = urlsplit(dsn)
    proxy = Proxy(parts.hostname or "", parts.port or 5432)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"postgres@127.0.0.1:{proxy.port}"))
    finally:
        server.close()
