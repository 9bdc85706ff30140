"""One open socket: writes frames without ever waiting, and is cut off when its reader does not read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from starlette.types import Send

from app.realtime.frames import Frame
from app.realtime.wire import Wire

# Above this a reader counts as slow: the size at which asyncio's transports ask writers to pause.
SLOW_BYTES = 65_536


class Connection:
    """`send` never blocks: what a reader does not take is kept up to a limit, then the reader is cut."""

    def __init__(self, send: Send, wire: Wire | None, *, backlog_bytes: int, ip: str) -> None:
        self.ip = ip
        self.backlog_bytes = backlog_bytes
        self.user_id: int | None = None
        self.session_id: str | None = None
        self.viewer = b""  # who is counted once, app/auth/viewer.py
        self.channels: set[str] = set()
        self.closing: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.slow_since: float | None = None
        self.checked_at = 0.0
        self.publishing: set[asyncio.Task[None]] = set()  # operations that are answered when they are done
        self._asgi_send = send
        self._wire = wire
        self._queue: deque[Frame] = deque()
        self._queued = 0
        self._more = asyncio.Event()
        self._less = asyncio.Event()
        self._less.set()

    @property
    def buffered(self) -> int:
        return self._wire.buffered if self._wire else self._queued

    def send(self, frame: Frame) -> None:
        if self.closing.done():
            return
        if self.buffered + len(frame.wire) > self.backlog_bytes:
            self.cut("backlog")
        elif self._wire is not None:
            self._wire.write(frame.wire)
        else:
            self._queue.append(frame)
            self._queued += len(frame.wire)
            self._more.set()
            if self._queued > SLOW_BYTES:
                self._less.clear()

    async def drained(self) -> None:
        """Until a long answer may go on."""
        await (self._wire.drained() if self._wire else self._less.wait())

    def close(self, code: int, reason: str) -> None:
        """Ask the connection's task to close in an orderly way."""
        if not self.closing.done():
            self.closing.set_result((code, reason))

    def cut(self, reason: str) -> None:
        """Drop the line without a word: its reader would not hear it."""
        self._queue.clear()
        self._queued = 0
        self.close(1008, reason)
        if self._wire is not None:
            self._wire.abort()

    async def write_plainly(self) -> None:
        """The writer for servers without a wire: one ASGI message per frame."""
        while True:
            await self._more.wait()
            while self._queue:
                frame = self._queue.popleft()
                message: dict[str, Any] = {"type": "websocket.send", "text": frame.payload.decode()}
                await self._asgi_send(message)
                self._queued -= len(frame.wire)
                if self._queued <= SLOW_BYTES:
                    self._less.set()
            self._more.clear()
