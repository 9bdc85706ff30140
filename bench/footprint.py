"""What everything costs when nothing happens: memory of all processes idle, and the time of a warm start."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path
from threading import Event

import psutil

from bench.result import Bar, Result, median
from tests.e2e.product import Product, start_product

STARTS = 5
SETTLE_SECONDS = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start_product(folder):
            pass  # The first start makes the database and the buckets.
        starts = []
        for _ in range(STARTS):
            began = time.perf_counter()
            with start_product(folder) as product:
                starts.append(time.perf_counter() - began)
        with start_product(folder) as product:
            Event().wait(SETTLE_SECONDS)
            parts = memory(product)
    total = sum(parts.values())
    Result(
        id="4-footprint",
        title="Idle memory and warm start",
        columns=["part", "PSS, MB"],
        rows=[*([name, f"{mb:.0f}"] for name, mb in parts.items()), ["all", f"{total:.0f}"]],
        bars=[
            Bar("memory of everything idle, MB", round(total), 400, False),
            Bar("warm start to /ready, seconds", round(median(starts), 1), 10, False),
        ],
        notes=[
            "PSS: each process's own memory plus its share of what it shares; PostgreSQL's processes added up.",
            f"Start: median of {STARTS}, from the command to /ready answering 200.",
        ],
    ).save()


def memory(product: Product) -> dict[str, float]:
    """MB by part of the product, the supervisor included."""
    found: dict[str, float] = {}
    for process in [product.supervisor, *product.supervisor.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            name = part(process)
            found[name] = found.get(name, 0) + process.memory_full_info().pss / 2**20
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def part(process: psutil.Process) -> str:
    command = " ".join(process.cmdline()) or process.name()
    for word, name in (
        ("postgres", "PostgreSQL"),
        ("weed", "SeaweedFS"),
        ("app serve", "service and worker"),
        ("app local", "supervisor, transcoder, mail catcher"),
    ):
        if word in command:
            return name
    return process.name()


if __name__ == "__main__":
    main()
