"""Runs every suite, whatever fails, and says at the end what did: `python -m tests.suites`.

What fails under `tests/faults` or `tests/e2e` runs once more alone, since these share two cores with the whole product
and each other. A second failure counts; a pass is told as FLAKY, a fault of the test or the product to be mended.

TEST_PROCESSES: how many files run side by side where most of the time is waiting (default 2).
PG15: the folder of PostgreSQL 15's programs, for the SQL tests' second run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUN_AGAIN = ("tests/faults/", "tests/e2e/")
TESTS_FAILED = 1  # pytest's exit code; every other one says that the run itself broke


@dataclass(frozen=True)
class Suite:
    """One command. `of_pytest`: its failures can be named and run again."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict)
    of_pytest: bool = True


@dataclass
class Report:
    failed: list[str] = field(default_factory=list)
    flaky: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        return [f"FLAKY {name}" for name in self.flaky] + [f"FAILED {name}" for name in self.failed]


def suites() -> list[Suite]:
    beside = ["-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "loadfile"]
    old = {"TEST_PG_BIN": os.environ.get("PG15", "/usr/lib/postgresql/15/bin")}
    return [
        Suite("the frontend's units", ["npm", "test"], ROOT / "frontend", of_pytest=False),
        Suite("Python", [*beside, "--ignore", "tests/e2e"]),
        Suite("the browser", ["tests/e2e"]),
        Suite("SQL on PostgreSQL 15", [*beside, "tests/sql"], env=old),
    ]


def run(suite: Suite, report: Report) -> None:
    print(f"== {suite.name}", flush=True)
    if not suite.of_pytest:
        if subprocess.run(suite.command, cwd=suite.folder, check=False).returncode:
            report.failed.append(suite.name)
        return
    code, failures = run_pytest(suite, suite.command)
    if code not in (0, TESTS_FAILED) or (code and not failures):
        report.failed.append(f"{suite.name}: pytest ended with {code}")
    for name in failures:
        if name.startswith(RUN_AGAIN) and run_pytest(suite, [name])[0] == 0:
            report.flaky.append(name)
        else:
            report.failed.append(f"{name} ({suite.name})")


def run_pytest(suite: Suite, arguments: Sequence[str]) -> tuple[int, list[str]]:
    """The exit code and the names of the tests, or of the files that cannot be read, that failed."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]
        code = subprocess.run(command, cwd=suite.folder, env={**os.environ, **suite.env}, check=False).returncode
        failures = Path(cache) / "v/cache/lastfailed"
        return code, sorted(json.loads(failures.read_text())) if failures.exists() else []


def main() -> int:
    report = Report()
    for suite in suites():
        run(suite, report)
    print("\n".join(report.lines()) or "All suites passed.", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
