"""One open socket: writes frames without ever waiting, and is cut off when its reader does not read."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.types import Send

from app.realtime.frames import payload_of
from app.realtime.rate import Rate
from app.realtime.wire import Wire

# Above this a reader counts as slow: the size at which asyncio's transports ask writers to pause.
SLOW_BYTES = 65_536
# What an orderly goodbye may take before the line is dropped.
CLOSE_SECONDS = 2.0


def ignore(frame: bytes) -> None:
    """The `write` of a socket that is over."""


class Connection:
    """`write(frame)` never blocks: what a reader does not take is kept up to a limit, then the reader is cut.

    `write` is swapped, not branched in: straight to the transport while the reader keeps up, counted while it does
    not, nowhere once it is over. So a broadcast is one call per socket.
    """

    __slots__ = (
        "_asgi_send",
        "_less",
        "_more",
        "_queue",
        "_queued",
        "_wire",
        "asked_at",
        "backlog_bytes",
        "channels",
        "closing",
        "ip",
        "is_over",
        "publishing",
        "replays",
        "session_id",
        "slow_since",
        "user_id",
        "viewer",
        "write",
    )

    def __init__(self, send: Send, wire: Wire | None, *, backlog_bytes: int, ip: str) -> None:
        self.ip = ip
        self.backlog_bytes = backlog_bytes
        self.user_id: int | None = None
        self.session_id: str | None = None
        self.viewer = b""  # who is counted once, app/auth/viewer.py
        self.channels: set[str] = set()
        self.asked_at = asyncio.get_running_loop().time()  # when it opened, or last did something
        self.slow_since: float | None = None
        self.publishing: set[asyncio.Task[None]] = set()  # operations that are answered when they are done
        self.replays: Rate | None = None  # of events it missed, once it asks for some
        self.is_over = False
        self.closing: asyncio.Task[None] | None = None
        self._asgi_send = send
        self._wire = wire
        self.write: Callable[[bytes], None]
        if wire is None:
            self._queue: deque[bytes] = deque()
            self._queued = 0
            self._more = asyncio.Event()
            self._less = asyncio.Event()
            self._less.set()
            self.write = self._queue_up
        else:
            self.write = wire.write
            wire.on_paused, wire.on_resumed, wire.on_gone = self._pause, self._resume, self.end

    @property
    def buffered(self) -> int:
        return self._wire.buffered if self._wire else self._queued

    async def closed(self) -> None:
        """Until the goodbye, if there is one, was said or given up."""
        if self.closing is not None:
            await self.closing

    async def drained(self) -> None:
        """Until a long answer may go on."""
        await (self._wire.drained() if self._wire else self._less.wait())

    def close(self, code: int, reason: str) -> None:
        """Say goodbye in an orderly way; nothing is written after it. The reader's loop then sees a disconnect."""
        if not self.is_over:
            self.end()
            self.closing = asyncio.create_task(self._close(code, reason))

    def cut(self) -> None:
        """Drop the line without a word: its reader would not hear it."""
        if self._wire is not None:
            self.end()
            self._wire.abort()
        else:
            self._queue.clear()
            self._queued = 0
            self.close(1008, "slow")

    def end(self) -> None:
        """The line is gone or about to: nothing is written from now on."""
        self.is_over = True
        self.write = ignore

    async def write_plainly(self) -> None:
        """The writer for servers without a wire: one ASGI message per frame."""
        while True:
            await self._more.wait()
            while self._queue:
                frame = self._queue.popleft()
                message: dict[str, Any] = {"type": "websocket.send", "text": payload_of(frame).decode()}
                await self._asgi_send(message)
                self._queued -= len(frame)
                if self._queued <= SLOW_BYTES:
                    self._less.set()
                    self.slow_since = None
            self._more.clear()

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._asgi_send({"type": "websocket.close", "code": code, "reason": reason})
        if self._wire is not None:
            # Whether or not the other side says goodbye too.
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._wire.abort)

    def _pause(self) -> None:
        if not self.is_over:
            self.write = self._write_counted
            self.slow_since = asyncio.get_running_loop().time()

    def _resume(self) -> None:
        self.slow_since = None
        if not self.is_over and self._wire is not None:
            self.write = self._wire.write

    def _write_counted(self, frame: bytes) -> None:
        wire = self._wire
        if wire is None or wire.buffered + len(frame) > self.backlog_bytes:
            self.cut()
        else:
            wire.write(frame)

    def _queue_up(self, frame: bytes) -> None:
        if self._queued + len(frame) > self.backlog_bytes:
            self.cut()
            return
        self._queue.append(frame)
        self._queued += len(frame)
        self._more.set()
        if self._queued > SLOW_BYTES:
            self._less.clear()
            self.slow_since = self.slow_since or asyncio.get_running_loop().time()
