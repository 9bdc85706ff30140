"""What every request passes: request id, access log, security headers, body limit, host check. Plain ASGI."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.addresses import client_ip
from app.config import Settings
from app.errors import AppError
from app.logs import request_id
from app.origins import USUAL_PORTS, own_names

log = logging.getLogger("trunkline.access")
faults = logging.getLogger("trunkline")

Problem = Callable[[Request, AppError], Response]
# Asked by load balancers and monitors, which use the machine's address as the host.
PROBES = ("/health", "/ready", "/metrics")
HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:(?P<port>[0-9]{1,5}))?")


def media_origins(settings: Settings) -> str:
    """Where browsers may send uploads to and fetch files from, besides this service."""
    s3 = settings.s3_public_endpoint or settings.s3_endpoint
    buckets = (settings.s3_upload_bucket, settings.s3_media_bucket)
    # Without an endpoint it is AWS, which signs addresses with and without the region.
    aws = [f"https://{bucket}.s3.{at}amazonaws.com" for bucket in buckets for at in ("", f"{settings.s3_region}.")]
    urls = [*([s3] if s3 else aws), *([settings.cdn_url] if settings.cdn_url else [])]
    return " ".join("{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls)


def security_headers(is_https: bool, media_origins: str) -> dict[str, str]:
    """Content-Security-Policy and friends; `media_origins` are where uploads go and segments come from."""
    csp = (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        f"img-src 'self' data: blob: {media_origins}; "
        f"media-src 'self' blob: {media_origins}; connect-src 'self' {media_origins}; "
        "worker-src 'self' blob:; font-src 'self'"
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

    def __init__(self, app: ASGIApp, *, headers: dict[str, str], settings: Settings, problem: Problem) -> None:
        self.app = app
        self.headers = headers
        self.max_body_bytes = settings.max_body_bytes
        self.drain_bytes = settings.body_drain_bytes
        self.drain_seconds = settings.body_drain_seconds
        self.problem = problem

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
        except Exception:
            # A fault of ours: the caller gets an id to quote, the log the trace.
            faults.exception("fault")
            if status:
                raise
            await self.problem(Request(scope), AppError("internal"))(scope, receive, answer)
        finally:
            self.log(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    def limited(self, scope: Scope, receive: Receive) -> Receive:
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > self.max_body_bytes:

            async def refuse() -> Message:
                # Who asked whether to go on is not told to; others must be read to the end, or they never read why.
                if "expect" not in headers:
                    await self.drain(receive)
                raise AppError("body_too_large")

            return refuse
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body_bytes:
                if message.get("more_body"):
                    await self.drain(receive)
                raise AppError("body_too_large")
            return message

        return counted

    async def drain(self, receive: Receive) -> None:
        """Reads and throws away the rest of a body: closing on one that still sends resets its connection, and the
        answer with it. Gives up after BODY_DRAIN_BYTES or BODY_DRAIN_SECONDS."""
        left = self.drain_bytes
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.drain_seconds):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body"):
                        return

    def log(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, not the path: paths hold media tokens.
        endpoint: Any = scope.get("route_path") or scope.get("path", "")
        route = scope.get("route")
        template = getattr(route, "path", None) or ("/media/…" if str(endpoint).startswith("/media/") else endpoint)
        deps = getattr(scope["app"].state, "deps", None) if "app" in scope else None
        ip = (scope.get("client") or ("unknown",))[0]
        if deps is not None:
            ip = client_ip(Request(scope), deps.settings.proxies)
            # A template or "none": a path nobody serves must not make a time series.
            label = getattr(route, "path", None) or "none"
            deps.metrics.http_requests.labels(scope["method"], label, str(status)).inc()
            deps.metrics.http_seconds.labels(label).observe(seconds)
        log.info(
            "request",
            extra={
                "method": scope["method"],
                "route": template,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "ip": ip,
            },
        )


class OwnHost:
    """Refuses requests for another host: links and origins we derive must not follow a forged Host header."""

    def __init__(self, app: ASGIApp, *, settings: Settings, problem: Problem) -> None:
        self.app = app
        self.problem = problem
        self.hosts = {urlsplit(origin).netloc for origin in settings.origins}
        # A laptop's may come through a tunnel or another container's port.
        self.names = frozenset() if settings.is_production else own_names(settings.origins, settings.host)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not async: each open socket would keep this function waiting.
        if scope["type"] == "lifespan" or self.fits(scope):
            return self.app(scope, receive, send)
        return self.refuse(scope, receive, send)

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            error = AppError("bad_request", "This service answers for PUBLIC_URL and ALLOWED_ORIGINS only.")
            await self.problem(Request(scope), error)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def fits(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        match = HOST.fullmatch(given[0]) if len(given) == 1 else None
        if match is None or not scope["path"].startswith("/"):
            return False
        name = match["name"].lower()
        if scope["path"] in PROBES or name in self.names or given[0].lower() in self.hosts:
            return True
        return match["port"] in USUAL_PORTS.values() and name in self.hosts
