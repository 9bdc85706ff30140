"""What an earlier run left behind: its processes, and the lock that keeps two runs off one folder."""

import fcntl
import os
from pathlib import Path

PROGRAMS = ("postgres", "weed")
STOP_SECONDS = 5


class FolderTaken(Exception):
    """Another Trunkline works in this folder; the text names it."""


def lock(data: Path) -> int:
    """Hold the folder until we end, however that happens. Raises FolderTaken."""
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise FolderTaken(
            f"another Trunkline runs in {data}; stop it, or set TRUNKLINE_DATA to another folder"
        ) from None
    return handle


def stop_processes(data: Path) -> list[str]:
    """Stop database and storage servers of this folder that outlived their supervisor. Tells their names.

    On Linux the kernel ends them with it; elsewhere a killed supervisor leaves them running.
    """
    import psutil

    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        words = process.info["cmdline"] or []
        # With the slash: "data" is no part of "data2".
        if process.info["name"] in PROGRAMS and any(f"{data}/" in word for word in words):
            found.append(process)
    for process in found:
        process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=STOP_SECONDS)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=STOP_SECONDS)
    return [str(process.info["name"]) for process in found]
