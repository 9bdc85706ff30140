"""Counts that come in crowds (views): gathered in the process, written in batches, folded by whoever owns them.

`add` costs a dictionary update. A process that is killed loses at most one flush interval of counts.
"""

from __future__ import annotations

import logging
from collections import Counter

from app.errors import AppError
from app.pg.batch import flush_parts
from app.pg.instance import Instance
from app.pg.line import Line
from app.pg.loop import forever

log = logging.getLogger("trunkline.counters")
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
        """Write what is waiting; returns the number of keys. Raises AppError unavailable; those counts wait then."""
        batch, self._waiting = self._waiting, Counter()
        if not batch:
            return 0
        written = 0
        failed: Exception | None = None
        counts = [(kind, id, n) for (kind, id), n in batch.items()]
        for (kind, id, n), answer in zip(counts, await flush_parts(self._bump, counts), strict=True):
            if answer is None:
                written += 1
            elif isinstance(answer, AppError) and answer.code == "unavailable":
                self._waiting[kind, id] += n
                failed = answer
            else:
                # It would be refused each time.
                log.error("a count is lost", extra={"kind": kind, "id": id, "n": n, "error": repr(answer)})
        if failed is not None:
            raise failed
        return written

    async def _bump(self, counts: list[tuple[str, int, int]]) -> list[None]:
        await self.line.fetch(
            "select ct.bump($1, $2, $3, $4)",
            (self.instance.id or 0) % SLOTS,
            [kind for kind, _, _ in counts],
            [id for _, id, _ in counts],
            [n for _, _, n in counts],
        )
        return [None] * len(counts)
