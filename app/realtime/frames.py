"""A message encoded once: the bytes of its WebSocket frame, the same for every socket."""

from __future__ import annotations

import struct

FINAL_TEXT = 0x81


class Frame:
    """One text message. `wire` is what RFC 6455 §5.2 puts on the line from a server: not masked, one fragment."""

    __slots__ = ("payload", "wire")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.wire = header(len(payload)) + payload


def header(size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", FINAL_TEXT, size)
    if size < 65_536:
        return struct.pack("!BBH", FINAL_TEXT, 126, size)
    return struct.pack("!BBQ", FINAL_TEXT, 127, size)
