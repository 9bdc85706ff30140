"""A body that is too large is answered, not cut off: whoever sent it reads why."""

from __future__ import annotations

import asyncio
import dataclasses
import socket

from app.config import Settings
from app.pg.pool import Database
from tests.factories import make_user, signed_in
from tests.realtime.site import Site, open_site
from tests.signals import SECONDS
from tests.videos import make_video

MEGABYTE = 1_000_000


async def send(site: Site, head: str, body: bytes = b"") -> bytes:
    """What a plain client reads that writes everything first; raises ConnectionError when it is cut off."""

    def talk() -> bytes:
        with socket.create_connection(("127.0.0.1", site.port), SECONDS) as connection:
            connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
            return connection.recv(MEGABYTE)

    return await asyncio.to_thread(talk)


async def test_captions_of_five_megabytes_are_answered(settings: Settings, db: Database) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id)
    async with open_site(settings) as site:
        async with site.http() as http:
            token = (await signed_in(http, db, owner))["Authorization"]
        head = (
            f"PUT /api/videos/{video.id}/captions/en HTTP/1.1\nHost: 127.0.0.1:{site.port}\nConnection: close\n"
            f"Authorization: {token}\nContent-Type: text/vtt"
        )
        declared = f"{head}\nContent-Length: {5 * MEGABYTE}"
        assert (await send(site, declared, b"x" * 5 * MEGABYTE)).startswith(b"HTTP/1.1 413")
        chunk = b"%x\r\n%s\r\n" % (MEGABYTE, b"x" * MEGABYTE)
        chunked = f"{head}\nTransfer-Encoding: chunked"
        assert (await send(site, chunked, chunk * 5 + b"0\r\n\r\n")).startswith(b"HTTP/1.1 413")
        # Who asks first is told before anything is sent.
        assert (await send(site, f"{declared}\nExpect: 100-continue")).startswith(b"HTTP/1.1 413")


async def test_one_that_never_ends_is_not_waited_for(settings: Settings, db: Database) -> None:
    short = dataclasses.replace(settings, body_drain_seconds=0.05)
    async with open_site(short) as site:
        head = (
            f"POST /api/auth/login HTTP/1.1\nHost: 127.0.0.1:{site.port}\nConnection: close\n"
            "Content-Type: application/json"
        )
        assert (await send(site, f"{head}\nContent-Length: {5 * MEGABYTE}", b"x")).startswith(b"HTTP/1.1 413")
