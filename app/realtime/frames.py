"""A message encoded once: the bytes of its WebSocket frame, the same for every socket."""

from __future__ import annotations

import struct

FINAL_TEXT = 0x81


def frame(payload: bytes) -> bytes:
    """One text message as RFC 6455 §5.2 puts it on the line from a server: not masked, one fragment."""
    return header(len(payload)) + payload


def header(size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", FINAL_TEXT, size)
    if size < 65_536:
        return struct.pack("!BBH", FINAL_TEXT, 126, size)
    return struct.pack("!BBQ", FINAL_TEXT, 127, size)


def payload_of(frame: bytes) -> bytes:
    """The message again, for servers that make frames themselves."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]
