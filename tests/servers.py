"""The real neighbours of the service, started once a session and only when a test asks for them.

`s3` is SeaweedFS with both buckets, `transcoder` the local MediaConvert with real FFmpeg, `mailbox` the mail
catcher. `connected(settings, …)` points settings at them. `serving(app)` puts an ASGI app on a real port.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import random
import secrets
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.local import children, desk, ffmpeg, objects, ports, storage, transcoder_events
from app.local.transcoder import Desk, routes
from app.local.transcoder_jobs import Config

T = TypeVar("T")
UPLOADS, MEDIA = Settings().s3_upload_bucket, Settings().s3_media_bucket


class Background:
    """An event loop on a thread of its own, for servers that outlive a test's loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="servers", daemon=True)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(90)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    access_key: str
    secret_key: str
    log: Path
    ports: dict[str, int]

    def client(self) -> Any:
        """A synchronous boto3 client, for setting up and looking."""
        import boto3
        from botocore.config import Config as BotoConfig

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=BotoConfig(signature_version="s3v4", s3={"addressing_style": "path"}),
        )


@dataclass(frozen=True)
class TranscoderServer:
    endpoint: str
    access_key: str
    secret_key: str
    desk: Desk

    def control(self, **switches: Any) -> dict[str, Any]:
        """Set faults (see transcoder_events.Faults) and `webhook_url`, `webhook_key`; tells what was sent."""
        url = f"{self.endpoint}/_control"
        answer = httpx.post(url, json=switches, timeout=60) if switches else httpx.get(url, timeout=60)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


@dataclass(frozen=True)
class MailServer:
    url: str
    http: str

    def messages(self) -> list[dict[str, Any]]:
        """Everything caught, newest first: id, from, to, subject, date, text."""
        found: list[dict[str, Any]] = httpx.get(f"{self.http}/messages", timeout=60).json()["items"]
        return found


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    running = Background()
    yield running
    running.close()


def wished_ports() -> dict[str, int]:
    """Even ones for one process of pytest, odd ones for the other: both may look for free ports at the same time."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 2
    chosen = random.sample(range(ports.LOWEST + number, ports.HIGHEST, 2), len(storage.PORTS))
    return dict(zip(storage.PORTS, chosen, strict=True))


@pytest.fixture(scope="session")
def s3(background: Background, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    folder = tmp_path_factory.mktemp("s3")
    keys = secrets.token_hex(8), secrets.token_hex(16)
    server = storage.Storage(folder, ports.pick(storage.PORTS, wished_ports()), *keys, folder / "weed.log")
    spec = dataclasses.replace(storage.prepare(server), stop_seconds=0.1)
    process = background.run(children.start(spec))
    try:
        background.run(storage.wait_ready(server))
        running = S3Server(server.endpoint, *keys, server.log, server.ports)
        for bucket in (UPLOADS, MEDIA):
            running.client().create_bucket(Bucket=bucket)
        yield running
    finally:
        background.run(children.stop(process, spec))
        storage.tidy(server)


@pytest.fixture(scope="session")
def transcoder_server(
    background: Background, s3: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TranscoderServer]:
    keys = secrets.token_hex(8), secrets.token_hex(16)
    config = Config(
        data=tmp_path_factory.mktemp("transcoder"),
        tools=ffmpeg.find(),
        account=objects.Account(s3.endpoint, s3.access_key, s3.secret_key),
        destination=transcoder_events.Destination("", ""),
        keys=keys,
        status_seconds=0.5,
        has_controls=True,
    )
    running = Desk(config)
    background.run(running.open())
    with serving(Starlette(routes=routes(running)), background) as url:
        yield TranscoderServer(url, *keys, running)
    background.run(running.close())


async def forget_jobs(desk: Desk) -> None:
    """Nothing a test left behind takes the next one's faults, or tells its webhook."""
    transcoder = desk.running
    for job in transcoder.jobs.unfinished():
        transcoder.cancel(job)
    ended = list(transcoder._running.values())
    await asyncio.gather(*ended, return_exceptions=True)
    await transcoder.bus.close()


@pytest.fixture
def transcoder(transcoder_server: TranscoderServer, background: Background) -> Iterator[TranscoderServer]:
    """The session's transcoder: every fault off, no job of an earlier test, no webhook until the test gives one."""
    calm = dataclasses.asdict(transcoder_events.Faults()) | {"webhook_url": "", "webhook_key": ""}
    transcoder_server.control(**calm)
    yield transcoder_server
    transcoder_server.control(**calm)
    background.run(forget_jobs(transcoder_server.desk))


@pytest.fixture
def mailbox(background: Background, tmp_path: Path) -> Iterator[MailServer]:
    """An empty mail catcher of the test's own."""
    from app.local import mailbox as catcher

    box = catcher.Mailbox(tmp_path / "mail")
    port = background.run(box.open(0))
    with serving(Starlette(routes=catcher.routes(box)), background) as url:
        yield MailServer(f"smtp://{ports.LOOPBACK}:{port}", url)
    background.run(box.close())


def connected(settings: Settings, s3: S3Server | None = None, transcoder: TranscoderServer | None = None) -> Settings:
    """The settings, pointed at what is running. Give the transcoder its `webhook_url` yourself."""
    if s3:
        settings = dataclasses.replace(
            settings,
            s3_endpoint=s3.endpoint,
            s3_access_key_id=s3.access_key,
            s3_secret_access_key=s3.secret_key,
        )
    if transcoder:
        settings = dataclasses.replace(
            settings,
            mediaconvert_endpoint=transcoder.endpoint,
            mediaconvert_access_key_id=transcoder.access_key,
            mediaconvert_secret_access_key=transcoder.secret_key,
        )
    return settings


async def heard(send: Callable[[], Awaitable[httpx.Response]], tries: int = 20) -> httpx.Response:
    """The answer of a server that hangs up on who is still sending what it has refused: its words may be lost."""
    for _ in range(tries - 1):
        with contextlib.suppress(httpx.TransportError):
            return await send()
    return await send()


@contextlib.contextmanager
def serving(app: Any, background: Background) -> Iterator[str]:
    """Its address, while it is served on a free loopback port by the background loop."""
    server = desk.Server(app, 0)
    background.run(server.start())
    try:
        yield f"http://{ports.LOOPBACK}:{server.port}"
    finally:
        background.run(server.stop())
