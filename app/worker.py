"""Claim → run → finish: works queues with a bound per queue, acknowledging with the next claim.

One round trip per turn: finished jobs leave and new ones come in one commit. While a turn is on its way further
ends gather for the next, so the busier it gets the larger the batches. At-least-once: a worker that dies has its
jobs run again when its lease ends, and what it acknowledges after that does not count.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.deps import Deps
from app.errors import AppError
from app.jobs import GiveUp, Job, JobSpec
from app.pg import queue
from app.pg.bell import Ring
from app.pg.line import Line
from app.pg.loop import Backoff, wait_for
from app.pg.queue import Claimed, Failed

log = logging.getLogger("trunkline.worker")
POLL_SECONDS = 1.0
BLIND_POLL_SECONDS = 0.25
DEFAULT_MAX_ATTEMPTS = 20
CANCEL_SECONDS = 1.0
MESSAGE_CHARACTERS = 1000


def parse_queues(text: str) -> dict[str, int]:
    """ "media:2,mail" → {"media": 2, "mail": 1}. Raises ValueError."""
    parts = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    return {name: int(size or 1) for name, _, size in parts}


class Worker:
    """Works some queues of one process. `queues`: name → how many jobs at once."""

    def __init__(self, deps: Deps, specs: Iterable[JobSpec], queues: Mapping[str, int]) -> None:
        self.deps = deps
        self.specs = {spec.kind: spec for spec in specs}
        self.queues = dict(queues)
        # A lost acknowledgement runs a job again, which it must survive anyway: do not wait for the flush.
        self.line = Line(deps.settings.listen_url, "trunkline:queue", synchronous_commit="off")
        self.names: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[None], Claimed] = {}
        self._done: list[Claimed] = []
        self._failed: list[Failed] = []
        self._back: list[Claimed] = []
        self._is_unsure = False  # an answer was lost: we may hold jobs we do not know of
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        deps.bell.hear(self._hear)

    def _hear(self, ring: Ring) -> None:
        if ring.is_anything or not self.queues.keys().isdisjoint(ring.queues):
            self._wake.set()

    async def run(self) -> None:
        """Work until `stop`; returns when every job here is finished or handed back."""
        backoff = Backoff()
        await self.deps.instance.joined.wait()
        self._idle.clear()
        while not self._stopping:
            poll = POLL_SECONDS if self.deps.bell.is_live else BLIND_POLL_SECONDS
            await wait_for(self._wake, poll)
            try:
                await self.run_once()
                backoff.reset()
            except AppError as error:
                if backoff.tries == 0:
                    log.warning("queue cannot be reached", extra={"error": error.code})
                await asyncio.sleep(backoff.next())
        self._idle.set()

    async def stop(self, seconds: float) -> None:
        """Claim nothing more, let running jobs finish for a while, hand back the rest."""
        self._stopping = True
        self._wake.set()
        # A turn cut off half way would leave us unsure of what we hold.
        await wait_for(self._idle, CANCEL_SECONDS)
        with contextlib.suppress(AppError, TimeoutError):
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                    await self.run_once()
        for task in self._running:
            task.cancel()
        if self._running:
            # A handler that will not be cancelled must not hold up the stop: its lease ends by itself.
            await asyncio.wait(self._running, timeout=CANCEL_SECONDS)
        with contextlib.suppress(AppError, TimeoutError):
            async with asyncio.timeout(2):
                await self.run_once()
        await self.line.close()

    async def drain(self) -> int:
        """Run everything that is ready, to the end; returns how many jobs were started. For tests and commands."""
        started = 0
        while True:
            claimed = await self.run_once()
            started += claimed
            if not claimed and not self._running:
                return started
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def run_once(self) -> int:
        """One turn: report what ended, claim into free places, start it; returns the number of jobs started."""
        self._wake.clear()
        instance = self.deps.instance.id
        if instance is None:
            return 0
        if not self.names:
            ids = await queue.queue_ids(self.line)
            self.names = {ids[name]: name for name in self.queues if name in ids}
        if self._is_unsure:
            known = [*self._running.values(), *self._done, *(f.job for f in self._failed), *self._back]
            await queue.release_lost(self.line, instance, known)
            self._is_unsure = False
        await self._report_failures(instance)
        return await self._turn(instance)

    async def _report_failures(self, instance: int) -> None:
        if self._failed:
            batch, self._failed = self._failed, []
            try:
                outcomes = await queue.fail(self.line, instance, batch)
            except BaseException:
                self._failed = batch + self._failed
                raise
            for failed in batch:
                outcome = outcomes.get(failed.job.id, "taken_over")
                self.deps.metrics.jobs.labels(failed.job.kind, outcome).inc()
                level = logging.ERROR if outcome == "dead" else logging.WARNING
                log.log(level, "job failed", extra={**about(failed.job), "outcome": outcome, "error": failed.error})
        if self._back:
            back, self._back = self._back, []
            self._is_unsure = True  # should the statement fail, the next turn gives them back
            await queue.hand_back(self.line, instance, back)
            self._is_unsure = False
            for job in back:
                self.deps.metrics.jobs.labels(job.kind, "handed_back").inc()

    async def _turn(self, instance: int) -> int:
        wanted = {} if self._stopping or self.deps.instance.is_late else self._free()
        batch, self._done = self._done, []
        if not batch and not wanted:
            return 0
        try:
            acknowledged, claimed = await queue.turn(self.line, instance, batch, wanted)
        except BaseException:
            self._done = batch + self._done
            self._is_unsure = True
            raise
        for job in batch:
            outcome = "done" if job.id in acknowledged else "taken_over"
            self.deps.metrics.jobs.labels(job.kind, outcome).inc()
            if outcome == "taken_over":
                log.warning("job was taken over before it ended here", extra=about(job))
        for job in claimed:
            task = asyncio.create_task(self._run(job), name=f"job {job.kind} {job.id}")
            self._running[task] = job
            task.add_done_callback(self._on_end)
        return len(claimed)

    def _free(self) -> dict[int, int]:
        busy = Counter(job.queue_id for job in self._running.values())
        free = {id: self.queues[name] - busy[id] for id, name in self.names.items()}
        return {id: n for id, n in free.items() if n > 0}

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()

    async def _run(self, job: Claimed) -> None:
        """Run one job and note its end; never raises."""
        name = self.names[job.queue_id]
        metrics = self.deps.metrics
        if job.attempt == 1:
            metrics.job_wait_seconds.labels(name).observe(
                max(0.0, (datetime.now(UTC) - job.created_at).total_seconds())
            )
        clock = asyncio.get_running_loop().time
        started = clock()
        with metrics.jobs_running.labels(name).track_inprogress():
            try:
                await self._handle(job, name)
                self._done.append(job)
            except asyncio.CancelledError:
                self._back.append(job)
            except GiveUp as error:
                self._fail(job, "gave_up", error.reason, give_up=True)
            except AppError as error:
                self._fail(job, error.code, error.message)
            except TimeoutError:
                self._fail(job, "timeout", "The time limit of this kind of job was reached.")
            except Exception as error:
                log.exception("job raised", extra=about(job))
                self._fail(job, type(error).__name__, str(error))
        metrics.job_seconds.labels(job.kind).observe(clock() - started)

    async def _handle(self, job: Claimed, name: str) -> None:
        spec = self.specs.get(job.kind)
        if spec is None:
            # Perhaps of a newer version: another process may know it.
            raise LookupError(f"no handler for {job.kind}")
        allowed = job.max_attempts or spec.max_attempts
        if job.attempt > allowed:
            raise GiveUp(f"its worker died in each of {allowed} tries")
        given = Job(job.id, name, job.kind, job.payload, job.attempt, allowed)
        async with asyncio.timeout(spec.timeout_seconds):
            await spec.handler(given, self.deps)

    def _fail(self, job: Claimed, code: str, message: str, *, give_up: bool = False) -> None:
        spec = self.specs.get(job.kind)
        allowed = job.max_attempts or (spec.max_attempts if spec else DEFAULT_MAX_ATTEMPTS)
        delay: float | None = None
        if spec is not None:
            delay = min(spec.max_backoff_seconds, spec.backoff_seconds * 2.0 ** (job.attempt - 1))
            delay *= 0.75 + random.random() / 2  # noqa: S311  spreads load, guards nothing
        error: dict[str, Any] = {
            "code": code,
            "message": message[:MESSAGE_CHARACTERS].replace("\x00", ""),
            "at": datetime.now(UTC).isoformat(),
        }
        self._failed.append(Failed(job, error, delay, give_up or job.attempt >= allowed))


@contextlib.asynccontextmanager
async def working(deps: Deps, specs: Iterable[JobSpec], queues: Mapping[str, int]) -> AsyncIterator[Worker]:
    """A worker beside the block; at its end jobs get a while to finish, the rest is handed back."""
    worker = Worker(deps, specs, queues)
    if not queues:
        yield worker
        return
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop(deps.settings.worker_stop_seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def about(job: Claimed) -> dict[str, Any]:
    return {"job": job.id, "kind": job.kind, "attempt": job.attempt}
