"""Whose job is next: the highest priority, the oldest of those; and a short one does not wait for a long one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.local import ffmpeg, objects
from app.local.transcoder_events import Destination
from app.local.transcoder_jobs import Config, Transcoder
from app.local.transcoder_store import FINISHED, Job
from tests.house.files import ROOT
from tests.local import clips
from tests.local.test_transcoder_api import camel, until
from tests.servers import S3Server

RUNG = [{"modifier": "_180p", "height": 180, "bitrate": 300_000}]
# Minutes of work, in 14 kB.
LONG = ROOT / "tests/media/odd/11h-gap-between-frames-14kB.mp4"


@pytest.fixture
async def encoder(s3: S3Server, tmp_path: Path) -> AsyncIterator[Transcoder]:
    account = objects.Account(s3.endpoint, s3.access_key, s3.secret_key)
    running = Transcoder(Config(tmp_path / "data", ffmpeg.find(), account, Destination("", ""), ("a", "b")))
    await running.open()
    yield running
    await running.close()


def ask(encoder: Transcoder, source: str, seconds: int | None = None, *, priority: int = 0) -> Job:
    _, wish = clips.job(source, RUNG, audio=False)
    told: dict[str, Any] = {} if seconds is None else {"seconds": str(seconds)}
    settings = camel(wish["Settings"])
    return encoder.create({"role": wish["Role"], "settings": settings, "userMetadata": told, "priority": priority})


def clip(s3: S3Server, folder: Path) -> str:
    made = clips.make(folder / "in.mp4", "-c:v", "libx264", source="testsrc2=s=320x180:r=10:d=1", tone=False)
    return clips.upload(s3, made)


async def test_short_videos_are_made_beside_a_long_one(encoder: Transcoder, s3: S3Server, tmp_path: Path) -> None:
    short = clip(s3, tmp_path)
    endless = ask(encoder, clips.upload(s3, LONG), 39_600)
    other = ask(encoder, clips.upload(s3, LONG), 39_600)
    await until(lambda: endless["status"] == "PROGRESSING")
    small = [ask(encoder, short, 1) for _ in range(3)]
    await until(lambda: all(job["status"] in FINISHED for job in small))
    assert {job["status"] for job in small} == {"COMPLETE"}
    # One place more, no further one; and nothing that is long takes it.
    assert (endless["status"], other["status"]) == ("PROGRESSING", "SUBMITTED")


async def test_one_at_a_time_beside_and_none_beside_a_short_one(
    encoder: Transcoder, s3: S3Server, tmp_path: Path
) -> None:
    short, long = clip(s3, tmp_path), clips.upload(s3, LONG)
    encoder.faults.hold = True
    jobs = [ask(encoder, short, 1), ask(encoder, short, 1), ask(encoder, long)]
    encoder.faults.hold = False
    encoder.start_waiting()
    assert list(encoder._running) == [jobs[0]["id"]]
    await until(lambda: jobs[2]["status"] == "PROGRESSING")
    further = [ask(encoder, short, 1), ask(encoder, short, 1)]
    assert list(encoder._running) == [jobs[2]["id"], further[0]["id"]]


async def test_people_take_turns(encoder: Transcoder, s3: S3Server, tmp_path: Path) -> None:
    """Three videos of one person came before the two of another."""
    source = clip(s3, tmp_path)
    encoder.faults.hold = True
    first = [ask(encoder, source, priority=-turn) for turn in range(3)]
    second = [ask(encoder, source, priority=-turn) for turn in range(2)]
    started: list[str] = []
    tell = encoder.bus.send

    def listen(event: dict[str, Any]) -> asyncio.Task[None] | None:
        if event["detail"]["status"] == "PROGRESSING":
            started.append(event["detail"]["jobId"])
        return tell(event)

    encoder.bus.send = listen  # type: ignore[method-assign]
    encoder.faults.hold = False
    encoder.start_waiting()
    await until(lambda: all(job["status"] in FINISHED for job in [*first, *second]))
    turns = [first[0], second[0], first[1], second[1], first[2]]
    assert started == [job["id"] for job in turns]


async def test_a_job_that_is_cancelled_while_it_waits_never_starts(
    encoder: Transcoder, s3: S3Server, tmp_path: Path
) -> None:
    source = clip(s3, tmp_path)
    encoder.faults.hold = True
    gone, kept = ask(encoder, source), ask(encoder, source)
    encoder.cancel(gone)
    encoder.faults.hold = False
    encoder.start_waiting()
    await until(lambda: kept["status"] in FINISHED)
    assert (gone["status"], kept["status"]) == ("CANCELED", "COMPLETE")
    assert "startTime" not in gone["timing"]
