"""One command starts everything, keeps it alive, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil
import pytest

from app.local import ports, private
from tests.cluster import free_port
from tests.e2e.product import Product, start_product, until
from tests.house.files import ROOT

# Only what fails waits so long.
SECONDS = 60
# Ten are promised; the rest is for a machine that stands still in between.
BACK_SECONDS = 30


def run(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "app", "local"],
        cwd=ROOT,
        env={**os.environ, "TRUNKLINE_DATA": str(folder), **env},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def named(supervisor: psutil.Process, word: str) -> psutil.Process | None:
    for process in supervisor.children(recursive=True):
        # Backends and encoders come and go between the list and the question.
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(word in part for part in process.cmdline()[:3]):
                return process
    return None


def test_a_taken_port_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path / "data", PORT=str(port))
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "PORT" in done.stderr
    assert not (tmp_path / "data").exists()


def test_parts_that_crash_come_back_and_nothing_is_left(tmp_path: Path) -> None:
    with start_product(tmp_path) as product:
        second = run(tmp_path / "data", PORT=str(free_port()))
        assert second.returncode == 1
        assert "TRUNKLINE_DATA" in second.stderr
        # PostgreSQL more than once: the start after a kill meets the lock file of the one that was killed.
        slowest = 0.0
        for word in ("bin/weed", "bin/postgres", "bin/postgres", "bin/postgres"):
            old = named(product.supervisor, word)
            assert old
            old.kill()
            old.wait(SECONDS)
            killed_at = time.monotonic()
            until(lambda word=word: named(product.supervisor, word), f"{word} to come back")  # type: ignore[misc]
            until(product.is_ready, "the product to be whole again")
            slowest = max(slowest, time.monotonic() - killed_at)
        assert slowest < BACK_SECONDS, f"{slowest:.1f} s until a killed part was back"
        product.kill_service()
        until(product.is_ready, "the product to be whole again")
        leave_a_mail(product)
        assert open_to_others(tmp_path / "data") == []
        assert {ip for p in tree(product.supervisor) for ip in listening(p)} == {"127.0.0.1"}
    # start_product checks that no process is left; a second start finds the data as they were.
    with start_product(tmp_path) as product:
        assert product.is_ready()
    ports = json.loads((tmp_path / "data/ports.json").read_text())
    storage = {name.removeprefix("s3_"): port for name, port in ports.items() if name.startswith("s3")}
    sockets = {f"seaweedfs-{part}-{port}.sock" for part, port in storage.items()}
    sockets |= {f"seaweedfs-{part}-grpc-{port + 10_000}.sock" for part, port in storage.items()}
    assert [name for name in sockets if Path(tempfile.gettempdir(), name).exists()] == []


def leave_a_mail(product: Product) -> None:
    body = {"username": "somebody", "email": "somebody@example.com", "password": "fine words here"}
    assert httpx.post(f"{product.url}/api/auth/register", json=body, timeout=SECONDS).status_code == 201
    until(lambda: product.mail_to("somebody@example.com"), "the mail that confirms an address")


def open_to_others(data: Path) -> list[str]:
    """Paths that others of the machine may read or pass; PostgreSQL's user, who owns its folder, gets to that alone."""
    assert data.stat().st_mode & 0o777 in (0o700, 0o710)
    assert (data / "mail").is_dir()
    assert (data / "s3/objects").is_dir()
    assert (data / "postgres").stat().st_mode & 0o777 == 0o700
    found = []
    for folder, names, files in os.walk(data):
        if Path(folder) == data:
            names.remove("postgres")
        for path in (Path(folder, name) for name in (*names, *files)):
            # Files come and go while the product runs.
            with contextlib.suppress(FileNotFoundError):
                if path.lstat().st_mode & 0o077:
                    found.append(str(path))
    return found


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    mail, server = tmp_path / "mail/1.json", tmp_path / "postgres/PG_VERSION"
    for path in (mail, server):
        path.parent.mkdir(mode=0o755)
        path.write_text("{}")
        path.chmod(0o644)
    tmp_path.chmod(0o711)
    private.close(tmp_path, except_for=tmp_path / "postgres")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path, mail.parent, mail)] == [0o700, 0o700, 0o600]
    assert [path.stat().st_mode & 0o777 for path in (server.parent, server)] == [0o755, 0o644]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_ends_with_its_supervisor(number: signal.Signals, tmp_path: Path) -> None:
    with start_product(tmp_path) as product:
        parts = product.supervisor.children(recursive=True)
        assert len(parts) > 3
        product.supervisor.send_signal(number)
        _, left = psutil.wait_procs(parts, timeout=SECONDS)
        assert [p for p in left if is_alive(p)] == []


def is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def listening(process: psutil.Process) -> set[str]:
    """At which addresses; nowhere, when it ended meanwhile."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {c.laddr.ip for c in process.net_connections("tcp") if c.status == "LISTEN"}
    return set()


def tree(supervisor: psutil.Process) -> list[psutil.Process]:
    return [supervisor, *supervisor.children(recursive=True)]


# A machine without IPv6 has no such host.
HOSTS = ["localhost", "0.0.0.0", *(["::"] if socket.has_dualstack_ipv6() else [])]


@pytest.mark.parametrize("host", HOSTS)
def test_a_port_is_looked_at_on_any_kind_of_host(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        assert not ports.is_free(taken.getsockname()[1], host)
    # Somebody else may take a port that is free; hardly ten of them.
    assert any(ports.is_free(free_port(), host) for _ in range(10))


def test_two_processes_share_the_port_and_come_back_alone(tmp_path: Path) -> None:
    with start_product(tmp_path, WORKERS="2") as product:

        def answering() -> set[int]:
            """Which processes answered some calls; the kernel spreads them."""
            texts = [httpx.get(f"{product.url}/metrics", timeout=SECONDS).text for _ in range(8)]
            return {int(text.split('process="')[1].split('"')[0]) for text in texts}

        one, other = until(lambda: two if len(two := answering()) == 2 else None, "two processes")  # type: ignore[misc]
        killed = psutil.Process(one)
        killed.kill()
        killed.wait(SECONDS)
        # Every call is answered, be it by the other alone or by the next one already.
        assert one not in answering()
        until(lambda: len(now := answering()) == 2 and other in now, "the killed one to come back")
