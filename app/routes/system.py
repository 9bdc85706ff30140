"""Is the service alive, and can it serve?"""

from __future__ import annotations

from starlette.responses import Response

from app.errors import AppError
from app.routes.http import Call, Endpoint, json_response


async def health(call: Call) -> Response:
    return json_response({"status": "alive"})


async def ready(call: Call) -> Response:
    """503 with the reasons while a part that requests need is away."""
    reasons: dict[str, str] = {}
    try:
        await call.deps.db.fetchval("select 1")
    except AppError as error:
        reasons["database"] = error.message
    body = {"status": "unavailable" if reasons else "ready", "reasons": reasons}
    return json_response(body, 503 if reasons else 200)


ENDPOINTS = [
    Endpoint("GET", "/health", health, "The process is alive", "system"),
    Endpoint("GET", "/ready", ready, "The service can serve; reasons when it cannot", "system"),
]
