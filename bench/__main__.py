"""`python -m bench [name …]`: run the measurements (all, or those named), then write docs/benchmarks.md."""

from __future__ import annotations

import importlib
import sys
import traceback

from bench.report import write
from bench.result import QUICK

# Each module has main(); order as in the report. Run one at a time: they share two cores.
MEASUREMENTS = ["pipeline", "upload", "http_list", "search", "footprint"]
MEASUREMENTS += ["fanout", "crowd", "many_rooms", "publishing", "queues", "caching", "beside", "counting"]


def main(names: list[str]) -> int:
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    failed = [name for name in names or MEASUREMENTS if not run(name)]
    if failed:
        print(f"failed: {', '.join(failed)}; their last results stand", file=sys.stderr)
    return 1 if failed else 0


def run(name: str) -> bool:
    """One measurement; the page is written after each, so that a failure costs no other's results."""
    print(f"== {name}", flush=True)
    try:
        importlib.import_module(f"bench.{name}").main()
    except Exception:
        traceback.print_exc()
        return False
    if not QUICK:
        write()
    return True


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
