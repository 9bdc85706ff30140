"""Counts that come in crowds (views): gathered in the process, written in batches, folded by whoever owns them.

`add` costs a dictionary update. A process that is killed loses at most one flush interval of counts.
"""

from __future__ import annotations

from collections import Counter

from app.errors import AppError
from app.pg.instance import Instance
from app.pg.line import Line
from app.pg.loop import forever

FLUSH_SECONDS = 1.0
SLOTS = 64


class Counters:
    """Totals reach SQL through `ct.take(kind)`, which the owner's SQL function folds into its table."""

    def __init__(self, line: Line, instance: Instance) -> None:
        self.line = line
        self.instance = instance
        self._waiting: Counter[tuple[str, int]] = Counter()

    def add(self, kind: str, id: int, n: int = 1) -> None:
        self._waiting[kind, id] += n

    async def run(self) -> None:
        await forever("counters", self.run_once, FLUSH_SECONDS)

    async def run_once(self) -> int:
        """Write what is waiting; returns the number of keys. On failure the counts wait for the next time."""
        batch, self._waiting = self._waiting, Counter()
        if not batch:
            return 0
        keys = list(batch)
        try:
            await self.line.fetch(
                "select ct.bump($1, $2, $3, $4)",
                (self.instance.id or 0) % SLOTS,
                [kind for kind, _ in keys],
                [id for _, id in keys],
                [batch[key] for key in keys],
            )
        except AppError:
            self._waiting.update(batch)
            raise
        return len(keys)
