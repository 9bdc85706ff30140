"""An object of S3 on its way to a browser: as fast as the browser takes it, and no longer than it listens.

A connection to S3 is held by who keeps up with it. A slower reader gets its file in pieces, each fetched whole and
then taken at leisure, so that those who wait for S3 never wait for a reader.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.clients.storage import Reply, Storage
from app.errors import AppError
from app.realtime.shares import Shares

# What is told about the object; everything else S3 says is its own business.
PASSED_ON = ("content-length", "content-range", "etag", "last-modified")
# What a slow reader gets at a time: it is kept for it.
PIECE_BYTES = 524_288
FIRST = re.compile(r"bytes (\d+)-")


class Stream(Response):
    """`open` asks S3; then this is a response with its status and headers, which closes S3's side at its end."""

    def __init__(self, storage: Storage, bucket: str, key: str) -> None:
        super().__init__()
        self.storage = storage
        self.place = (bucket, key)
        self.patience_seconds = storage.settings.download_patience_seconds
        self._stack = contextlib.AsyncExitStack()
        self.reply = Reply(200, {}, empty())

    async def open(
        self, downloads: Shares, owner: str, *, wanted: str | None, if_none_match: str | None, if_range: str | None
    ) -> None:
        """Take a share of the downloads, then ask. Raises not_found, unavailable."""
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(downloads.take(owner))
            await self.ask(wanted, if_none_match)
            if wanted and if_range and if_range != self.reply.headers.get("etag"):
                # The part asked for belongs to another version: send this one whole.
                self.reply.close()
                await self.ask(None, None)
            self._stack = stack.pop_all()
        self.status_code = self.reply.status
        del self.headers["content-length"]
        for name in PASSED_ON:
            # A 304 and a 416 describe the object but have no body of that length.
            if name in self.reply.headers and not (name == "content-length" and self.status_code in (304, 416)):
                self.headers[name] = self.reply.headers[name]
        self.headers["accept-ranges"] = "bytes"
        if self.status_code == 416:
            self.headers["content-length"] = "0"

    async def ask(self, wanted: str | None, if_none_match: str | None) -> None:
        self.reply = await self.storage.open_range(*self.place, range=wanted, if_none_match=if_none_match)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(left(receive))
        try:
            async with self._stack:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                if self.status_code in (304, 416) or await self.pass_on(send, gone):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.reply.close()
            gone.cancel()

    async def pass_on(self, send: Send, gone: asyncio.Task[None]) -> bool:
        """The body, to its end; False when the browser left."""
        first = FIRST.match(self.reply.headers.get("content-range", ""))
        at = int(first[1]) if first else 0
        end = at + int(self.reply.headers["content-length"])
        etag = self.reply.headers.get("etag")
        while True:
            async with contextlib.aclosing(self.reply.chunks) as chunks:
                async for chunk in chunks:
                    await self.hand_over(send, chunk)
                    at += len(chunk)
                    if gone.done():
                        return False
                    if self.reply.is_closed:
                        break
            if at >= end:
                return True
            at = await self.in_pieces(send, gone, at, end, etag)
            if gone.done() or at >= end:
                return not gone.done()
            await self.ask_again(at, end, etag)

    async def hand_over(self, send: Send, chunk: bytes) -> None:
        """Until the browser has taken it, or most of it; S3 is let go where that takes too long."""
        letting_go = asyncio.get_running_loop().call_later(self.patience_seconds, self.reply.close)
        try:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            # `send` waits for what was sent before, and returns silently when the browser left.
            await send({"type": "http.response.body", "body": b"", "more_body": True})
        finally:
            letting_go.cancel()

    async def in_pieces(self, send: Send, gone: asyncio.Task[None], at: int, end: int, etag: str | None) -> int:
        """For as long as the reader is slow; returns how far it is."""
        clock = asyncio.get_running_loop().time
        while at < end:
            await self.ask_again(at, min(at + PIECE_BYTES, end), etag)
            piece = await self.reply.whole()
            started = clock()
            await self.hand_over(send, piece)
            at += len(piece)
            if gone.done() or clock() - started < self.patience_seconds:
                break
        return at

    async def ask_again(self, at: int, end: int, etag: str | None) -> None:
        await self.ask(f"bytes={at}-{end - 1}", None)
        if self.reply.status != 206 or self.reply.headers.get("etag") != etag:
            self.reply.close()
            raise AppError("unavailable", "The file was replaced while it was sent.")


async def left(receive: Receive) -> None:
    """Returns when the browser is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def empty() -> AsyncGenerator[bytes, None]:
    return
    yield b""
