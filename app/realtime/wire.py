"""Under uvicorn: sockets that take ready-made frames, one system call each, and can be cut off.

uvicorn accepts a class as its WebSocket protocol; this one hands the application a `Wire` in the connection's
scope. Under another server it is absent and `connection.py` uses plain ASGI messages.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "trunkline.wire"


class Wire:
    """The line to one browser."""

    def __init__(self, protocol: WebSocketsSansIOProtocol) -> None:
        self._protocol = protocol

    def write(self, frame: bytes) -> None:
        """Write now or keep in the transport's buffer; nothing after a close."""
        protocol = self._protocol
        if not (protocol.close_sent or protocol.disconnected or protocol.transport.is_closing()):
            protocol.transport.write(frame)

    @property
    def buffered(self) -> int:
        """Bytes the browser has not taken yet."""
        return int(self._protocol.transport.get_write_buffer_size())

    async def drained(self) -> None:
        """Until the buffer is small again, or the line is gone."""
        await self._protocol.writable.wait()

    def abort(self) -> None:
        self._protocol.transport.abort()


class WireProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, with the wire in the scope."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # The application's task was made but has not run yet: it will see this.
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][EXTENSION] = Wire(self)
