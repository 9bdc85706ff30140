"""What a job is. Handlers import from here; the table of all jobs is in `app/jobs/__init__.py`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.deps import Deps
from app.pg import queue
from app.pg.queue import Claimed, Runs
from app.pg.stream import append

# A bar that moves four times a second looks smooth; more would only fill the channel.
PROGRESS_SECONDS = 0.25


class GiveUp(Exception):
    """Raised by a handler: trying again is pointless, bury the job at once with this reason."""

    def __init__(self, reason: str, code: str = "gave_up") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Job:
    """One claimed job, as its handler sees it. `payload` is decoded when it is first looked at."""

    __slots__ = ("_claimed", "_deps", "_payload", "_told", "attempt", "id", "kind", "max_attempts", "queue")

    def __init__(
        self,
        id: int,
        queue: str,
        kind: str,
        payload: dict[str, Any] | str,
        attempt: int,
        max_attempts: int,
        claimed: Claimed | None = None,
        deps: Deps | None = None,
    ) -> None:
        self.id = id
        self.queue = queue
        self.kind = kind
        self.attempt = attempt  # 1 on the first try; grows with every claim, so it fences the outside world
        self.max_attempts = max_attempts
        self._payload = payload
        self._claimed = claimed
        self._deps = deps
        self._told = (0.0, -1.0)

    @property
    def payload(self) -> dict[str, Any]:
        if isinstance(self._payload, str):
            self._payload = msgspec.json.decode(self._payload, type=dict[str, Any])
        return self._payload

    @property
    def is_last_attempt(self) -> bool:
        return self.attempt >= self.max_attempts

    async def finish(self, connection: Runs) -> None:
        """End this job with the transaction of `connection`: what else it commits happens exactly once.

        Call it first in `async with deps.db.transaction() as connection`. Raises AppError job_taken_over, so that
        nothing is committed, when this process fell silent and another has the job, or somebody cancelled it.
        """
        if self._claimed is not None and self._deps is not None:
            await queue.finish(connection, self._deps.instance.id, self._claimed)

    async def progress(self, percent: float, **more: Any) -> None:
        """Tell the channel named in `payload["channel"]`, if any, how far this job is: an event `job:progress`.

        data: {"job", "kind", "percent", …more}. At most four a second; what did not change is not told again.
        """
        channel = self.payload.get("channel")
        now, (at, told) = time.monotonic(), self._told
        if channel is None or self._deps is None or percent == told or (percent < 100 and now - at < PROGRESS_SECONDS):
            return
        self._told = now, percent
        data = {"job": self.id, "kind": self.kind, "percent": percent, **more}
        (seq,) = await append(self._deps.db, [(channel, "job:progress", data)])
        self._deps.bell.ring(streams={channel: seq})


Handler = Callable[[Job, Deps], Awaitable[None]]


@dataclass(frozen=True)
class JobSpec:
    """One kind of job. Unless it says otherwise a handler must be safe to run twice: its worker may die after the
    work, before the acknowledgement.

    Any exception but GiveUp is a failed try; the next waits `backoff_seconds`, doubled per try, up to
    `max_backoff_seconds`, spread by a quarter so that a herd does not come back as one.

    `is_repeatable=False`: a try that did not end by itself (its worker died or stopped, its time ran out) is not
    repeated; the job is buried as `interrupted`, for a person to look at. At most once, then, instead of at least.
    `is_exclusive=True`: two tries must not overlap even when this process loses touch with the database. The try is
    cancelled before its lease can end and another process start one.
    """

    kind: str
    queue: str
    handler: Handler
    max_attempts: int = 10
    timeout_seconds: float = 60.0
    backoff_seconds: float = 2.0
    max_backoff_seconds: float = 3600.0
    is_repeatable: bool = True
    is_exclusive: bool = False


@dataclass(frozen=True)
class Schedule:
    """A job that comes by the clock: every so many seconds, or by a cron expression in a time zone.

    While the job of one time waits or runs, the next times are left out, so it never queues up behind itself.
    """

    name: str
    every_seconds: int | None
    kind: str
    queue: str
    expr: str | None = None
    tz: str = "UTC"
    payload: dict[str, Any] = field(default_factory=dict)
