"""An object of S3 on its way to a browser: as fast as the browser takes it, and no longer than it listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.clients.storage import Reply, Storage

# What is told about the object; everything else S3 says is its own business.
PASSED_ON = ("content-length", "content-range", "etag", "last-modified")


class Stream(Response):
    """`open` asks S3; then this is a response with its status and headers, which closes S3's side at its end."""

    def __init__(self, storage: Storage, bucket: str, key: str) -> None:
        super().__init__()
        self.storage = storage
        self.place = (bucket, key)
        self._stack = contextlib.AsyncExitStack()
        self.reply = Reply(200, {}, empty())

    async def open(self, wanted: str | None, if_none_match: str | None, if_range: str | None) -> None:
        """Raises not_found, unavailable."""
        await self.ask(wanted, if_none_match)
        if wanted and if_range and if_range != self.reply.headers.get("etag"):
            # The part asked for belongs to another version: send this one whole.
            await self._stack.aclose()
            await self.ask(None, None)
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
        answer = self.storage.get_range(*self.place, range=wanted, if_none_match=if_none_match)
        self.reply = await self._stack.enter_async_context(answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(left(receive))
        try:
            async with self._stack:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                if self.status_code not in (304, 416):
                    async for chunk in self.reply.chunks:
                        # `send` waits while the browser is slower than S3, and returns silently when it left.
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                        if gone.done():
                            return
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()


async def left(receive: Receive) -> None:
    """Returns when the browser is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def empty() -> AsyncIterator[bytes]:
    return
    yield b""
