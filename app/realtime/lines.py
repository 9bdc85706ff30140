"""The HTTP connections of one process: how many, whose, and which of them keep it waiting too long.

uvicorn waits for a request's end, and for its answer to be taken, as long as the other side likes; here both have a
deadline. One look a second at all of them costs a request nothing but the noting of a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import math
import socket
import struct
import termios
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.addresses import is_within
from app.config import Settings
from app.pg.limits import address_key

if TYPE_CHECKING:
    from app.realtime.http_line import HttpLine

TICK_SECONDS = 1.0
# A reader that takes less than this in HTTP_STALL_SECONDS takes nothing: its system lets a few bytes in now and then.
LEAST_TAKEN_BYTES = 16_384


class Lines:
    """One per process. `closed` is told why each connection was refused or cut, for the figures."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.open: set[HttpLine] = set()
        self.closed: Callable[[str], None] = lambda reason: None
        self._of: Counter[str] = Counter()

    @property
    def is_full(self) -> bool:
        return len(self.open) >= self.settings.http_max_connections

    def enter(self, line: HttpLine) -> str | None:
        """Count one; the code it is refused with when there are too many, of all or of its address."""
        owner = self._owner(line)
        refused = None
        if self.is_full:
            refused = "unavailable"
        elif owner and self._of[owner] >= self.settings.http_max_per_address:
            refused = "too_many_requests"
        self.open.add(line)
        self._of[owner] += 1
        return refused

    def leave(self, line: HttpLine) -> None:
        if line not in self.open:
            return
        self.open.remove(line)
        owner = self._owner(line)
        self._of[owner] -= 1
        if not self._of[owner]:
            del self._of[owner]

    def _owner(self, line: HttpLine) -> str:
        """Whom a connection counts for: nobody where it is one of a proxy of ours, or of this machine's own files."""
        peer = line.client[0] if line.client else ""
        return "" if is_within(peer, self.settings.proxies) else address_key(peer)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.run_once(asyncio.get_running_loop().time())

    def run_once(self, now: float) -> int:
        """Cut those whose time is over; returns how many."""
        late = [(line, reason) for line in self.open if (reason := self._overdue(line, now))]
        for line, reason in late:
            line.due = math.inf
            self.closed(reason)
            if reason == "stalled":
                cut(line.transport)
            else:
                line.transport.close()
        return len(late)

    def _overdue(self, line: HttpLine, now: float) -> str | None:
        if self._is_stalled(line, now):
            return "stalled"
        if line.due > now:
            return None
        if line.flow.read_paused:
            # It is we who do not read.
            line.due = now + TICK_SECONDS
            return None
        return line.waits_for

    def _is_stalled(self, line: HttpLine, now: float) -> bool:
        """Whether what is written was hardly taken for too long. Goodbyes count: closing waits for them to be taken."""
        if not line.transport.get_write_buffer_size():
            line.mark = None
            return False
        left = untaken(line.transport)
        if line.mark is None or left <= line.mark - LEAST_TAKEN_BYTES:
            line.mark, line.marked_at = left, now
            return False
        # More may have been written since.
        line.mark = max(line.mark, left)
        return now - line.marked_at > self.settings.http_stall_seconds


def untaken(transport: asyncio.Transport) -> int:
    """Bytes the other side has not acknowledged: ours, and the kernel's, which takes megabytes and tells late."""
    size = transport.get_write_buffer_size()
    line = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        size += int.from_bytes(fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, bytes(4)), "little")
    return size


def cut(transport: asyncio.Transport) -> None:
    """End a connection at once; what the kernel holds for it is thrown away, too."""
    line = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
