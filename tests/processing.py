"""Videos on their way, brought there by the real SQL functions, and jobs to run by hand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from app.jobs.spec import Job
from app.pg import media
from app.pg.pool import Database

numbers = itertools.count(1)
FACTS: dict[str, Any] = {
    "width": 640,
    "height": 360,
    "duration_seconds": 4.0,
    "frame_rate": 30.0,
    "has_audio": True,
}
MINUTES = 6000
RUNGS = [{"label": "360p", "width": 640, "height": 360, "bitrate": 800_000}]


@dataclass(frozen=True)
class OnItsWay:
    number: int
    id: str
    upload: str
    key: str


async def uploaded(db: Database, owner: int, size: int = 1000) -> OnItsWay:
    """A video that is queued: its upload is complete."""
    made = await media.create_upload(db, owner, "clip.mp4", "clip", "video/mp4", size, 5_242_880, 100)
    await media.open_upload(db, owner, made["upload_id"], f"s3-{next(numbers)}", 3600)
    assert await media.start_completing(db, owner, made["upload_id"])
    await media.complete_upload(db, owner, made["upload_id"])
    number = await db.fetchval("select id from videos where public_id = $1", made["video_id"])
    return OnItsWay(number, made["video_id"], made["upload_id"], made["storage_key"])


async def probed(db: Database, owner: int) -> OnItsWay:
    """A video that waits for its transcode."""
    video = await uploaded(db, owner)
    assert await media.start_probe(db, video.number, 1)
    assert await media.save_probe(db, video.number, 1, FACTS, RUNGS, MINUTES)
    return video


async def submitted(db: Database, owner: int, job: str = "1-abcdef") -> OnItsWay:
    """A video whose transcode was asked for."""
    video = await probed(db, owner)
    assert await media.start_transcode(db, video.number, 1)
    assert await media.save_transcode(db, video.number, 1, job, {}) == job
    return video


def job(kind: str, *, tries: int = 1, **payload: Any) -> Job:
    """As claimed for the `tries`-th time of eight."""
    return Job(next(numbers), "default", kind, payload, tries, 8)


async def state(db: Database, video: OnItsWay) -> tuple[Any, ...]:
    """Everything about a video's processing that news may change."""
    row = await db.fetchrow(
        "select v.status, v.reason, v.processing_progress, v.attempt, t.status, t.percent,"
        " (select array_agg(k.status || k.progress order by k.attempt, k.label)"
        " from video_qualities k where k.video_id = v.id),"
        " (select count(*) from rt.event e where e.type in ('video:ready', 'video:failed')),"
        " (select count(*) from q.job j where j.kind = 'finish')"
        " from videos v join transcode_jobs t on t.video_id = v.id and t.attempt = 1 where v.id = $1",
        video.number,
    )
    assert row is not None
    return tuple(row)
