"""Is the service alive, and can it serve?"""

from __future__ import annotations

import contextlib
import hmac

import msgspec
from starlette.responses import Response

from app.clients.storage import Storage
from app.config import Settings
from app.deps import Deps
from app.errors import AppError
from app.pg import queue
from app.realtime.lines import Lines
from app.routes import users, video_types
from app.routes.http import Call, Endpoint, json_response


class SendingLimits(msgspec.Struct):
    upload_extensions: list[str]
    upload_max_bytes: int
    avatar_max_bytes: int
    caption_max_bytes: int
    poster_max_bytes: int
    chat_max_chars: int
    title_max_chars: int
    description_max_chars: int
    tag_max_chars: int
    max_tags: int
    name_max_chars: int
    bio_max_chars: int


async def limits(call: Call) -> SendingLimits:
    """What the settings take, so that a page can say it before anything is sent."""
    settings = call.deps.settings
    return SendingLimits(
        upload_extensions=list(settings.upload_extensions),
        upload_max_bytes=settings.upload_max_bytes,
        avatar_max_bytes=settings.avatar_max_bytes,
        caption_max_bytes=settings.caption_max_bytes,
        poster_max_bytes=settings.poster_max_bytes,
        chat_max_chars=settings.chat_max_chars,
        title_max_chars=video_types.TITLE_CHARS,
        description_max_chars=video_types.DESCRIPTION_CHARS,
        tag_max_chars=video_types.TAG_CHARS,
        max_tags=video_types.TAGS,
        name_max_chars=users.NAME_CHARS,
        bio_max_chars=users.BIO_CHARS,
    )


async def health(call: Call) -> Response:
    return json_response({"status": "alive"})


async def ready(call: Call) -> Response:
    """503 with the reasons while a part that requests need is away; 200 and `degraded` while events come late."""
    if call.deps.is_stopping:
        return json_response({"status": "stopping", "reasons": {"process": "This process is about to end."}}, 503)
    reasons: dict[str, str] = {}
    try:
        has_other_order = await call.deps.db.has_other_order()
    except AppError:
        reasons["database"] = "PostgreSQL does not answer."
    if reasons:
        return json_response({"status": "unavailable", "reasons": reasons}, 503)
    if not call.deps.bell.is_live:
        reasons["listener"] = "LISTEN hears nothing: events of other processes are polled, up to a second late."
    lines: Lines = call.request.app.state.lines
    if lines.is_full:
        reasons["connections"] = "All HTTP connections are taken: new ones are refused (HTTP_MAX_CONNECTIONS)."
    if call.deps.downloads.is_exhausted:
        reasons["downloads"] = "As many files are being sent as may be: others wait (DOWNLOAD_MAX)."
    busy = [use for use, storage in storages(call.deps).items() if storage.slots.is_exhausted]
    if busy:
        reasons["storage"] = f"All connections to S3 are taken, others wait: {', '.join(busy)} (S3_…_CONNECTIONS)."
    if has_other_order:
        reasons["collation"] = "The system orders text otherwise than before: reindex the database (docs/ops.md)."
    return json_response({"status": "degraded" if reasons else "ready", "reasons": reasons})


def storages(deps: Deps) -> dict[str, Storage]:
    return {"media": deps.media_storage, "requests": deps.storage, "jobs": deps.job_storage}


def may_read_metrics(settings: Settings, given: str) -> bool:
    """What the service does is nobody's business in production; Prometheus sends the token it was given."""
    if settings.metrics_token:
        return hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode())
    return not settings.is_production


async def metrics(call: Call) -> Response:
    """For Prometheus. Queue figures are read now; without a database the others are shown all the same."""
    settings, figures = call.deps.settings, call.deps.metrics
    if not may_read_metrics(settings, call.request.headers.get("authorization", "")):
        raise AppError("not_found")
    figures.downloads.set(call.deps.downloads.taken)
    for use, storage in storages(call.deps).items():
        figures.s3_connections.labels(use).set(storage.slots.taken)
        figures.s3_waiting.labels(use).set(storage.slots.waiting)
    figures.http_connections.set(len(call.request.app.state.lines.open))
    with contextlib.suppress(AppError):
        for row in await queue.depths(call.deps.db):
            for state in ("ready", "running", "scheduled", "dead"):
                figures.queue_depth.labels(row["queue"], state).set(row[state])
            figures.queue_oldest_seconds.labels(row["queue"]).set(row["oldest_ready_seconds"])
    return Response(figures.render(), media_type="text/plain; version=0.0.4")


ENDPOINTS = [
    Endpoint("GET", "/health", health, "The process is alive", "system"),
    Endpoint("GET", "/ready", ready, "The service can serve; reasons when it cannot", "system"),
    Endpoint("GET", "/api/limits", limits, "What is taken: files, sizes, lengths", "system", returns=SendingLimits),
    Endpoint("GET", "/metrics", metrics, "Figures for Prometheus, with METRICS_TOKEN", "system", is_json=False),
]
