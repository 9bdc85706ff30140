"""Processes of a measurement: pinned to a core, ended with the block, gone when we die.

The measured server runs on one core and the load client on the other; PostgreSQL and Redis run where the kernel
puts them, for every side alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from app.local import postgres
from app.local.children import leash
from bench.result import QUICK
from tests.cluster import free_port

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "bench" / "peers"
PYTHON = str(PEERS / ".venv" / "bin" / "python")
NODE = ["node"]
SERVER_CORE, CLIENT_CORE = 0, 1
STOP_SECONDS = 8
START_SECONDS = 30
# Where the system sets no limit of its own.
OPEN_FILES = 65_536


def rounds(n: int) -> int:
    """How often to repeat: once in a smoke test."""
    return 1 if QUICK else n


def size(n: int) -> int:
    """How much to do: a tenth in a smoke test."""
    return n // 10 if QUICK else n


class Silent(Exception):
    """A process did not answer in time, or ended."""


class Child:
    """A running process. `say` and `hear` speak lines of JSON with it."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log
        self._heard = b""

    def say(self, value: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(value).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self, seconds: float) -> str:
        """The next line of its output. Raises Silent."""
        assert self.process.stdout
        until = time.monotonic() + seconds
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65_536) if ready else b""
            if not chunk:
                why = "ended" if ready else f"said nothing for {seconds:g} s"
                raise Silent(f"{self.process.args} {why}:\n{self.log.read_text(errors='replace')[-1500:]}")
            self._heard += chunk
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()

    def hear_json(self, seconds: float) -> dict[str, Any]:
        """The next line that is a JSON object; other lines are chatter."""
        while not (line := self.hear(seconds)).startswith("{"):
            pass
        value: dict[str, Any] = json.loads(line)
        return value


@contextlib.contextmanager
def running(
    argv: Sequence[str], core: int | None = None, env: Mapping[str, str] | None = None, **how: Any
) -> Iterator[Child]:
    """A process beside the block, in a group of its own, which is ended with it. `how` goes to Popen."""
    log = Path(tempfile.mkstemp(prefix="trunkline-bench-", suffix=".log")[1])
    with log.open("wb") as errors:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=how.pop("stdout", subprocess.PIPE),
            stderr=errors,
            env={**os.environ, "NODE_ENV": "production", **(env or {})},
            start_new_session=True,
            preexec_fn=prepare(core),
            **{"cwd": ROOT, **how},
        )
    try:
        yield Child(process, log)
    finally:
        end(process)
        log.unlink(missing_ok=True)


def prepare(core: int | None) -> Callable[[], None]:
    """Between fork and exec: die with us, stay on a core, open many files."""
    tie = leash(signal.SIGKILL)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = most if most != resource.RLIM_INFINITY else OPEN_FILES

    def in_child() -> None:
        tie()
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
        if core is not None and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(0, {core})

    return in_child


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """Ask, wait, kill the group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()


def ask(argv: Sequence[str], core: int | None = SERVER_CORE, seconds: float = 120, **env: str) -> dict[str, Any]:
    """Run a program that measures something; the JSON object it prints."""
    with running(argv, core, env) as child:
        return child.hear_json(seconds)


@contextlib.contextmanager
def start_redis() -> Iterator[str]:
    """A Redis of our own on a free port, in memory only; its address."""
    port = free_port()
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory() as folder, running(argv, stdout=subprocess.DEVNULL, cwd=folder) as child:
        wait_for_port(port, child)
        yield f"redis://127.0.0.1:{port}"


def wait_for_port(port: int, child: Child) -> None:
    """Return once something listens there."""
    until = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if child.process.poll() is not None or time.monotonic() > until:
            raise Silent(f"{child.process.args} did not listen:\n{child.log.read_text(errors='replace')[-1500:]}")
        select.select([], [], [], 0.05)


class Postgres:
    """A PostgreSQL with the programs and settings of `make run`, on disk, durable."""

    def __init__(self, server: postgres.Postgres) -> None:
        self.server = server

    def dsn(self, database: str) -> str:
        """As its superuser: peers make schemas and extensions of their own."""
        word = quote(self.server.admin_password)
        return f"postgresql://postgres:{word}@127.0.0.1:{self.server.port}/{database}"

    def run(self, sql: str, database: str = "postgres") -> list[Any]:
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def fresh(self, name: str, template: str = "template1") -> str:
        """An empty database under this name; its address."""
        self.run(f'drop database if exists "{name}" with (force)')
        self.run(f'create database "{name}" template "{template}"')
        return self.dsn(name)

    def migrated(self, name: str = "trunkline") -> str:
        """A fresh database with our schema; its address."""
        if not self.run("select 1 from pg_database where datname = 'ours'"):
            from app.pg.migrate import migrate

            migrate(self.fresh("ours"))
        return self.fresh(name, "ours")


@contextlib.contextmanager
def start_postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = postgres.Postgres(folder / "pg", free_port(), "bench", "bench", folder / "log")
        spec = postgres.prepare(server)
        with running(spec.argv, env=spec.env, cwd="/", user=spec.user, group=spec.user,
                     extra_groups=[] if spec.user else None, stdout=subprocess.DEVNULL) as child:  # fmt: skip
            try:
                asyncio.run(postgres.wait_ready(server))
                yield Postgres(server)
            finally:
                end(child.process, spec.stop_signal)


def python(module: str) -> list[str]:
    """A module of ours, under our own Python."""
    return [sys.executable, "-m", module]


def peer(script: str) -> list[str]:
    """A script in bench/peers, under what runs it."""
    path = str(PEERS / script)
    return [*NODE, path] if script.endswith(".js") else [PYTHON, path]
