"""Is the service alive, and can it serve?"""

from __future__ import annotations

import contextlib

import msgspec
from starlette.responses import Response

from app.errors import AppError
from app.pg import queue
from app.routes.http import Call, Endpoint, json_response


class SendingLimits(msgspec.Struct):
    upload_extensions: list[str]
    upload_max_bytes: int
    avatar_max_bytes: int
    chat_max_chars: int


async def limits(call: Call) -> SendingLimits:
    """What the settings take, so that a page can say it before anything is sent."""
    settings = call.deps.settings
    extensions = list(settings.upload_extensions)
    return SendingLimits(extensions, settings.upload_max_bytes, settings.avatar_max_bytes, settings.chat_max_chars)


async def health(call: Call) -> Response:
    return json_response({"status": "alive"})


async def ready(call: Call) -> Response:
    """503 with the reasons while a part that requests need is away; 200 and `degraded` while events come late."""
    reasons: dict[str, str] = {}
    try:
        await call.deps.db.fetchval("select 1")
    except AppError:
        reasons["database"] = "PostgreSQL does not answer."
    if reasons:
        return json_response({"status": "unavailable", "reasons": reasons}, 503)
    if not call.deps.bell.is_live:
        reasons["listener"] = "LISTEN hears nothing: events of other processes are polled, up to a second late."
    return json_response({"status": "degraded" if reasons else "ready", "reasons": reasons})


async def metrics(call: Call) -> Response:
    """For Prometheus. Queue figures are read now; without a database the others are shown all the same."""
    figures = call.deps.metrics
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
    Endpoint("GET", "/metrics", metrics, "Figures for Prometheus", "system", is_json=False),
]
