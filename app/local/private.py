"""What lies in the data folder is its owner's alone: mails with links that sign people in, keys, everybody's videos."""

import os
import stat
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def by_default() -> None:
    """From now on what this process and its children make is readable by nobody else."""
    os.umask(OTHERS)


def close(data: Path, *, except_for: Path) -> None:
    """Take others' rights off what is there already; `except_for` belongs to somebody who sees to it himself."""
    for folder, names, files in os.walk(data):
        names[:] = [name for name in names if Path(folder, name) != except_for]
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            mode = path.lstat().st_mode
            if mode & OTHERS and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~OTHERS)
