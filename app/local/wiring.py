"""How the parts find each other: the service's environment, its command lines, the Python stand-ins."""

import asyncio
import contextlib
import itertools
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.config import Settings
from app.local import children, ports
from app.local.callers import OwnCallers
from app.local.part import Plan

PORTS = ["desk", "smtp"]
READY_SECONDS = 60.0
SERVICE_STOP_SECONDS = 5.0
ROOT = Path(__file__).parents[2]
# By what address we reach a service that listens on all of the machine's.
LISTENING_EVERYWHERE = {"0.0.0.0": ports.LOOPBACK, "localhost": ports.LOOPBACK, "::": "::1"}


class Missing(Exception):
    """A setting that another setting makes necessary; the text names both."""


def environment(settings: Settings, secrets: Mapping[str, str], known: Mapping[str, int]) -> dict[str, str]:
    """The service's: what the stand-ins decide, under what the person set."""
    given = {name: value for name, value in os.environ.items() if value.strip()}
    default = {
        "SECRET_KEY": secrets["secret_key"],
        "MEDIACONVERT_WEBHOOK_KEY": secrets["mediaconvert_webhook_key"],
        # Together less than SERVICE_STOP_SECONDS, after which the service is killed.
        "SOCKET_DRAIN_SECONDS": "1",
        "SHUTDOWN_SECONDS": "2",
        "WORKER_STOP_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if not settings.s3_endpoint:
        default |= {
            "S3_ENDPOINT": f"http://{ports.LOOPBACK}:{known['s3']}",
            "S3_ACCESS_KEY_ID": secrets["s3_access_key_id"],
            "S3_SECRET_ACCESS_KEY": secrets["s3_secret_access_key"],
        }
    elif not settings.s3_access_key_id and not settings.mediaconvert_endpoint:
        raise Missing("with S3_ENDPOINT the local transcoder needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY")
    if not settings.mediaconvert_endpoint:
        default["MEDIACONVERT_ENDPOINT"] = f"http://{ports.LOOPBACK}:{known['desk']}"
    if not settings.smtp_url:
        default["SMTP_URL"] = f"smtp://{ports.LOOPBACK}:{known['smtp']}"
        default["DEV_MAIL_URL"] = f"http://{ports.LOOPBACK}:{known['desk']}"
    return default | given


def services(settings: Settings, env: Mapping[str, str], logs: Path) -> list[Plan]:
    """As many `python -m app serve` as WORKERS says, each with a log of its own."""
    return [service(settings, env, logs, number) for number in range(1, settings.workers + 1)]


def service(settings: Settings, env: Mapping[str, str], logs: Path, number: int) -> Plan:
    """Ready when /ready says so, whichever process answers."""
    address = f"{_own_address(settings)}/ready"
    suffix = "" if number == 1 else f"-{number}"
    spec = children.Spec(
        f"service{suffix}",
        [sys.executable, "-m", "app", "serve"],
        log=logs / f"service{suffix}.log",
        env=env,
        cwd=ROOT,
        stop_seconds=SERVICE_STOP_SECONDS,
        death_signal=children.SIGTERM,
    )

    async def ready() -> None:
        async with asyncio.timeout(READY_SECONDS):
            for wait in itertools.chain([0.0], itertools.repeat(0.1)):
                await asyncio.sleep(wait)
                if await asyncio.to_thread(_answers, address):
                    return

    name = "the service" if settings.workers == 1 else f"service process {number}"
    return Plan(name, lambda: spec, ready)


async def run_once(command: str, env: Mapping[str, str], log: Path) -> None:
    """`python -m app COMMAND` in a child, so that what it imports is gone afterwards. Raises RuntimeError."""
    await asyncio.to_thread(log.unlink, missing_ok=True)
    spec = children.Spec(command, [sys.executable, "-m", "app", command], log=log, env=env, cwd=ROOT)
    process = await children.start(spec)
    try:
        code = await process.wait()
    finally:
        await children.stop(process, spec)
    if code:
        said = await asyncio.to_thread(log.read_text, errors="replace")
        raise RuntimeError(f"{command} failed:\n{said[-2_000:]}")


async def open_desk(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    data: Path,
    env: Mapping[str, str],
    known: Mapping[str, int],
) -> Any:
    """The ASGI app of the stand-ins that are Python, opened; None when each is replaced."""
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

    from app.local import ffmpeg, mailbox, objects, transcoder, transcoder_events
    from app.local.transcoder_jobs import Config

    routes: list[BaseRoute] = []
    if not settings.smtp_url:
        box = mailbox.Mailbox(data / "mail")
        await box.open(known["smtp"])
        stack.push_async_callback(box.close)
        routes += mailbox.routes(box)
    if not settings.mediaconvert_endpoint:
        keys = env["S3_ACCESS_KEY_ID"], env["S3_SECRET_ACCESS_KEY"]
        hook = f"{_own_address(settings)}/hooks/mediaconvert"
        config = Config(
            data=data / "transcoder",
            tools=ffmpeg.find(settings.ffmpeg_binary, memory_mb=settings.local_transcode_memory_mb),
            account=objects.Account(env["S3_ENDPOINT"], *keys, settings.s3_region),
            destination=transcoder_events.Destination(hook, env["MEDIACONVERT_WEBHOOK_KEY"]),
            keys=keys,
            concurrency=settings.local_transcodes,
            small_seconds=settings.local_small_seconds,
            status_seconds=settings.local_status_seconds,
        )
        encoder = transcoder.Desk(config)
        await encoder.open()
        stack.push_async_callback(encoder.close)
        routes += transcoder.routes(encoder)
    return OwnCallers(Starlette(routes=routes)) if routes else None


def _own_address(settings: Settings) -> str:
    host = LISTENING_EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
