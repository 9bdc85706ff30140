"""The files git tracks: what the house tests look at."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GENERATED = {"sql/schema.sql", "frontend/src/api/schema.d.ts"}


@functools.cache
def tracked(*suffixes: str) -> list[Path]:
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    return [
        ROOT / name
        for name in names
        if name and name not in GENERATED and name.endswith(suffixes or ("",)) and (ROOT / name).is_file()
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
