"""Where a worker's claims begin to look in a queue.

Rows that were deleted stay in the index as long as any old snapshot is open (a report, a backup), and a claim that
starts at the head walks all of them again each time: queues like this one die of it. So a worker starts just below
what it claimed last, priority by priority, and looks everywhere only as often as costs a tenth of its time. What
lies further back (a commit that came late, a retry, a dead worker's job) waits for that, a few milliseconds as a rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.pg.queue import HIGHEST, LOWEST, Claimed, Part

# Numbers are given out before their transactions commit: so far back we look each time.
MARGIN = 200
# Looking everywhere may take one part in so many of a worker's time.
FULL_SHARE = 10
# A queue with more priorities than this in use is walked whole.
MAXIMUM_PRIORITIES = 8


class Floor:
    """Of one queue."""

    def __init__(self, queue_id: int) -> None:
        self.queue_id = queue_id
        self._tops: dict[int, int] = {}  # priority → highest id claimed
        self._full_at = 0.0

    def is_full_due(self, now: float) -> bool:
        return now >= self._full_at or not self._tops

    def parts(self, is_full: bool) -> list[Part]:
        """The stretches to walk, in the order of priorities."""
        parts = [Part(self.queue_id, LOWEST, -1, HIGHEST)]
        if is_full:
            return parts
        for priority, id in sorted(self._tops.items()):
            last = parts.pop()
            if priority > LOWEST:
                parts.append(Part(last.queue_id, last.priority, last.id, priority - 1))
            parts.append(Part(self.queue_id, priority, id - MARGIN, HIGHEST))
        return parts

    def claimed(self, jobs: Iterable[Claimed]) -> None:
        for job in jobs:
            if self._tops.get(job.priority, -1) < job.id:
                self._tops[job.priority] = job.id
        if len(self._tops) > MAXIMUM_PRIORITIES:
            self._tops.clear()

    def walked(self, ended: float, seconds: float) -> None:
        """A look everywhere is over and took so long."""
        self._full_at = ended + seconds * (FULL_SHARE - 1)
