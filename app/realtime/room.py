"""The sockets that follow one channel here: events of one moment travel to all of them in one frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from app.realtime.connection import Connection
from app.realtime.frames import frame
from app.realtime.pace import Pace
from app.realtime.tail import Tail

# A window's events are sent at once above this, so that no frame grows without end.
FRAME_BYTES = 65_536
# Passing events beyond this in one window are left out; they are promised at most once.
MAXIMUM_PASSING = 100
# A crowd is written to in slices of this many sockets: between two, the loop reads, answers and serves other rooms.
SLICE = 500
# More events than this in one window of a large room make its window longer, fewer make it shorter.
CROWDED_EVENTS = 4
CROWD = 200
# At most this part of a room's time goes into writing frames; what comes in the rest shares the next one.
WRITING_SHARE = 0.8

Wrap = Callable[[list[bytes]], bytes]


class Room:
    """Sends at once when the last frame is a window ago, else at the window's end.

    A system call per socket and frame is what a broadcast costs, so where many events meet many sockets the window
    grows from the shortest to the longest the process's `pace` knows, and is never so short that a frame is due while
    the last is hardly written. A quiet room waits only when the process is busy.
    """

    def __init__(self, channel: str, head: bytes, pace: Pace) -> None:
        self.channel = channel
        # In the order they came, which is about how their sockets lie in memory; a set would jump about.
        self.members: dict[Connection, None] = {}
        self.guards: set[Connection] = set()  # keep the channel watched without getting its events
        self.tail = Tail()
        self.is_filled = False  # the tail reaches back as far as it can
        self.written = 0  # events times sockets, to be counted by the hub
        self._head = head
        self._loop = asyncio.get_running_loop()
        self._pace = pace
        self._window = pace.shortest
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._passing = 0
        self._joining: dict[Connection, int] = {}  # came during a window: how many of its events they have already
        self.freed = asyncio.Event()  # not set: nothing is told, who may hear it is being asked
        self.freed.set()
        self.has_missed = False  # something was not told meanwhile
        self._left: set[Connection] = set()  # went away while a frame is being written
        self._apart: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_writing = False
        self._last = -1.0
        self._took = 0.0  # seconds, to write the last frame to everybody

    @property
    def is_empty(self) -> bool:
        return not (self.members or self.guards or self._joining)

    @property
    def readers(self) -> Collection[Connection]:
        return [*self.members, *self._joining] if self._joining else self.members

    @property
    def is_free(self) -> bool:
        return self.freed.is_set()

    def hold(self) -> None:
        self.freed.clear()

    def release(self) -> bool:
        """Whether something was not told meanwhile."""
        missed, self.has_missed = self.has_missed, False
        self.freed.set()
        return missed

    def join(self, connection: Connection) -> None:
        """From the next event on. What waits for the end of the window is not next: they were told of it already."""
        if connection in self.members or connection in self._joining:
            return
        if self._pending or connection in self._left:
            self._joining[connection] = len(self._pending)
        else:
            self.members[connection] = None

    def leave(self, connection: Connection) -> None:
        self._joining.pop(connection, None)
        if connection in self.members:
            del self.members[connection]
            if self._is_writing:
                self._left.add(connection)

    def add(self, parts: Sequence[bytes]) -> None:
        """Numbered events, each as JSON."""
        if not self.members and not self._joining:
            return
        self._pending.extend(parts)
        self._pending_bytes += sum(map(len, parts))
        self._plan()

    def add_passing(self, parts: Sequence[bytes]) -> None:
        room_left = MAXIMUM_PASSING - self._passing
        if room_left > 0:
            self._passing += len(parts)
            self.add(parts[:room_left])

    def send_apart(self, payload: bytes) -> None:
        """A frame of its own, after everything that waits."""
        if not self._is_writing:
            self._flush()
        if self._is_writing:
            self._apart.append(payload)
            return
        data = frame(payload)
        for connection in self.members:
            connection.write(data)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _plan(self) -> None:
        if self._is_writing:
            return
        now, window = time.monotonic(), max(self._window, self._pace.window, self._took / WRITING_SHARE)
        if now - self._last >= window or self._pending_bytes >= FRAME_BYTES:
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._last + window - now, self._flush)

    def _flush(self) -> None:
        self.close()
        parts, self._pending, self._pending_bytes, self._passing = self._pending, [], 0, 0
        if not parts:
            return
        self._last = time.monotonic()
        self._fit_window(len(parts))
        data = frame(self._wrap(parts))
        joining, self._joining = self._joining, {}
        if len(self.members) <= SLICE:
            for connection in self.members:
                connection.write(data)
            self.written += len(parts) * len(self.members)
            self._took = time.monotonic() - self._last
        else:
            self._is_writing = True
            self._write_slice(list(self.members), 0, data, len(parts))
        for connection, known in joining.items():
            if known < len(parts):
                connection.write(frame(self._wrap(parts[known:])))
            self.members[connection] = None

    def _write_slice(self, crowd: list[Connection], start: int, data: bytes, count: int) -> None:
        left = self._left
        part = crowd[start : start + SLICE]
        for connection in part:
            if connection not in left:
                connection.write(data)
        self.written += count * len(part)
        if start + SLICE < len(crowd):
            self._loop.call_soon(self._write_slice, crowd, start + SLICE, data, count)
        else:
            self._loop.call_soon(self._finish)

    def _finish(self) -> None:
        """The crowd's lines were written to; whoever came back meanwhile is a newcomer."""
        self._is_writing = False
        self._took = time.monotonic() - self._last
        self._left.clear()
        apart, self._apart = self._apart, []
        for payload in apart:
            self.send_apart(payload)
        if self._pending:
            self._plan()

    def _fit_window(self, events: int) -> None:
        if events > CROWDED_EVENTS and len(self.members) >= CROWD:
            self._window = min(self._pace.longest, self._window * 1.5)
        else:
            self._window = max(self._pace.shortest, self._window / 1.5)

    def _wrap(self, parts: list[bytes]) -> bytes:
        return self._head + b",".join(parts) + b"]}"
