"""`python -m bench [name …]`: run the measurements (all, or those named), then write docs/benchmarks.md."""

from __future__ import annotations

import importlib
import sys

from bench.report import write

# Each module has main(); order as in the report. Run one at a time: they share two cores.
MEASUREMENTS = ["pipeline", "upload", "http_list", "search", "footprint"]
MEASUREMENTS += ["fanout", "crowd", "many_rooms", "publishing", "queues", "caching", "beside", "counting"]


def main(names: list[str]) -> int:
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    for name in names or MEASUREMENTS:
        print(f"== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()
    write()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
