"""Child processes that never outlive us: own process group, parent-death signal, bounded stop."""

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
SIGTERM = signal.SIGTERM
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Spec:
    """What to run and how it likes to be stopped. `user` needs root; `memory_mb` caps address space."""

    name: str
    argv: Sequence[str]
    log: Path | None = None
    env: Mapping[str, str] | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 3.0
    death_signal: signal.Signals = signal.SIGKILL
    memory_mb: int = 0
    cwd: Path | None = None


async def start(spec: Spec) -> asyncio.subprocess.Process:
    """Start it in its own session, output appended to `spec.log`."""
    log = _open_log(spec.log)
    try:
        return await asyncio.create_subprocess_exec(
            *spec.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(spec.env) if spec.env is not None else None,
            cwd="/" if spec.user else spec.cwd,
            start_new_session=True,
            preexec_fn=leash(spec.death_signal, spec.memory_mb),
            user=spec.user,
            group=spec.user,
            extra_groups=[] if spec.user else None,
        )
    finally:
        if log != asyncio.subprocess.DEVNULL:
            os.close(log)


async def stop(process: asyncio.subprocess.Process, spec: Spec) -> None:
    """Ask, wait `stop_seconds`, then kill the whole group. Returns once the process is reaped."""
    if process.returncode is None:
        signal_group(process, spec.stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), spec.stop_seconds)
    signal_group(process, signal.SIGKILL)
    await process.wait()


def signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Signal the child and everything it started; gone already is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def leash(death_signal: signal.Signals, memory_mb: int = 0, nice: int = 0) -> Callable[[], None]:
    """What the child does between fork and exec. Only async-safe calls: other threads may exist."""
    parent = os.getpid()

    def in_child() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            # The parent may have died before prctl: then nobody would ever send the signal.
            if os.getppid() != parent:
                os._exit(1)
        if memory_mb:
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
        if nice:
            os.nice(nice)

    return in_child


def _open_log(path: Path | None) -> int:
    if path is None:
        return asyncio.subprocess.DEVNULL
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
