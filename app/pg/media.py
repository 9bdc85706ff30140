"""Thin callers of sql/functions/media: uploads and the way of a video from source to ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.pg.pool import Database

# Uploads


async def create_upload(
    db: Database, owner: int, filename: str, title: str, content_type: str, size: int, part_size: int, max_open: int
) -> dict[str, Any]:
    """Raises too_many_uploads, quota_exceeded."""
    found: dict[str, Any] = await db.fetchval(
        "select media.create_upload($1, $2, $3, $4, $5, $6, $7)",
        owner,
        filename,
        title,
        content_type,
        size,
        part_size,
        max_open,
    )
    return found


async def open_upload(db: Database, owner: int, upload: str, storage_upload_id: str, seconds: int) -> dict[str, Any]:
    """Raises not_found."""
    row: dict[str, Any] = await db.fetchval(
        "select media.open_upload($1, $2, $3, $4)", owner, upload, storage_upload_id, seconds
    )
    return row


async def get_upload(db: Database, owner: int, upload: str) -> dict[str, Any]:
    """Raises not_found."""
    row: dict[str, Any] = await db.fetchval("select media.get_upload($1, $2)", owner, upload)
    return row


async def list_uploads(db: Database, owner: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await db.fetchval("select media.list_uploads($1)", owner)
    return rows


async def find_upload(db: Database, owner: int, upload: str) -> dict[str, Any]:
    """{id, upload_id, video_id, status, storage_key, storage_upload_id, size, …}. Raises not_found."""
    row: dict[str, Any] = await db.fetchval("select media.find_upload($1, $2)", owner, upload)
    return row


async def save_part(db: Database, owner: int, upload: str, n: int, etag: str, size: int) -> None:
    """Raises not_found, upload_closed, invalid."""
    await db.execute("select media.save_part($1, $2, $3, $4, $5)", owner, upload, n, etag, size)


async def save_parts(db: Database, upload_row: int, parts: list[dict[str, Any]]) -> list[int]:
    """The parts as S3 has them; returns the numbers still missing."""
    missing: list[int] = await db.fetchval("select media.save_parts($1, $2)", upload_row, parts)
    return missing


async def start_completing(db: Database, owner: int, upload: str) -> bool:
    """False when it is completed already. Raises not_found, upload_closed."""
    return bool(await db.fetchval("select media.start_completing($1, $2)", owner, upload))


async def complete_upload(db: Database, owner: int, upload: str) -> None:
    """Raises not_found, upload_closed."""
    await db.execute("select media.complete_upload($1, $2)", owner, upload)


async def cancel_upload(db: Database, owner: int, upload: str) -> None:
    """Raises not_found, upload_closed."""
    await db.execute("select media.cancel_upload($1, $2)", owner, upload)


async def expire_uploads(db: Database, limit: int) -> int:
    return int(await db.fetchval("select media.expire_uploads($1)", limit))


# From source to ready


async def start_probe(db: Database, video: int, attempt: int) -> dict[str, Any] | None:
    row: dict[str, Any] | None = await db.fetchval("select media.start_probe($1, $2)", video, attempt)
    return row


async def save_probe(
    db: Database, video: int, attempt: int, facts: dict[str, Any], rungs: list[dict[str, Any]], minutes: int
) -> bool:
    """False when late, and when its owner's minutes of the day are used up: the video has failed then."""
    sql = "select media.save_probe($1, $2, $3, $4, $5)"
    return bool(await db.fetchval(sql, video, attempt, facts, rungs, minutes))


async def save_paths(db: Database, video: int, *, progressive: str | None = None, poster: str | None = None) -> bool:
    return bool(await db.fetchval("select media.save_paths($1, $2, $3)", video, progressive, poster))


async def fail_video(db: Database, video: int, attempt: int, reason: str) -> bool:
    return bool(await db.fetchval("select media.fail_video($1, $2, $3)", video, attempt, reason))


async def retry_video(db: Database, owner: int, video: str) -> None:
    """Raises not_found, video_not_failed."""
    await db.execute("select media.retry_video($1, $2)", owner, video)


async def start_transcode(db: Database, video: int, attempt: int) -> dict[str, Any] | None:
    row: dict[str, Any] | None = await db.fetchval("select media.start_transcode($1, $2)", video, attempt)
    return row


async def save_transcode(db: Database, video: int, attempt: int, job: str, settings: dict[str, Any]) -> str | None:
    """The transcoder's job id that counts."""
    counts: str | None = await db.fetchval("select media.save_transcode($1, $2, $3, $4)", video, attempt, job, settings)
    return counts


async def drop_transcode(db: Database, video: int, before: int) -> None:
    await db.execute("select media.drop_transcode($1, $2)", video, before)


async def receive_transcode_event(db: Database, event_id: str, event: dict[str, Any]) -> bool:
    """Store once, with the job that applies it; false when it was stored before."""
    return bool(
        await db.fetchval(
            "select inbox.store('mediaconvert', $1, $2, 'default', 'apply_transcode_event')", event_id, event
        )
    )


async def read_transcode_event(db: Database, inbox_id: int) -> dict[str, Any] | None:
    """The event's body, or None when it is applied already."""
    row = await db.fetchrow("select body from inbox.read($1)", inbox_id)
    return dict(row["body"]) if row else None


async def close_transcode_event(db: Database, inbox_id: int) -> None:
    await db.execute("select inbox.applied($1)", inbox_id)


async def apply_transcode_event(
    db: Database,
    video: str,
    attempt: int,
    job: str,
    status: str,
    percent: int | None = None,
    code: int | None = None,
    message: str | None = None,
) -> str:
    """What it did, for the log."""
    return str(
        await db.fetchval(
            "select media.apply_transcode_event($1, $2, $3, $4, $5, $6, $7)",
            video,
            attempt,
            job,
            status,
            percent,
            code,
            message,
        )
    )


async def silent_transcodes(db: Database, seconds: int, limit: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await db.fetchval("select media.silent_transcodes($1, $2)", seconds, limit)
    return rows


async def fail_stranded(db: Database, seconds: int, limit: int) -> int:
    return int(await db.fetchval("select media.fail_stranded($1, $2)", seconds, limit))


async def requeue_transcode(db: Database, video: int, attempt: int) -> None:
    await db.execute("select media.requeue_transcode($1, $2)", video, attempt)


async def start_finish(db: Database, video: int, attempt: int) -> dict[str, Any] | None:
    row: dict[str, Any] | None = await db.fetchval("select media.start_finish($1, $2)", video, attempt)
    return row


async def finish_video(
    db: Database,
    video: int,
    attempt: int,
    qualities: list[dict[str, Any]],
    *,
    hls: str,
    sprite: str | None,
    poster: str | None,
    duration: float,
    frames: Sequence[str] = (),
) -> bool:
    return bool(
        await db.fetchval(
            "select media.finish_video($1, $2, $3, $4, $5, $6, $7, $8)",
            video,
            attempt,
            qualities,
            hls,
            sprite,
            poster,
            duration,
            list(frames),
        )
    )


async def start_purge(db: Database, video: str) -> dict[str, Any] | None:
    row: dict[str, Any] | None = await db.fetchval("select media.start_purge($1)", video)
    return row


async def forget_video(db: Database, video: str) -> None:
    await db.execute("select media.forget_video($1)", video)
