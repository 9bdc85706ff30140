"""Under uvicorn: sockets that take ready-made frames, one system call each, and can be cut off.

uvicorn accepts a class as its WebSocket protocol; this one hands the application a `Wire` in the connection's
scope. Under another server it is absent and `connection.py` uses plain ASGI messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

EXTENSION = "trunkline.wire"
# Messages of one browser that wait to be read; above, its line is not read. Pausing at each one, as uvicorn
# does, costs two system calls a message.
MAXIMUM_UNREAD = 16


def nothing() -> None:
    pass


class Wire:
    """The line to one browser. The three hooks are called inside the event loop and must not wait."""

    __slots__ = ("_protocol", "on_gone", "on_paused", "on_resumed", "write")

    def __init__(self, protocol: WireProtocol) -> None:
        self._protocol = protocol
        # The transport's own method: one call per socket is what a broadcast costs.
        self.write: Callable[[bytes], None] = protocol.transport.write
        self.on_paused: Callable[[], None] = nothing  # the browser does not take what is written
        self.on_resumed: Callable[[], None] = nothing
        self.on_gone: Callable[[], None] = nothing  # nothing may be written any more

    @property
    def buffered(self) -> int:
        """Bytes the browser has not taken yet."""
        return int(self._protocol.transport.get_write_buffer_size())

    async def drained(self) -> None:
        """Until the buffer is small again, or the line is gone."""
        await self._protocol.writable.wait()

    def abort(self) -> None:
        self._protocol.transport.abort()


class Unread:
    """What a browser said and the application, its only reader, has not taken yet.

    In the place of uvicorn's asyncio.Queue, whose three deques would be 2 kB of each silent socket.
    """

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def put_nowait(self, item: Any) -> None:
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        while not self._items:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._items.pop(0)

    def qsize(self) -> int:
        return len(self._items)

    def empty(self) -> bool:
        return not self._items


class WireProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, with the wire in the scope."""

    wire: Wire | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = Unread()  # type: ignore[assignment]

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # The application's task was made but has not run yet: it will see this.
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            self.wire = scope["extensions"][EXTENSION] = Wire(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.wire is not None:
            self.wire.on_paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.wire is not None:
            self.wire.on_resumed()

    def handle_close(self, event: Frame) -> None:
        self._gone()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        self._gone()
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # Closing would wait for somebody to take what is buffered, and nobody answers there.
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self._gone()
        super().shutdown()

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            # Ten thousand sockets would keep as many requests that nobody reads again.
            del self.request, self.response
        elif message["type"] == "websocket.http.response.body":
            # uvicorn forgets that a refusal is an answer too, and logs an error for each.
            self.handshake_complete = True

    def send_receive_event_to_app(self) -> None:
        # Told that reading is paused, uvicorn leaves it as it is.
        was_paused, self.read_paused = self.read_paused, True
        super().send_receive_event_to_app()
        self.read_paused = was_paused
        if not was_paused and self.queue.qsize() >= MAXIMUM_UNREAD:
            self.read_paused = True
            self.transport.pause_reading()

    def _gone(self) -> None:
        if self.wire is not None:
            self.wire.on_gone()
