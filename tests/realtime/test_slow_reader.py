"""A browser that does not read: cut off with a bounded memory, others unaffected."""

from __future__ import annotations

import asyncio
import dataclasses
import socket

import pytest

from app.config import Settings
from app.pg.pool import Database
from app.realtime.connection import Connection
from app.realtime.frames import frame, header, payload_of
from tests.realtime.site import Site, open_site, person
from tests.signals import soon, until

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: trunkline.v1\r\n\r\n"
)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frame_headers_follow_the_standard(size: int) -> None:
    head = header(size)
    assert head[0] == 0x81
    assert {2: head[1], 4: int.from_bytes(head[2:4]), 10: int.from_bytes(head[2:10])}[len(head)] == size
    assert frame(b"x" * size) == head + b"x" * size
    assert payload_of(frame(b"x" * size)) == b"x" * size


async def stuck(site: Site) -> tuple[socket.socket, Connection]:
    """A socket that never reads after the handshake, and the server's side of it."""
    before = set(site.deps.hub.connections)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", site.port))
    await loop.sock_sendall(line, HANDSHAKE.encode())

    async def arrived() -> set[Connection]:
        return site.deps.hub.connections - before

    return line, (await until(arrived)).pop()


async def gone(site: Site, connection: Connection) -> None:
    async def check() -> bool:
        return connection not in site.deps.hub.connections

    await until(check)


async def test_a_reader_over_its_backlog_is_cut_at_once_and_others_go_on(settings: Settings, db: Database) -> None:
    async with open_site(dataclasses.replace(settings, socket_backlog_bytes=300_000)) as site:
        line, connection = await stuck(site)
        text = frame(b'{"ch":"x","ev":[]}' + b" " * 50_000)
        async with site.signed_in(await person(site, db)) as browser:
            most = 0
            for _ in range(400):
                connection.write(text)
                most = max(most, connection.buffered)
                if connection.is_over:
                    break
            assert connection.is_over
            assert most <= 300_000
            await soon(gone(site, connection))
            assert "ok" in await browser.ask(op="ping")
        line.close()


async def test_a_reader_that_stands_still_is_cut_after_a_while(settings: Settings) -> None:
    async with open_site(dataclasses.replace(settings, socket_stall_seconds=0.05)) as site:
        line, connection = await stuck(site)
        text = frame(b" " * 50_000)
        while not connection.is_over and connection.buffered < 100_000:
            connection.write(text)
            await asyncio.sleep(0)
        await gone(site, connection)
        line.close()


async def test_a_stuck_reader_does_not_hold_up_the_stop(settings: Settings) -> None:
    async with open_site(settings) as site:
        line, connection = await stuck(site)
        while not connection.is_over and connection.buffered < 500_000:
            connection.write(frame(b" " * 50_000))
            await asyncio.sleep(0)
        site.server.should_exit = True
        await soon(site.serving)
        line.close()
