"""What a measurement leaves behind: a JSON file in bench/results, from which the report is made."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

RESULTS = Path(__file__).parent / "results"
# A smoke test of the measurements themselves: little of everything, nothing is kept.
QUICK = bool(os.environ.get("BENCH_QUICK"))
NO_FIGURE = 999_999.0


@dataclass
class Bar:
    """A promise: `value` compared with `limit`; `at_least` says which side is good."""

    what: str
    value: float
    limit: float
    at_least: bool

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass
class Result:
    """One measurement. `columns` and `rows` are shown as a table; notes below it, a query plan as text."""

    id: str
    title: str
    columns: list[str]
    rows: list[list[str]]
    bars: list[Bar]
    notes: list[str] = field(default_factory=list)
    plan: str = ""
    pictures: list[str] = field(default_factory=list)  # docs/images/bench-<name>.svg

    def save(self) -> None:
        if QUICK:
            print(self.rows, self.bars, flush=True)
            return
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.id}.json").write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2))


def load_all() -> list[Result]:
    return [
        msgspec.json.decode(path.read_bytes(), type=Result)
        for path in sorted(RESULTS.glob("*.json"), key=lambda path: (int(path.name.split("-")[0]), path.name))
    ]


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def ratio(ours: float, theirs: float) -> float:
    """0 where the other side has no figure: a bar must not be met by somebody's failure."""
    return round(ours / theirs, 2) if theirs > 0 else 0.0


def cost_ratio(ours: float, theirs: float) -> float:
    """`ratio` where less is better: NO_FIGURE, above every bar, when either side has none."""
    return round(ours / theirs, 2) if ours > 0 and theirs > 0 else NO_FIGURE
