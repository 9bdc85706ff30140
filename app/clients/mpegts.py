"""What really lies in a segment of a transport stream (ISO/IEC 13818-1): a playlist only promises it.

Read packet by packet: sound may hold the bytes of a parameter set by chance, and a picture may begin megabytes
behind the sound before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PACKET = 188
SYNC = 0x47
H264, AAC_ADTS, AAC_LATM = 0x1B, 0x0F, 0x11
SPS = re.compile(rb"\x00\x00\x01[\x27\x47\x67](.)(.)(.)", re.DOTALL)


@dataclass(frozen=True)
class Tracks:
    """Which tracks have data; `avc` is the H.264 picture's RFC 6381 name, "" where no parameter set stands."""

    has_video: bool
    has_audio: bool
    avc: str


def look(data: bytes) -> Tracks:
    """Whole segments and beginnings of them; stops as soon as it knows everything."""
    tables: set[int] = set()
    types: dict[int, int] = {}
    picture = bytearray()
    has_video = has_audio = False
    avc = ""
    for at in range(0, len(data) - PACKET + 1, PACKET):
        if data[at] != SYNC:
            break
        pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
        starts = bool(data[at + 1] & 0x40)
        if pid and pid not in tables and pid not in types:
            continue
        load = payload(data[at : at + PACKET])
        if pid == 0:
            tables |= programs(load) if starts else set()
        elif pid in tables:
            types |= elementary(load) if starts else {}
        elif types[pid] == H264:
            has_video = has_video or starts
            if not avc:
                picture += load
                if match := SPS.search(picture, max(0, len(picture) - len(load) - 6)):
                    avc = "avc1." + b"".join(match.groups()).hex()
        elif types[pid] in (AAC_ADTS, AAC_LATM):
            has_audio = has_audio or starts
        if avc and has_audio:
            break
    return Tracks(has_video, has_audio, avc)


def payload(packet: bytes) -> bytes:
    control = packet[3] >> 4 & 3
    if not control & 1:
        return b""
    return packet[5 + packet[4] :] if control & 2 else packet[4:]


def programs(load: bytes) -> set[int]:
    """Where the program map tables are, from a program association table (2.4.4.3)."""
    rows, end = section(load, 8)
    return {
        (load[at + 2] & 0x1F) << 8 | load[at + 3] for at in range(rows, end - 3, 4) if load[at : at + 2] != b"\x00\x00"
    }


def elementary(load: bytes) -> dict[int, int]:
    """Stream type by packet identifier, from a program map table (2.4.4.8)."""
    at, end = section(load, 12)
    if at >= end:
        return {}
    at += (load[at - 2] & 0x0F) << 8 | load[at - 1]
    found = {}
    while at + 5 <= end:
        found[(load[at + 1] & 0x1F) << 8 | load[at + 2]] = load[at]
        at += 5 + ((load[at + 3] & 0x0F) << 8 | load[at + 4])
    return found


def section(load: bytes, head: int) -> tuple[int, int]:
    """(begin, end) of a table's rows behind its `head` bytes; nothing when it is cut off. Ends before the CRC."""
    if len(load) < 4:
        return 0, 0
    at = 1 + load[0]
    if len(load) < at + head:
        return 0, 0
    length = (load[at + 1] & 0x0F) << 8 | load[at + 2]
    return at + head, min(len(load), at + 3 + length) - 4
