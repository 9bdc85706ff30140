"""Only servers of this very folder are taken for leftovers."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.leftovers import stop_processes

# Named after a part, so that it looks like one; ends by itself when forgotten.
Started = dict[str, subprocess.Popen[bytes]]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Started]:
    """A "postgres" that works in `data`, and one that works in `data2`."""
    program = tmp_path / "postgres"
    shutil.copy(shutil.which("tail") or "/usr/bin/tail", program)
    started: Started = {}
    for name in ("data", "data2"):
        file = tmp_path / name / "postgres" / "log"
        file.parent.mkdir(parents=True)
        file.touch()
        started[name] = subprocess.Popen([program, "-f", f"--pid={os.getpid()}", str(file)])
    yield started
    for process in started.values():
        process.kill()
        process.wait(10)


def test_a_folder_whose_name_starts_alike_is_left_alone(servers: Started, tmp_path: Path) -> None:
    assert stop_processes(tmp_path / "data") == ["postgres"]
    assert servers["data"].poll() is not None
    assert servers["data2"].poll() is None
