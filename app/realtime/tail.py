"""The last events of a busy channel, ready to send: a crowd that reconnects does not ask the database."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

MAXIMUM_EVENTS = 200
MAXIMUM_BYTES = 256 * 1024


class Tail:
    """Events as JSON, by number, without holes; bounded in number and bytes."""

    __slots__ = ("_parts", "first", "size")

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self.first = 0  # the number of the oldest; 0 when empty
        self.size = 0  # bytes

    @property
    def last(self) -> int:
        """The number of the newest; 0 when empty."""
        return self.first + len(self._parts) - 1 if self._parts else 0

    def clear(self) -> None:
        self._parts.clear()
        self.first = self.size = 0

    def add(self, seq: int, parts: Sequence[bytes]) -> None:
        """The next ones, the first of them numbered `seq`; starts anew where that is not the next number."""
        if self._parts and seq != self.last + 1:
            self.clear()
        self.first = self.first or seq
        self._parts.extend(parts)
        self.size += sum(map(len, parts))
        while len(self._parts) > MAXIMUM_EVENTS or self.size > MAXIMUM_BYTES:
            self.size -= len(self._parts.popleft())
            self.first += 1
        if not self._parts:
            self.first = 0

    def prepend(self, seq: int, parts: Sequence[bytes]) -> None:
        """Older ones, read from the database, that end right before `first`; as many as there is room for."""
        for offset in range(len(parts) - 1, -1, -1):
            size = self.size + len(parts[offset])
            if len(self._parts) >= MAXIMUM_EVENTS or size > MAXIMUM_BYTES:
                return
            self._parts.appendleft(parts[offset])
            self.first, self.size = seq + offset, size

    def after(self, seq: int) -> list[bytes] | None:
        """Everything after a number; None when it reaches back no further than that."""
        if not self._parts or seq + 1 < self.first:
            return None
        skip = seq + 1 - self.first
        return list(self._parts)[skip:]
