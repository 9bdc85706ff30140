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
# Only what fails waits so long: a machine with much to do stands still for seconds.
STOP_SECONDS = 60
KILL_SECONDS = 30
LOOK_SECONDS = 30
# The supervisor waits for its parts itself; what the kernel still does with them takes a moment.
LEFT_SECONDS = 10
T = TypeVar("T")


@dataclass(frozen=True)
class Product:
    url: str
    supervisor: psutil.Process
    log: Path

    def service(self) -> psutil.Process:
        """The process that serves the browser."""

        def look() -> psutil.Process | None:
            for process in self.supervisor.children(recursive=True):
                # Encoders come and go between the list and the question.
                with contextlib.suppress(psutil.NoSuchProcess):
                    if "serve" in process.cmdline():
                        return process
            return None

        found = until(look, "the service to run")
        assert found
        return found

    def database(self) -> str:
        """Where the service keeps everything, for who looks or acts in psql."""
        return str(self.service().environ()["DATABASE_URL"])

    def kill_service(self) -> None:
        """As a crash would: no chance to tidy up. Returns once the supervisor has a new one serving."""
        old = self.service()
        old.kill()
        old.wait(KILL_SECONDS)
        until(self.is_ready, "the service to come back")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def mail_to(self, address: str) -> str:
        """All mails to an address, from the local mailbox's page, newest first; two may overtake each other."""
        articles = httpx.get(f"{self.url}/dev/mail", timeout=LOOK_SECONDS).text.split("<article")[1:]
        return "".join(text for text in articles if f"to {address}" in text)


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
                # A machine that stands still for seconds is no database that is away.
                "DB_ACQUIRE_SECONDS": "30",
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
                _, left = psutil.wait_procs(parts, timeout=LEFT_SECONDS)
                names = []
                for p in left:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        if p.status() != psutil.STATUS_ZOMBIE:
                            names.append(" ".join(p.cmdline()[:4]))
                        p.kill()
                if process.poll() is None:
                    process.kill()
                assert names == [], "processes left behind"
