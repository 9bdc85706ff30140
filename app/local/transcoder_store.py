"""The transcoder's jobs as one JSON file each, so that a restart forgets nothing."""

import json
import os
import random
import string
import time
from pathlib import Path
from typing import Any

from app.local.transcoder_events import ACCOUNT, REGION

FINISHED = {"COMPLETE", "CANCELED", "ERROR"}
TOKEN_SECONDS = 60
KEPT = 1_000

Job = dict[str, Any]


class Jobs:
    """Every job by id. `save` after a change that must survive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.by_id: dict[str, Job] = {}
        for path in sorted(folder.glob("*.json")):
            job = json.loads(path.read_text())
            self.by_id[job["id"]] = job
        self._prune()

    def create(self, body: dict[str, Any]) -> tuple[Job, bool]:
        """A new job, or the one that the same clientRequestToken made within the last minute."""
        token, now = body.get("clientRequestToken"), time.time()
        for job in self.by_id.values():
            if token and job["clientRequestToken"] == token and now - job["createdAt"] < TOKEN_SECONDS:
                return job, False
        letters = "".join(random.choices(string.ascii_lowercase + string.digits, k=6))  # noqa: S311 - a name
        name = f"{int(now * 1000)}-{letters}"
        arn = f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}"
        job = {
            "id": name,
            "arn": f"{arn}:jobs/{name}",
            "queue": body.get("queue") or f"{arn}:queues/Default",
            "role": body["role"],
            "settings": body["settings"],
            "userMetadata": body.get("userMetadata") or {},
            "clientRequestToken": token,
            "statusUpdateInterval": body.get("statusUpdateInterval") or "SECONDS_60",
            "priority": int(body.get("priority") or 0),
            "createdAt": now,
            "timing": {"submitTime": int(now)},
            "status": "SUBMITTED",
            "currentPhase": "PROBING",
            "phasePercent": 0,
            "jobPercentComplete": 0,
        }
        self.save(job)
        return job, True

    def save(self, job: Job) -> None:
        """Write it so that a crash leaves the old or the new file, never half of one."""
        self.by_id[job["id"]] = job
        path = self.folder / f"{job['id']}.json"
        half = path.with_suffix(".tmp")
        half.write_text(json.dumps(job))
        os.replace(half, path)

    def unfinished(self) -> list[Job]:
        return [job for job in self.by_id.values() if job["status"] not in FINISHED]

    def listed(self, status: str | None, newest_first: bool) -> list[Job]:
        """In order of creation, ids start with the time."""
        found = [job for job in self.by_id.values() if status in (None, job["status"])]
        return sorted(found, key=lambda job: str(job["id"]), reverse=newest_first)

    def _prune(self) -> None:
        finished = sorted(name for name, job in self.by_id.items() if job["status"] in FINISHED)
        for name in finished[:-KEPT]:
            del self.by_id[name]
            (self.folder / f"{name}.json").unlink(missing_ok=True)


def shown(job: Job) -> dict[str, Any]:
    """What GetJob tells. As with the real one: sizes and durations of outputs, no paths."""
    hidden = {"phasePercent", "unsent", "clientRequestToken"}
    job = {name: value for name, value in job.items() if name not in hidden} | {
        "createdAt": int(job["createdAt"]),
        "clientRequestToken": job["clientRequestToken"] or "",
    }
    if job["status"] == "SUBMITTED":
        del job["currentPhase"], job["jobPercentComplete"]
    return job
