"""Connections that send and read what they like."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from app.realtime.lines import Lines
from tests.realtime.site import Site
from tests.signals import soon


class Line:
    """A connection that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, *parts: bytes) -> None:
        """As far as it is taken: the other side may hang up in the middle."""
        with contextlib.suppress(ConnectionError):
            for part in parts:
                self.writer.write(part)
                await soon(self.writer.drain())

    async def status(self) -> int:
        """Of the next answer; 0 where the other side hung up instead."""
        line = b""
        with contextlib.suppress(ConnectionError):
            line = await soon(self.reader.readline())
        return int(line.split()[1]) if line else 0

    async def ended(self) -> bytes:
        """All that came until the other side closed."""
        got = bytearray()
        with contextlib.suppress(ConnectionError):
            while chunk := await soon(self.reader.read(65_536)):
                got += chunk
        return bytes(got)


@contextlib.asynccontextmanager
async def line(site: Site, *, receive_bytes: int | None = None) -> AsyncIterator[Line]:
    own = socket.socket()
    if receive_bytes:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", site.port))
    reader, writer = await asyncio.open_connection(sock=own, limit=receive_bytes or 65_536)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def lines_of(site: Site) -> Lines:
    lines: Lines = site.app.state.lines
    return lines
