"""What writers were told and what readers saw in one room, and what is wrong with it.

The promise: every acknowledged message is read by everybody, once, in the same order, with no gap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """One numbered event as a reader got it; `text` is "writer n" for messages, empty for anything else."""

    seq: int
    text: str


@dataclass
class History:
    acknowledged: dict[str, int] = field(default_factory=dict)  # text → the number its writer was told
    readers: list[list[Seen]] = field(default_factory=list)  # each in order of arrival
    resets: int = 0

    def end_at(self, seq: int) -> None:
        """Forget what is numbered after this: nobody was told of it, and not everybody need have it yet."""
        self.readers = [[event for event in seen if event.seq <= seq] for seen in self.readers]

    def faults(self) -> list[str]:
        """Every broken promise in words; empty when all were kept."""
        return [*self._of_all(), *(f for n, seen in enumerate(self.readers) for f in self._of_reader(n, seen))]

    def _of_all(self) -> Iterator[str]:
        if not self.readers or not self.acknowledged:
            yield "nothing was observed"
        if self.resets:
            yield f"{self.resets} readers were told to load again"
        if any(seen != self.readers[0] for seen in self.readers):
            yield "readers saw different things"

    def _of_reader(self, reader: int, seen: Sequence[Seen]) -> Iterator[str]:
        for before, after in itertools.pairwise(seen):
            if after.seq != before.seq + 1:
                yield f"reader {reader}: {before.seq} is followed by {after.seq}"
        at: dict[str, int] = {}
        last: dict[str, int] = {}
        for event in seen:
            if not event.text:
                continue
            if event.text in at:
                yield f"reader {reader}: {event.text!r} came as {at[event.text]} and as {event.seq}"
            at[event.text] = event.seq
            writer, _, n = event.text.partition(" ")
            if int(n) <= last.get(writer, -1):
                yield f"reader {reader}: {event.text!r} came after {writer} {last[writer]}"
            last[writer] = int(n)
        for text, seq in self.acknowledged.items():
            if at.get(text) != seq:
                yield f"reader {reader}: {text!r} was acknowledged as {seq}, and read as {at.get(text)}"
