"""The whole product as `make run` starts it, on free ports and with a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

import httpx
import psutil

from tests.cluster import free_port
from tests.house.files import ROOT

START_SECONDS = 90
STOP_SECONDS = 10
T = TypeVar("T")


@dataclass(frozen=True)
class Product:
    url: str
    supervisor: psutil.Process
    log: Path

    def service(self) -> psutil.Process:
        """The process that serves the browser."""
        found = [p for p in self.supervisor.children(recursive=True) if "serve" in p.cmdline()]
        assert found, "the service is not running"
        return found[0]

    def database(self) -> str:
        """Where the service keeps everything, for who looks or acts in psql."""
        return str(self.service().environ()["DATABASE_URL"])

    def kill_service(self) -> None:
        """As a crash would: no chance to tidy up. Returns once the supervisor has a new one serving."""
        old = self.service()
        old.kill()
        old.wait(10)
        until(self.is_ready, "the service to come back")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def mail_to(self, address: str) -> str:
        """The newest mail to an address, from the local mailbox's page; empty while there is none."""
        articles = httpx.get(f"{self.url}/dev/mail", timeout=5).text.split("<article")[1:]
        return next((text for text in articles if f"to {address}" in text), "")


def until(look: Callable[[], T], what: str, seconds: float = START_SECONDS, every: float = 0.1) -> T:
    """Look again until the answer is true; fails naming what was waited for."""
    pause = Event()
    for _ in range(int(seconds / every)):
        if answer := look():
            return answer
        pause.wait(every)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


@contextlib.contextmanager
def start_product(folder: Path, **env: str) -> Iterator[Product]:
    port = free_port()
    url = f"http://localhost:{port}"
    log = folder / "product.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "local"],
            cwd=ROOT,
            env={
                **os.environ,
                "PORT": str(port),
                "PUBLIC_URL": url,
                "TRUNKLINE_DATA": str(folder / "data"),
                **env,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        product = Product(url, psutil.Process(process.pid), log)
        try:

            def ready() -> bool:
                assert process.poll() is None, f"the product ended:\n{log.read_text()[-3000:]}"
                return product.is_ready()

            until(ready, f"{url}/ready; see {log}")
            yield product
        finally:
            # Has it ended by itself, the reason raised above must not be hidden by one of ours.
            parts = product.supervisor.children(recursive=True) if process.poll() is None else []
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            finally:
                # Nothing may outlive the supervisor; a leftover is killed, then reported.
                _, left = psutil.wait_procs(parts, timeout=1)
                names = [" ".join(p.cmdline()[:4]) for p in left if p.is_running() and p.status() != "zombie"]
                for p in left:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        p.kill()
                if process.poll() is None:
                    process.kill()
                assert names == [], "processes left behind"
