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
# Read in such pieces, so that who sends ten thousand frames at once can be stopped at the first hundreds.
PIECE_BYTES = 4096


def nothing() -> None:
    pass


def always() -> bool:
    return True


class Wire:
    """The line to one browser. The three hooks are called inside the event loop and must not wait."""

    __slots__ = ("_protocol", "may_go_on", "on_gone", "on_paused", "on_resumed", "write")

    def __init__(self, protocol: WireProtocol) -> None:
        self._protocol = protocol
        # The transport's own method: one call per socket is what a broadcast costs.
        self.write: Callable[[bytes], None] = protocol.transport.write
        self.on_paused: Callable[[], None] = nothing  # the browser does not take what is written
        self.on_resumed: Callable[[], None] = nothing
        self.on_gone: Callable[[], None] = nothing  # nothing may be written any more
        # Asked at each frame that brings no message: a ping, a part of one.
        self.may_go_on: Callable[[], bool] = always

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
    is_stopped = False  # it sent too much: what else comes is not even read

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

    def data_received(self, data: bytes) -> None:
        if self.is_stopped:
            return
        if len(data) <= PIECE_BYTES and self.handshake_complete:
            super().data_received(data)
            return
        for start in range(0, len(data), PIECE_BYTES):
            if self.is_stopped or self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE_BYTES])
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # A request the library cannot read, which uvicorn leaves without an answer.
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def handle_ping(self) -> None:
        if self._may_go_on():
            super().handle_ping()

    def handle_text(self, event: Frame) -> None:
        if event.fin or self._may_go_on():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if event.fin or self._may_go_on():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if event.fin or self._may_go_on():
            super().handle_cont(event)

    def handle_pong(self, event: Frame) -> None:
        if event.data == self.pending_ping_payload or self._may_go_on():
            super().handle_pong(event)

    def _may_go_on(self) -> bool:
        self.is_stopped = self.wire is not None and not self.wire.may_go_on()
        return not self.is_stopped

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
        data = b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "bytes":
            self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        else:
            try:
                self.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
            except UnicodeDecodeError:
                # Their mistake, no fault of ours: uvicorn would log a trace for each.
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        if not self.read_paused and self.queue.qsize() >= MAXIMUM_UNREAD:
            self.read_paused = True
            self.transport.pause_reading()

    def _gone(self) -> None:
        if self.wire is not None:
            self.wire.on_gone()
