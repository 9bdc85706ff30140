"""What a job is. Handlers import from here; the table of all jobs is in `app/jobs/__init__.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from app.deps import Deps


class GiveUp(Exception):
    """Raised by a handler: trying again is pointless, bury the job at once with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Job:
    """One claimed job, as its handler sees it."""

    id: int
    queue: str
    kind: str
    payload: dict[str, Any]
    attempt: int  # 1 on the first try
    max_attempts: int

    @property
    def is_last_attempt(self) -> bool:
        return self.attempt >= self.max_attempts


Handler = Callable[[Job, Deps], Awaitable[None]]


@dataclass(frozen=True)
class JobSpec:
    """One kind of job. A handler must be safe to run twice: its worker may die after the work, before the ack.

    Any exception but GiveUp is a failed try; the next waits `backoff_seconds`, doubled per try, up to
    `max_backoff_seconds`, spread by a quarter so that a herd does not come back as one.
    """

    kind: str
    queue: str
    handler: Handler
    max_attempts: int = 10
    timeout_seconds: float = 60.0
    backoff_seconds: float = 2.0
    max_backoff_seconds: float = 3600.0


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
