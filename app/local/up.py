"""Everything on one machine: starts the stand-ins nobody replaced, then the service, and keeps them alive.

Transcoder and mail catcher live in this process; PostgreSQL, SeaweedFS and the service are children. The
service sees only settings: it cannot tell a stand-in from the real thing.
"""

import asyncio
import contextlib
import functools
import os
import signal
import sys
from pathlib import Path

from app.config import Settings
from app.local import keyring, leftovers, ports, postgres, private, storage, wiring
from app.local.desk import Server
from app.local.part import Part, Plan

LOG_BYTES = 10_000_000


class CannotStart(Exception):
    """Something the person at the keyboard can put right; the text says what."""


def main(settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM. Returns the exit code: 0, or 1 when it could not start."""
    private.by_default()
    try:
        return asyncio.run(_main(settings))
    except* (CannotStart, wiring.Missing, leftovers.FolderTaken, OSError, RuntimeError, TimeoutError) as group:
        for error in group.exceptions:
            print(f"trunkline: {_innermost(error)}", file=sys.stderr)
    return 1


async def _main(settings: Settings) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if not ports.is_free(settings.port, settings.host):
        raise CannotStart(
            f"port {settings.port} is taken by another program; stop it, or choose another port with the setting "
            f"PORT, for example: PORT={settings.port + 1} make run"
        )
    data = await asyncio.to_thread(_data_folder, settings.trunkline_data)
    handle = leftovers.lock(data)
    try:
        await asyncio.to_thread(leftovers.stop_processes, data)
        await _run_until(stopping, Site(settings, data))
    finally:
        os.close(handle)
    return 0


async def _run_until(stopping: asyncio.Event, site: "Site") -> None:
    """A signal also stops a start that is still under way."""
    starting = asyncio.create_task(site.start())
    stopped = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([starting, stopped], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            print(f"Trunkline runs at {site.settings.public_url}", flush=True)
            await stopped
            print("trunkline: stopping", flush=True)
    finally:
        stopped.cancel()
        starting.cancel()
        await asyncio.gather(starting, stopped, return_exceptions=True)
        await site.stop()


class Site:
    """The parts of one installation, in the order they need each other."""

    def __init__(self, settings: Settings, data: Path) -> None:
        self.settings, self.data, self.log = settings, data, data / "log"
        self.log.mkdir(exist_ok=True)
        _rotate(self.log)
        self.secrets = keyring.keep(data / "secrets.json")
        self.ports = ports.keep(data / "ports.json", [*postgres.PORTS, *storage.PORTS, *wiring.PORTS])
        self.env = wiring.environment(settings, self.secrets, self.ports)
        self.stand_ins: list[Part] = []
        self.services: list[Part] = []
        self.storage: storage.Storage | None = None
        self.desk = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Returns once the service answers /ready with 200."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._database())
            group.create_task(self._objects())
        await self._open_desk()
        self.services = [Part(plan) for plan in wiring.services(self.settings, self.env, self.log)]
        async with asyncio.TaskGroup() as group:
            for service in self.services:
                group.create_task(service.start())

    async def stop(self) -> None:
        """The service first, it still has answers to finish; then the rest at once."""
        await asyncio.gather(*(service.stop() for service in self.services))
        await self.desk.aclose()
        await asyncio.gather(*(part.stop() for part in self.stand_ins))
        if self.storage:
            storage.tidy(self.storage)

    async def _database(self) -> None:
        if not self.settings.database_url:
            server = postgres.Postgres(
                self.data / "postgres",
                self.ports["postgres"],
                self.secrets["postgres_admin_password"],
                self.secrets["postgres_password"],
                self.log / "postgres.log",
            )
            self.env["DATABASE_URL"] = server.dsn
            prepare = functools.partial(postgres.prepare, server)
            await self._start(Plan("PostgreSQL", prepare, functools.partial(postgres.wait_ready, server)))
        await wiring.run_once("migrate", self.env, self.log / "migrate.log")

    async def _objects(self) -> None:
        if not self.settings.s3_endpoint:
            keys = self.env["S3_ACCESS_KEY_ID"], self.env["S3_SECRET_ACCESS_KEY"]
            taken = {name: self.ports[name] for name in storage.PORTS}
            server = self.storage = storage.Storage(self.data / "s3", taken, *keys, self.log / "s3.log")
            prepare = functools.partial(storage.prepare, server)
            await self._start(Plan("SeaweedFS", prepare, functools.partial(storage.wait_ready, server)))
        await wiring.run_once("cloud-setup", self.env, self.log / "cloud-setup.log")

    async def _start(self, plan: Plan) -> None:
        part = Part(plan)
        self.stand_ins.append(part)
        await part.start()

    async def _open_desk(self) -> None:
        """Transcoder and mail catcher, on one port of this process."""
        app = await wiring.open_desk(self.desk, self.settings, self.data, self.env, self.ports)
        if app is not None:
            server = Server(app, self.ports["desk"])
            await server.start()
            self.desk.push_async_callback(server.stop)


def _data_folder(name: str) -> Path:
    data = Path(name).expanduser().resolve()
    data.mkdir(parents=True, exist_ok=True)
    private.close(data, except_for=data / "postgres")
    return data


def _rotate(folder: Path) -> None:
    for path in folder.glob("*.log"):
        if path.stat().st_size > LOG_BYTES:
            os.replace(path, path.with_suffix(".log.1"))


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
