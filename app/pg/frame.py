"""What one notification carries: compact JSON, many rings in each, below PostgreSQL's limit of 8,000 bytes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

FRAME_BYTES = 7900
# The frame's own braces, names and commas.
ENVELOPE_BYTES = 128
ROOM_BYTES = FRAME_BYTES - ENVELOPE_BYTES
encode = msgspec.json.encode


class Frame(msgspec.Struct, omit_defaults=True):
    i: str = ""  # who rings
    s: list[tuple[str, int]] = []  # channels and their top numbers
    q: list[str] = []  # queues with new jobs
    c: list[str] = []  # cache keys made invalid
    x: list[str] = []  # canaries
    e: list[tuple[str, str, msgspec.Raw]] = []  # passing events: channel, type, data
    b: list[int] = []  # passing events too large for a frame: ids in rt.blob
    a: int | list[int] = 0  # something happened: look everywhere


decoder = msgspec.json.Decoder(Frame)


def read(text: str) -> Frame:
    """Raises ValueError for what is not ours."""
    try:
        return decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a frame of ours: {error}") from error


def fits(channel: str, type: str, data: msgspec.Raw) -> bool:
    return len(encode((channel, type, data))) + 1 <= ROOM_BYTES


def pack(name: str, parts: Iterable[tuple[str, object]]) -> list[str]:
    """Frames that together say all (field, value) parts; a part too large for any frame is left out."""
    frames: list[str] = []
    fields: dict[str, list[msgspec.Raw]] = {}
    size = 0
    for kind, value in parts:
        text = encode(value)
        if len(text) >= ROOM_BYTES:
            continue  # a name as long as a page cannot be told; the safety poll finds it
        if size + len(text) + 1 > ROOM_BYTES:
            frames.append(seal(name, fields))
            fields, size = {}, 0
        fields.setdefault(kind, []).append(msgspec.Raw(text))
        size += len(text) + 1
    if fields:
        frames.append(seal(name, fields))
    return frames


def seal(name: str, fields: dict[str, list[msgspec.Raw]]) -> str:
    anything = {"a": 1} if fields.pop("a", None) else {}
    return encode({"i": name, **fields, **anything}).decode()
