"""Runs the claimed jobs of one queue: a few tasks that take one after another, as many at once as the queue may.

A task, a timeout and a lock per job cost more than a small job itself. So a runner goes on to the next job without
a pause, one timer watches all time limits, and further runners are called up only while jobs wait and the ones
there are busy waiting for something. Ends are noted in `Ends`; app/worker.py reports them.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.deps import Deps
from app.errors import AppError
from app.jobs import GiveUp, Job, JobSpec
from app.pg.floor import Floor
from app.pg.queue import Claimed, Failed

log = logging.getLogger("trunkline.worker")
DEFAULT_MAX_ATTEMPTS = 20
MESSAGE_CHARACTERS = 1000
# Jobs that never wait for anything leave the loop to others this often.
SLICE_SECONDS = 0.002
# While jobs take longer than this, none is claimed ahead: an idle process could run it now.
QUICK_SECONDS = 0.05
UNKNOWN_SECONDS = 1.0
# A job claimed ahead that waits longer than this is given back.
WAITING_SECONDS = 1.0

# time: over its limit; late: our lease is about to end; gone: cancelled or taken over; stop: the process stops.
Why = Literal["", "time", "late", "gone", "stop"]


@dataclass(frozen=True)
class Share:
    """What one process takes of a queue: jobs at once, and jobs held in all (0: one more than at once)."""

    at_once: int = 1
    held: int = 0

    @property
    def most(self) -> int:
        return max(self.held, self.at_once + 1)

    @property
    def is_fast(self) -> bool:
        return self.held > self.at_once + 1


@dataclass
class Ends:
    """How tries ended since it was last reported."""

    done: list[Claimed] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    back: list[Claimed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.done or self.failed or self.back)

    def ids(self) -> list[int]:
        return [job.id for job in (*self.done, *(failed.job for failed in self.failed), *self.back)]


class Runner:
    """A task and the job it is at."""

    __slots__ = ("claimed", "deadline", "spec", "started", "task", "why")

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.claimed: Claimed | None = None
        self.spec: JobSpec | None = None
        self.started = 0.0
        self.deadline = 0.0
        self.why: Why = ""

    def cancel(self, why: Why) -> None:
        if self.task is not None and self.claimed is not None and not self.why:
            self.why = why
            self.task.cancel()


class Crew:
    """The jobs of one queue in this process."""

    def __init__(
        self,
        deps: Deps,
        specs: Mapping[str, JobSpec],
        queue_id: int,
        name: str,
        share: Share,
        ends: Ends,
        on_end: Callable[[Crew], None],
    ) -> None:
        self.deps = deps
        self.specs = specs
        self.id = queue_id
        self.name = name
        self.share = share
        self.ends = ends
        self.on_end = on_end
        self.floor = Floor(queue_id)
        self.wait_seconds = deps.metrics.job_wait_seconds.labels(name)
        self.waiting: deque[Claimed] = deque()
        self.runners: set[Runner] = set()
        self.busy = 0  # runners that are at a job
        self.asked = 0  # by turns under way
        self.rings = 0
        self.is_dry = False  # the last turn found less than it asked for
        self.mean_seconds = UNKNOWN_SECONDS
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self._moved_at = self._clock()
        self._slice_ends = 0.0
        self._burst = 1
        self._is_calling = False
        self._tick_at = float("inf")
        self._tick_handle: asyncio.TimerHandle | None = None

    @property
    def held(self) -> int:
        return len(self.waiting) + self.busy

    @property
    def most(self) -> int:
        return self.share.most if self.mean_seconds < QUICK_SECONDS else self.share.at_once

    @property
    def room(self) -> int:
        return self.most - self.held - self.asked

    def take(self, jobs: Iterable[Claimed]) -> None:
        self.waiting.extend(jobs)
        self._moved_at = self._clock()
        self._call_up()

    def ids(self) -> list[int]:
        return [job.id for job in self.waiting] + [r.claimed.id for r in self.runners if r.claimed is not None]

    def running(self, seconds: float) -> list[tuple[Runner, Claimed]]:
        """Jobs that run for this long already."""
        before = self._clock() - seconds
        return [(r, r.claimed) for r in self.runners if r.claimed is not None and r.started <= before]

    def give_back_waiting(self, *, only_stale: bool) -> None:
        """Jobs claimed ahead go back unstarted: at a stop, or when those before them take long after all."""
        if self.waiting and not (only_stale and self._clock() - self._moved_at < WAITING_SECONDS):
            self.ends.back.extend(self.waiting)
            self.waiting.clear()
            self.mean_seconds = UNKNOWN_SECONDS

    def cancel_exclusive(self) -> None:
        for runner in self.runners:
            if runner.spec is not None and runner.spec.is_exclusive:
                runner.cancel("late")

    def _call_up(self) -> None:
        """Start runners: one, and while those started have all come to wait for something, twice as many more."""
        if not self._is_calling:
            self._burst = 1
            self._step()

    def _step(self) -> None:
        number = min(self.share.at_once - len(self.runners), len(self.waiting), self._burst)
        self._is_calling = number > 0
        if number <= 0:
            return
        self._slice_ends = self._clock() + SLICE_SECONDS
        for _ in range(number):
            runner = Runner()
            self.runners.add(runner)
            runner.task = asyncio.create_task(self._work(runner), name=f"jobs of {self.name}")
        self._burst *= 2
        # Runs after the first step of the tasks just made.
        self._loop.call_soon(self._step)

    async def _work(self, runner: Runner) -> None:
        try:
            while self.waiting:
                if await self._run(runner, self.waiting.popleft()) > self._slice_ends:
                    break
        finally:
            self.runners.discard(runner)
            if self.waiting and not self._is_calling:
                # Not at once: the loop must see to everybody else first.
                self._is_calling, self._burst = True, 1
                self._loop.call_soon(self._step)

    async def _run(self, runner: Runner, claimed: Claimed) -> float:
        """Run one job and note its end; returns the time then. Raises nothing but a foreign cancellation."""
        started = self._clock()
        self._moved_at = started
        spec = self.specs.get(claimed.kind)
        runner.claimed, runner.spec, runner.started, runner.why = claimed, spec, started, ""
        self.busy += 1
        runner.deadline = started + (spec.timeout_seconds if spec is not None else UNKNOWN_SECONDS)
        if runner.deadline < self._tick_at:
            self._watch(runner.deadline)
        is_foreign = False
        try:
            if spec is None:
                # Perhaps of a newer version: another process may know it.
                raise LookupError(f"no handler for {claimed.kind}")
            allowed = claimed.max_attempts or spec.max_attempts
            if claimed.attempt > 1:
                refuse(claimed, spec, allowed)
            job = Job(
                claimed.id, self.name, claimed.kind, claimed.payload, claimed.attempt, allowed, claimed, self.deps
            )
            await spec.handler(job, self.deps)
            self.ends.done.append(claimed)
        except (Exception, asyncio.CancelledError) as error:
            is_foreign = isinstance(error, asyncio.CancelledError) and not runner.why
            self._note(claimed, spec, error, runner.why)
        runner.claimed = None
        self.busy -= 1
        if runner.why and runner.task is not None:
            while runner.task.cancelling():
                runner.task.uncancel()
        ended = self._clock()
        self.mean_seconds += (ended - started - self.mean_seconds) * 0.2
        self.deps.metrics.job_seconds.labels(claimed.kind).observe(ended - started)
        self.on_end(self)
        if is_foreign:
            raise asyncio.CancelledError
        return ended

    def _note(self, claimed: Claimed, spec: JobSpec | None, error: BaseException, why: Why) -> None:
        if why == "gone" or (isinstance(error, AppError) and error.code == "job_taken_over"):
            self.deps.metrics.jobs.labels(claimed.kind, "taken_over").inc()
            log.warning("job was cancelled or taken over, its work does not count", extra=about(claimed))
        elif isinstance(error, asyncio.CancelledError):
            self._note_interrupted(claimed, spec, why)
        elif isinstance(error, GiveUp):
            self._fail(claimed, spec, error.code, error.reason, give_up=True)
        elif isinstance(error, AppError):
            self._fail(claimed, spec, error.code, error.message)
        elif isinstance(error, TimeoutError):
            self._fail(claimed, spec, "timeout", "Something it waited for took too long.")
        else:
            log.error("job raised", extra=about(claimed), exc_info=error)
            self._fail(claimed, spec, type(error).__name__, str(error))

    def _note_interrupted(self, claimed: Claimed, spec: JobSpec | None, why: Why) -> None:
        if spec is not None and not spec.is_repeatable:
            self._fail(claimed, spec, "interrupted", f"{INTERRUPTED[why]} {NOT_REPEATED}", give_up=True)
        elif why == "time":
            self._fail(claimed, spec, "timeout", "The time limit of this kind of job was reached.")
        else:
            self.ends.back.append(claimed)

    def _fail(self, job: Claimed, spec: JobSpec | None, code: str, message: str, *, give_up: bool = False) -> None:
        allowed = job.max_attempts or (spec.max_attempts if spec else DEFAULT_MAX_ATTEMPTS)
        delay: float | None = None
        if spec is not None:
            delay = min(spec.max_backoff_seconds, spec.backoff_seconds * 2.0 ** (job.attempt - 1))
            delay *= 0.75 + random.random() / 2  # noqa: S311  spreads load, guards nothing
        error = {"code": code, "message": storable(message)}
        self.ends.failed.append(Failed(job, error, delay, give_up or job.attempt >= allowed))

    def _watch(self, at: float) -> None:
        if self._tick_handle is not None:
            self._tick_handle.cancel()
        self._tick_at = at
        self._tick_handle = self._loop.call_at(at, self._tick) if at < float("inf") else None

    def _tick(self) -> None:
        """The one timer of all time limits here."""
        now = self._clock()
        running = [runner for runner in self.runners if runner.claimed is not None]
        for runner in running:
            if runner.deadline <= now:
                runner.cancel("time")
        self._watch(min((r.deadline for r in running if r.deadline > now), default=float("inf")))


INTERRUPTED: dict[Why, str] = {
    "": "It was interrupted.",
    "time": "Its time limit was reached.",
    "late": "Its process lost touch with the database.",
    "stop": "Its process was stopped.",
}
NOT_REPEATED = "This kind of job is not repeated by itself."


def refuse(claimed: Claimed, spec: JobSpec, allowed: int) -> None:
    """Raise GiveUp for a job that must not be tried again."""
    if claimed.is_lost and not spec.is_repeatable:
        raise GiveUp(f"Its worker fell silent in the middle of it. {NOT_REPEATED}", "interrupted")
    if claimed.attempt > allowed:
        raise GiveUp(f"its worker died in each of {allowed} tries")


def storable(message: str) -> str:
    """What PostgreSQL can keep of an error's text: programs say things that are no text at all."""
    return message[:MESSAGE_CHARACTERS].replace("\x00", "").encode("utf-8", "replace").decode()


def about(job: Claimed) -> dict[str, Any]:
    return {"job": job.id, "kind": job.kind, "attempt": job.attempt}
