"""Runs the transcoder's jobs, a few at a time, and tells the bus about each turn.

As with the real one the highest priority goes first. While long jobs hold every place, a short one has one more.
"""

import asyncio
import contextlib
import functools
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.local import ffmpeg, objects, transcoder_events
from app.local.ladder import SettingsError
from app.local.transcoder_events import Bus, Destination, Faults, event
from app.local.transcoder_store import FINISHED, Job, Jobs
from app.local.transcoder_work import Result, work

SHARE = {"PROBING": (0, 2), "TRANSCODING": (2, 95), "UPLOADING": (95, 100)}
FRESH = {"status": "SUBMITTED", "currentPhase": "PROBING", "phasePercent": 0, "jobPercentComplete": 0}
UNKNOWN_ERROR = 1999


@dataclass(frozen=True)
class Config:
    """Everything the transcoder is told. `status_seconds` > 0 replaces the jobs' own interval."""

    data: Path
    tools: ffmpeg.Tools
    account: objects.Account
    destination: Destination
    keys: tuple[str, str]
    concurrency: int = 1
    small_seconds: float = 300
    status_seconds: float = 0
    has_controls: bool = False


class Transcoder:
    """The jobs that wait and those that run. `open` takes up what an earlier life left unfinished."""

    def __init__(self, config: Config) -> None:
        self.config, self.faults = config, Faults()
        self.jobs = Jobs(config.data / "jobs")
        self.bus = Bus(config.destination, self.faults)
        self._waiting: list[Job] = []
        self._running: dict[str, asyncio.Task[None]] = {}
        self._is_open = False

    async def open(self) -> None:
        self._is_open = True
        for job in self.jobs.by_id.values():
            if job.get("unsent"):
                self._announce(job)
        for job in self.jobs.unfinished():
            job |= FRESH
            self._waiting.append(job)
        self.start_waiting()

    async def close(self) -> None:
        """Stop encoding. Jobs stay unfinished on disk and run again after the next `open`."""
        self._is_open = False
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.bus.close()

    def create(self, body: dict[str, Any]) -> Job:
        job, is_new = self.jobs.create(body)
        if is_new:
            self._waiting.append(job)
            self.start_waiting()
        return job

    def cancel(self, job: Job) -> None:
        self._finish(job, "CANCELED")
        if task := self._running.get(job["id"]):
            task.cancel()

    def start_waiting(self) -> None:
        """Start every job that may start now; called whenever that may have become true."""
        while self._is_open and not self.faults.hold and (job := self._next()):
            self._waiting.remove(job)
            self._running[job["id"]] = task = asyncio.create_task(self._run(job))
            task.add_done_callback(functools.partial(self._ended, job["id"]))

    def _next(self) -> Job | None:
        self._waiting = [job for job in self._waiting if job["status"] not in FINISHED]
        fitting = self._waiting
        if len(self._running) >= self.config.concurrency:
            running = [self.jobs.by_id[name] for name in self._running]
            is_full = len(running) > self.config.concurrency or any(map(self._is_small, running))
            fitting = [] if is_full else [job for job in self._waiting if self._is_small(job)]
        return min(fitting, key=lambda job: (-job["priority"], job["createdAt"]), default=None)

    def _is_small(self, job: Job) -> bool:
        """By the length that whoever asks has measured; without it a job counts as long."""
        told = str(job["userMetadata"].get("seconds", ""))
        return told.isdigit() and int(told) <= self.config.small_seconds

    def _ended(self, name: str, _: asyncio.Task[None]) -> None:
        del self._running[name]
        self.start_waiting()

    async def _run(self, job: Job) -> None:
        job["status"] = "PROGRESSING"
        job["timing"]["startTime"] = int(time.time())
        self.jobs.save(job)
        self.bus.send(event(job, "PROGRESSING"))
        ticker = asyncio.create_task(self._report(job))
        try:
            if code := self.faults.fail_next:
                self.faults.fail_next = 0
                raise SettingsError(code, "a failure that a test asked for")
            result = await self._work(job)
        except SettingsError as error:
            self._fail(job, error.code, str(error))
        except Exception as error:
            self._fail(job, UNKNOWN_ERROR, f"{type(error).__name__}: {error}"[:500])
        else:
            job |= {"outputGroupDetails": result.details, "jobPercentComplete": 100}
            self._finish(job, "COMPLETE", _outcome(result))
        finally:
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticker

    async def _work(self, job: Job) -> Result:
        def step(phase: str, percent: float) -> None:
            low, high = SHARE[phase]
            done = int(low + (high - low) * percent / 100)
            job["currentPhase"], job["phasePercent"] = phase, int(percent)
            job["jobPercentComplete"] = max(job["jobPercentComplete"], done)

        def on_source(source: ffmpeg.Source) -> None:
            address = job["settings"]["inputs"][0]["fileInput"]
            self.bus.send(event(job, "INPUT_INFORMATION", inputDetails=[_input(address, source)]))

        scratch = self.config.data / "work"
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
            config = self.config
            return await work(job["settings"], config.tools, config.account, Path(folder), step, on_source)

    async def _report(self, job: Job) -> None:
        seconds = self.config.status_seconds or float(job["statusUpdateInterval"].removeprefix("SECONDS_"))
        while True:
            await asyncio.sleep(seconds)
            told = {"framesDecoded": 0, "jobProgress": transcoder_events.progress(job)}
            self.bus.send(event(job, "STATUS_UPDATE", **told))

    def _fail(self, job: Job, code: int, message: str) -> None:
        job |= {"errorCode": code, "errorMessage": message}
        self._finish(job, "ERROR", {"errorCode": code, "errorMessage": message})

    def _finish(self, job: Job, status: str, outcome: dict[str, Any] | None = None) -> None:
        job["status"] = status
        job["timing"]["finishTime"] = int(time.time())
        job["unsent"] = {"outcome": outcome or {}}
        self.jobs.save(job)
        self._announce(job)

    def _announce(self, job: Job) -> None:
        """Send the final event; until it was taken, the job's file says that it is owed."""

        def settled(task: asyncio.Task[None]) -> None:
            if not task.cancelled():
                job.pop("unsent", None)
                self.jobs.save(job)

        task = self.bus.send(event(job, job["status"], **job["unsent"]["outcome"]))
        if task is not None:
            task.add_done_callback(settled)


def _outcome(result: Result) -> dict[str, Any]:
    return {"warnings": [], "paddingInserted": 0, "blackVideoDetected": 0, "outputGroupDetails": result.paths}


def _input(address: str, source: ffmpeg.Source) -> dict[str, Any]:
    video = {
        "streamId": 1,
        "width": source.width,
        "height": source.height,
        "frameRate": round(float(source.fps), 3),
        "interlaceMode": "INTERLACED" if source.is_interlaced else "PROGRESSIVE",
    }
    audio = [{"streamId": 2, "language": "UND"}] if source.has_audio else []
    return {"id": 1, "uri": address, "video": [video], "audio": audio}
