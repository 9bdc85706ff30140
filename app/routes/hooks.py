"""Webhooks: outside services tell news. Verify, store once, answer; a job applies it.

MediaConvert's news come by EventBridge's API destination, which tries again on 429, 5xx and silence, never on
another 4xx: what is passing must be 503.
"""

from __future__ import annotations

import asyncio
import hmac

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.errors import AppError, unavailable
from app.pg import media
from app.routes.decode import refuse_bad_text
from app.routes.http import Access, Call, Endpoint

KEY_HEADER = "x-trunkline-webhook-key"
BODY_BYTES = 262_144  # an event has at most this size
ID_LENGTH = 200  # EventBridge's are UUIDs; a long one would not fit its index
ANSWER_SECONDS = 0.9


async def mediaconvert(call: Call) -> Response:
    key = call.request.headers.get(KEY_HEADER, "")
    if not hmac.compare_digest(key.encode(), call.deps.settings.mediaconvert_webhook_key.encode()):
        raise AppError("wrong_webhook_key")
    event = read_event(await read_limited(call))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await media.receive_transcode_event(call.deps.db, str(event["id"]), event)
    except TimeoutError:
        raise unavailable() from None
    call.deps.bell.ring(queues=["default"])
    return Response(status_code=204)


async def read_limited(call: Call) -> bytes:
    body = bytearray()
    try:
        async for chunk in call.request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                raise AppError("body_too_large")
    except ClientDisconnect:
        raise AppError("bad_request") from None
    return bytes(body)


def read_event(body: bytes) -> dict[str, object]:
    """An EventBridge envelope. Raises bad_request."""
    try:
        event = msgspec.json.decode(body, type=dict[str, object])
        refuse_bad_text(event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise AppError("bad_request") from None
    name = event.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= ID_LENGTH or not isinstance(event.get("detail"), dict):
        raise AppError("bad_request")
    return event


ENDPOINTS = [
    Endpoint(
        "POST", "/hooks/mediaconvert", mediaconvert, "News of a transcode (EventBridge)", "hooks", Access.PUBLIC,
        status=204, is_json=False, errors=("wrong_webhook_key", "bad_request"),
    ),
]  # fmt: skip
