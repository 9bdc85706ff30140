"""What every request passes: request id, access log, security headers, body limit. Plain ASGI."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import AppError
from app.logs import request_id

log = logging.getLogger("trunkline.access")


def security_headers(is_https: bool, media_origins: str) -> dict[str, str]:
    """Content-Security-Policy and friends; `media_origins` are where uploads go and segments come from."""
    csp = (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: {media_origins}; "
        f"media-src 'self' blob: {media_origins}; connect-src 'self' ws: wss: {media_origins}; "
        "worker-src 'self' blob:; font-src 'self' data:"
    )
    headers = {
        "content-security-policy": " ".join(csp.split()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "geolocation=(), camera=(self), microphone=(self)",
    }
    if is_https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


class RequestContext:
    """Outermost: names the request, logs its end, adds headers, refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, *, headers: dict[str, str], max_body_bytes: int) -> None:
        self.app = app
        self.headers = headers
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        name = given if re.fullmatch(r"[A-Za-z0-9_-]{8,64}", given) else secrets.token_hex(8)
        token = request_id.set(name)
        scope["request_id"] = name
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = name
                for key, value in self.headers.items():
                    headers.setdefault(key, value)
            await send(message)

        try:
            await self.app(scope, self.limited(scope, receive), answer)
        finally:
            self.log(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    def limited(self, scope: Scope, receive: Receive) -> Receive:
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > self.max_body_bytes:
            too_large = AppError("body_too_large")

            async def refuse() -> Message:
                raise too_large

            return refuse
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body_bytes:
                raise AppError("body_too_large")
            return message

        return counted

    def log(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, not the path: paths hold media tokens.
        endpoint: Any = scope.get("route_path") or scope.get("path", "")
        route = scope.get("route")
        template = getattr(route, "path", None) or ("/media/…" if str(endpoint).startswith("/media/") else endpoint)
        log.info(
            "request",
            extra={
                "method": scope["method"],
                "route": template,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "ip": (scope.get("client") or ("unknown",))[0],
            },
        )
