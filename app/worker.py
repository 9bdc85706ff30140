"""Claim → run → finish: works queues with a bound per queue, acknowledging with the next claim.

One round trip per turn: finished jobs leave and new ones come in one commit. Turns come when a bell rings, when what
is held falls below half, a few milliseconds after a job ended, and each second. At-least-once: a worker that dies
has its jobs run again when its lease ends, and what it acknowledges after that does not count.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial

from app.config import ConfigError
from app.crew import Crew, Ends, Runner, Share, about
from app.deps import Deps
from app.errors import AppError
from app.jobs import JobSpec
from app.pg import queue
from app.pg.batch import flush_parts
from app.pg.bell import Ring
from app.pg.line import Line
from app.pg.loop import Backoff, background, wait_for
from app.pg.pool import is_refusal
from app.pg.queue import Claimed, Failed, Part

log = logging.getLogger("trunkline.worker")
POLL_SECONDS = 1.0
BLIND_POLL_SECONDS = 0.25
# Ends wait so long for company before they are reported.
GATHER_SECONDS = 0.005
GUARD_SECONDS = 0.5
CANCEL_SECONDS = 1.0
# With a fast queue one lane claims and one acknowledges, at the same time. Two lanes that do both meet on the same
# rows and pages: that took half as long again in PostgreSQL and was slower than one.
FAST_LANES = 2
# Of one queue and turn: a longer statement would hold up everybody behind it.
MAXIMUM_PORTION = 1000


def parse_queues(text: str) -> dict[str, Share]:
    """ "media:2,mail,bulk:50:500" → name → jobs at once, and jobs held in all. Raises ConfigError."""
    shares = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = re.fullmatch(r"(\w+)(?::([1-9]\d{0,3})(?::(\d{1,5}))?)?", part)
        if found is None:
            raise ConfigError(f"{part!r} is not queue, queue:jobs at once, or queue:jobs at once:jobs held in all")
        shares[found[1]] = Share(int(found[2] or 1), int(found[3] or 0))
    return shares


async def check_queues(deps: Deps, shares: Mapping[str, Share]) -> None:
    """Raise ConfigError for a queue that does not exist; says nothing while the database is away."""
    with contextlib.suppress(AppError):
        if unknown := shares.keys() - (known := await queue.queue_ids(deps.db)).keys():
            raise ConfigError(f"there is no queue {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")


class Worker:
    """Works some queues of one process."""

    def __init__(self, deps: Deps, specs: Iterable[JobSpec], shares: Mapping[str, Share]) -> None:
        self.deps = deps
        self.specs = {spec.kind: spec for spec in specs}
        self.shares = dict(shares)
        lanes = FAST_LANES if any(share.is_fast for share in shares.values()) else 1
        # A lost acknowledgement runs a job again, which it must survive anyway: do not wait for the flush.
        self.lines = [
            Line(
                deps.settings.listen_url,
                "trunkline:queue",
                connector=deps.db.connector,
                cache=deps.settings.listen_statement_cache,
                synchronous_commit="off",
            )
            for _ in range(lanes)
        ]
        # With two lanes, half at a time: one half runs here while the next is claimed.
        most = max((share.most for share in shares.values()), default=1)
        self._portion = min(MAXIMUM_PORTION, -(-most // lanes))
        self.crews: dict[int, Crew] = {}
        self._ends = Ends()
        # One for each lane: what one lane has seen to, another may not have.
        self._wakes = {line: asyncio.Event() for line in self.lines}
        self._over = asyncio.Event()  # set when a job ends
        self._timer: asyncio.TimerHandle | None = None
        self._turns = 0  # under way
        self._is_unsure = False  # an answer was lost: we may hold jobs we do not know of
        self._stopping = False
        self._look_at = 0.0
        self._idle = asyncio.Event()
        self._idle.set()
        deps.bell.hear(self._hear)

    def _hear(self, ring: Ring) -> None:
        if ring.is_anything or not self.shares.keys().isdisjoint(ring.queues):
            for crew in self.crews.values():
                crew.rings += 1
                crew.is_dry = False
            self._wake()

    def _wake(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    async def run(self) -> None:
        """Work until `stop`; returns when every job here is finished or handed back."""
        await self.deps.instance.joined.wait()
        self._idle.clear()
        async with background(self._guard()):
            await asyncio.gather(*(self._lane(line) for line in self.lines))
        self._idle.set()

    async def _lane(self, line: Line) -> None:
        backoff = Backoff()
        polls = line is self.lines[0]
        while not self._stopping:
            poll = POLL_SECONDS if self.deps.bell.is_live else BLIND_POLL_SECONDS
            if not await wait_for(self._wakes[line], poll) and polls:
                self._look_everywhere()
            try:
                await self.run_once(line)
                if polls and (now := asyncio.get_running_loop().time()) >= self._look_at:
                    self._look_at = now + POLL_SECONDS
                    await self.drop_foreign()
                backoff.reset()
            except AppError as error:
                if backoff.tries == 0:
                    log.warning("queue cannot be reached", extra={"error": error.code})
                self._wake()
                await asyncio.sleep(backoff.next())
            except Exception:
                # A lane that ends leaves a process that only looks alive.
                log.exception("turn failed")
                await asyncio.sleep(max(POLL_SECONDS, backoff.next()))

    async def stop(self, seconds: float) -> None:
        """Claim nothing more, let running jobs finish for a while, hand back the rest."""
        self._stopping = True
        self._wake()
        # A turn cut off half way would leave us unsure of what we hold.
        await wait_for(self._idle, CANCEL_SECONDS)
        for crew in self.crews.values():
            crew.give_back_waiting(only_stale=False)
        with contextlib.suppress(AppError, TimeoutError):
            async with asyncio.timeout(seconds):
                await self.run_once()
                while self._runners():
                    await self._next_end()
                    await self.run_once()
        for runner in self._runners():
            runner.cancel("stop")
        if tasks := [runner.task for runner in self._runners() if runner.task is not None]:
            # A handler that will not be cancelled must not hold up the stop: its lease ends by itself.
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
        with contextlib.suppress(AppError, TimeoutError):
            async with asyncio.timeout(2):
                await self.run_once()
        for line in self.lines:
            await line.close()

    async def drain(self) -> int:
        """Run everything that is ready, to the end; returns how many jobs were started. For tests and commands."""
        started = 0
        while True:
            self._look_everywhere()
            claimed = await self.run_once()
            started += claimed
            if self._runners():
                await self._next_end()
            elif self.deps.instance.id is not None and self.deps.instance.is_late:
                # This process stood still and asked for nothing: what is ready is not known yet.
                await self.deps.instance.run_once()
            elif not claimed and not self._ends:
                return started

    async def run_once(self, lane: Line | None = None) -> int:
        """One turn: report what ended, claim what there is room for, start it; returns the number of jobs claimed.

        A lane does its own part of it, None all.
        """
        line = lane or self.lines[0]
        for woken in self.lines if lane is None else [lane]:
            self._wakes[woken].clear()
        claims, reports = lane in (None, self.lines[0]), lane in (None, self.lines[-1])
        instance = self.deps.instance.id
        if instance is None:
            return 0
        if not self.crews:
            await self._open(line)
        if self._is_unsure and self._turns:
            return 0  # the turn under way may bring jobs that nobody knows yet; it wakes us
        self._turns += 1
        try:
            if self._is_unsure:
                known = [id for crew in self.crews.values() for id in crew.ids()] + self._ends.ids()
                await queue.release_lost(line, instance, known)
                self._is_unsure = False
            if reports:
                await self._report_failures(line, instance)
            return await self._turn(line, instance, claims, reports)
        finally:
            self._turns -= 1
            if self._is_unsure:
                self._wake()

    async def _open(self, line: Line) -> None:
        ids = await queue.queue_ids(line)
        if unknown := self.shares.keys() - ids.keys():
            log.error("no such queue", extra={"queues": ", ".join(sorted(unknown))})
        for name, share in self.shares.items():
            if name in ids and ids[name] not in self.crews:
                self.crews[ids[name]] = Crew(self.deps, self.specs, ids[name], name, share, self._ends, self._ended)

    async def _report_failures(self, line: Line, instance: int) -> None:
        ends = self._ends
        if ends.failed:
            batch, ends.failed = ends.failed, []
            away: Exception | None = None
            try:
                outcomes = await flush_parts(partial(queue.fail, line, instance), batch)
            except BaseException:
                ends.failed = batch + ends.failed
                raise
            for failed, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Exception):
                    self._not_told(failed, outcome)
                    away = away or (None if is_refusal(outcome) else outcome)
                    continue
                self.deps.metrics.jobs.labels(failed.job.kind, outcome).inc()
                level = logging.ERROR if outcome == "dead" else logging.WARNING
                log.log(level, "job failed", extra={**about(failed.job), "outcome": outcome, "error": failed.error})
            if away is not None:
                raise away
        if ends.back:
            back, ends.back = ends.back, []
            try:
                await queue.hand_back(line, instance, back)
            except BaseException:
                self._is_unsure = True  # nobody here knows them any more, so the next turn gives them back
                raise
            for job in back:
                self.deps.metrics.jobs.labels(job.kind, "handed_back").inc()

    def _not_told(self, failed: Failed, error: Exception) -> None:
        """It waits for the next turn; one that is refused would be each time, so its job is given back."""
        if is_refusal(error):
            log.error("a failure cannot be told", extra={**about(failed.job), "error": repr(error)})
            self._is_unsure = True
        else:
            self._ends.failed.append(failed)

    async def _turn(self, line: Line, instance: int, claims: bool, reports: bool) -> int:
        asking = self._asking() if claims and not self._stopping and not self.deps.instance.is_late else []
        batch: list[Claimed] = []
        if reports:
            batch, self._ends.done = self._ends.done[:MAXIMUM_PORTION], self._ends.done[MAXIMUM_PORTION:]
            if self._ends.done:
                self._wakes[line].set()
        if not batch and not asking:
            return 0
        clock = asyncio.get_running_loop().time
        started = clock()
        full = [crew for crew in asking if crew.floor.is_full_due(started)]
        parts: list[Part] = [part for crew in asking for part in crew.floor.parts(crew in full)]
        wanted = {crew.id: min(crew.room, self._portion) for crew in asking}
        rings = {crew.id: crew.rings for crew in asking}
        for crew in asking:
            crew.asked += wanted[crew.id]
        try:
            turn = await queue.turn(line, instance, batch, wanted, parts)
        except BaseException:
            self._ends.done = batch + self._ends.done
            self._is_unsure = True
            raise
        finally:
            for crew in asking:
                crew.asked -= wanted[crew.id]
        ended = clock()
        for crew in full:
            crew.floor.walked(ended, ended - started)
        self._count(batch, turn.refused)
        for crew in asking:
            self._hand_out(crew, [job for job in turn.claimed if job.queue_id == crew.id], wanted, rings, crew in full)
        for queue_id, seconds in turn.waits:
            self.crews[queue_id].wait_seconds.observe(seconds)
        for crew in self.crews.values():
            self.deps.metrics.jobs_running.labels(crew.name).set(crew.busy)
        return len(turn.claimed)

    def _asking(self) -> list[Crew]:
        return [crew for crew in self.crews.values() if not crew.is_dry and crew.room > 0]

    def _hand_out(
        self, crew: Crew, jobs: list[Claimed], wanted: Mapping[int, int], rings: Mapping[int, int], was_full: bool
    ) -> None:
        crew.floor.claimed(jobs)
        # Dry until it is rung: not when it was rung meanwhile, nor when there may be more below the floor.
        is_short = len(jobs) < wanted[crew.id] and crew.rings == rings[crew.id]
        crew.is_dry = is_short and was_full
        if is_short and not was_full:
            self._wake_later()
        crew.take(jobs)

    def _count(self, batch: list[Claimed], refused: set[int]) -> None:
        for kind, number in Counter(job.kind for job in batch if job.id not in refused).items():
            self.deps.metrics.jobs.labels(kind, "done").inc(number)
        for job in batch if refused else ():
            if job.id in refused:
                self.deps.metrics.jobs.labels(job.kind, "taken_over").inc()
                log.warning("job was taken over before it ended here", extra=about(job))

    def _ended(self, crew: Crew) -> None:
        """A job of this crew ended: report it now when there is room for many more, else in a moment."""
        self._over.set()
        if all(wake.is_set() for wake in self._wakes.values()):
            return
        if not crew.is_dry and 2 * (crew.held + crew.asked) <= crew.most:
            self._wake()
        elif self._timer is None:
            self._wake_later()

    def _wake_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if len(self.lines) == 1:
            # The turn that reports may as well ask: a queue bounded in the cluster has room again.
            self._look_everywhere()
        self._wake()

    def _look_everywhere(self) -> None:
        for crew in self.crews.values():
            crew.is_dry = False

    def _runners(self) -> list[Runner]:
        return [runner for crew in self.crews.values() for runner in crew.runners]

    async def _next_end(self) -> None:
        self._over.clear()
        if not self._ends:
            await self._over.wait()

    async def drop_foreign(self, seconds: float = POLL_SECONDS) -> None:
        """Stop jobs that were cancelled, or taken over while this process stood still, and run for this long."""
        held = {job.id: (runner, job) for crew in self.crews.values() for runner, job in crew.running(seconds)}
        if held and self.deps.instance.id is not None:
            jobs = [job for _, job in held.values()]
            for id in await queue.not_mine(self.lines[0], self.deps.instance.id, jobs):
                runner, job = held[id]
                # It may have ended while we asked: then its row is gone, and the runner at another job.
                if runner.claimed is job:
                    runner.cancel("gone")

    async def _guard(self) -> None:
        """What must not wait for the database."""
        while True:
            await asyncio.sleep(GUARD_SECONDS)
            for crew in self.crews.values():
                if self.deps.instance.is_late:
                    crew.cancel_exclusive()
                crew.give_back_waiting(only_stale=True)
            if self._ends.back:
                self._wake()


@contextlib.asynccontextmanager
async def working(deps: Deps, specs: Iterable[JobSpec], shares: Mapping[str, Share]) -> AsyncIterator[Worker]:
    """A worker beside the block; at its end jobs get a while to finish, the rest is handed back."""
    worker = Worker(deps, specs, shares)
    if not shares:
        yield worker
        return
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop(deps.settings.worker_stop_seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
