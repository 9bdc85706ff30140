"""EventBridge for a laptop: MediaConvert's state-change events, delivered as an API destination does.

429, 5xx and no answer are retried with backoff; any other answer is final. Tests can ask for the faults
of the real bus: late, repeated, out of order, lost.
"""

import asyncio
import http.client
import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ACCOUNT, REGION = "000000000000", "us-east-1"
KEY_HEADER = "X-Trunkline-Webhook-Key"
ANSWER_SECONDS = 5
MAX_TRIES, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 185, 0.5, 30.0


@dataclass(frozen=True)
class Destination:
    """Where events go and the key that proves it is us. An empty address drops them."""

    url: str
    key: str


@dataclass
class Faults:
    """What a test wants to go wrong. `hold` keeps new jobs SUBMITTED; `fail_next` is an error code."""

    delay_seconds: float = 0
    repeat: int = 1
    shuffle: bool = False
    drop: list[str] = field(default_factory=list)
    fail_next: int = 0
    hold: bool = False
    refuse_status: int = 0
    refuse_count: int = 0


@dataclass
class Sent:
    """One delivery that ended, for tests to look at."""

    id: str
    job_id: str
    status: str
    answers: list[int]


class Bus:
    """Delivers events in the background; `close` gives up on what is still waiting."""

    def __init__(self, destination: Destination, faults: Faults) -> None:
        self.destination, self.faults = destination, faults
        self.sent: list[Sent] = []
        self._kept: dict[str, list[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, event: dict[str, Any]) -> asyncio.Task[None] | None:
        """Queue one event. The task ends when it was taken, refused for good, or given up."""
        detail = event["detail"]
        if detail["status"] in self.faults.drop or not self.destination.url:
            return None
        if self.faults.shuffle:
            kept = self._kept.setdefault(detail["jobId"], [])
            kept.append(event)
            if detail["status"] not in {"COMPLETE", "ERROR", "CANCELED"}:
                return None
            del self._kept[detail["jobId"]]
            random.shuffle(kept)
            return self._background(kept)
        return self._background([event])

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _background(self, events: list[dict[str, Any]]) -> asyncio.Task[None]:
        copies = [event for event in events for _ in range(max(1, self.faults.repeat))]
        task = asyncio.create_task(self._deliver_all(copies))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver_all(self, events: list[dict[str, Any]]) -> None:
        await asyncio.sleep(self.faults.delay_seconds)
        for event in events:
            await self._deliver(event)

    async def _deliver(self, event: dict[str, Any]) -> None:
        body, answers, wait = json.dumps(event).encode(), list[int](), FIRST_RETRY_SECONDS
        # The address may be taken away between two tries: then there is nobody left to tell.
        while self.destination.url and len(answers) < MAX_TRIES:
            status, retry_after = await asyncio.to_thread(_post, self.destination, body)
            answers.append(status)
            if 0 < status < 500 and status != 429:
                break
            await asyncio.sleep(max(retry_after, wait * random.uniform(0.5, 1)))  # noqa: S311 - jitter
            wait = min(wait * 2, LONGEST_RETRY_SECONDS)
        self.sent.append(Sent(event["id"], event["detail"]["jobId"], event["detail"]["status"], answers))


def event(job: Mapping[str, Any], status: str, **more: Any) -> dict[str, Any]:
    """The envelope and the detail that every status has."""
    now = time.time()
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [job["arn"]],
        "detail": {
            "timestamp": int(now * 1000),
            "accountId": ACCOUNT,
            "queue": job["queue"],
            "jobId": job["id"],
            "status": status,
            "userMetadata": job["userMetadata"],
            **more,
        },
    }


def progress(job: Mapping[str, Any]) -> dict[str, Any]:
    """`jobProgress` of a STATUS_UPDATE: phases before the current one are done, later ones wait."""
    phases = ["PROBING", "TRANSCODING", "UPLOADING"]
    current = phases.index(job["currentPhase"])
    shown = {
        name: {
            "status": "COMPLETE" if i < current else "PROGRESSING" if i == current else "PENDING",
            "percentComplete": 100 if i < current else job["phasePercent"] if i == current else 0,
        }
        for i, name in enumerate(phases)
    }
    return {
        "jobPercentComplete": job["jobPercentComplete"],
        "currentPhase": job["currentPhase"],
        "retryCount": 0,
        "phaseProgress": shown,
    }


def _post(destination: Destination, body: bytes) -> tuple[int, float]:
    headers = {
        KEY_HEADER: destination.key,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Amazon/EventBridge/ApiDestinations",
    }
    request = urllib.request.Request(destination.url, body, headers, method="POST")  # noqa: S310 - a setting
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return int(answer.status), 0.0
    except urllib.error.HTTPError as error:
        with error:
            seconds = error.headers.get("Retry-After") or ""
            return error.code, float(seconds) if seconds.isdigit() else 0.0
    except (OSError, http.client.HTTPException):
        return 0, 0.0
