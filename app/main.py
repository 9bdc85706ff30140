"""The service: lifespan, middleware, routes, errors."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from app.addresses import client_ip
from app.auth.passwords import Passwords
from app.auth.sessions import Sessions
from app.auth.tokens import Tokens
from app.clients.cdn import Cdn
from app.clients.storage import Storage
from app.clients.transcoder import Transcoder
from app.config import Settings
from app.deps import Deps
from app.errors import AppError
from app.field_errors import to_json
from app.jobs import JOBS, SCHEDULES
from app.metrics import Metrics
from app.middleware import OwnHost, RequestContext, media_origins, security_headers
from app.packing import Packer
from app.pages import Pages
from app.pg.chat import Chat
from app.pg.engine import open_engine
from app.pg.limits import Limiter
from app.pg.loop import background
from app.pg.open_videos import OpenVideos
from app.pg.pool import Database
from app.realtime.hub import Hub
from app.realtime.lines import Lines
from app.realtime.presence import Presence
from app.realtime.rights import Rights
from app.realtime.shares import Shares
from app.routes import ENDPOINTS, ROUTES, socket, spa
from app.routes.http import json_response, to_route
from app.sweep import sweep
from app.worker import check_queues, parse_queues, working

log = logging.getLogger("trunkline")
security = logging.getLogger("trunkline.security")


@contextlib.asynccontextmanager
async def open_deps(settings: Settings) -> AsyncIterator[Deps]:
    """Build everything with a life, in order; close it in reverse."""
    async with contextlib.AsyncExitStack() as stack:
        db = Database.from_settings(settings)
        stack.push_async_callback(db.close)
        # Whoever plays, asks or works: none of them waits for the others' connections.
        storage = Storage(settings, settings.s3_request_connections)
        media_storage = Storage(settings, settings.s3_media_connections)
        job_storage = Storage(settings, settings.s3_job_connections)
        for one in (storage, media_storage, job_storage):
            stack.push_async_callback(one.close)
        transcoder = Transcoder(settings)
        stack.push_async_callback(transcoder.close)
        passwords = Passwords(settings.password_threads)
        stack.callback(passwords.close)
        metrics = Metrics(process=str(os.getpid()) if settings.workers > 1 else "")
        engine = await stack.enter_async_context(open_engine(settings, db, metrics, SCHEDULES))
        sessions = Sessions(db, settings.session_cache_seconds)
        engine.bell.hear(sessions.hear)
        hub = Hub(engine.streams, metrics, sessions.find_ended, settings)
        hub.describe(engine.instance)
        presence = Presence(
            db, hub, engine.instance, seconds=settings.presence_seconds, guests=settings.guests_per_address
        )
        rights = Rights(db, hub, backlog=settings.write_backlog)
        await stack.enter_async_context(background(hub.run(), presence.run(), rights.run()))
        limits = Limiter(settings, db)
        chat = Chat(settings, db, engine.streams, engine.bell, limits)
        stack.push_async_callback(chat.close)
        yield Deps(
            settings=settings,
            db=db,
            storage=storage,
            media_storage=media_storage,
            job_storage=job_storage,
            downloads=Shares(settings.download_max, settings.download_max_per_address, settings.s3_deadline_seconds),
            transcoder=transcoder,
            tokens=Tokens(settings.secret_key, settings.access_token_seconds),
            passwords=passwords,
            sessions=sessions,
            limits=limits,
            metrics=metrics,
            bell=engine.bell,
            instance=engine.instance,
            streams=engine.streams,
            counters=engine.counters,
            cache=engine.cache,
            hub=hub,
            rights=rights,
            chat=chat,
            open_videos=OpenVideos(db),
            pages=Pages.open(settings.frontend_folder),
            packer=Packer(settings.pack_least_bytes, settings.pack_keep_bytes),
            cdn=Cdn(settings) if settings.media_delivery == "cloudfront" else None,
        )


def for_jobs(deps: Deps) -> Deps:
    return dataclasses.replace(deps, storage=deps.job_storage)


def announce(app: Starlette) -> None:
    """Tell whoever asks at /ready that this process is about to end."""
    deps: Deps | None = getattr(app.state, "deps", None)
    if deps is not None:
        deps.is_stopping = True


async def drain(app: Starlette) -> None:
    """Say goodbye to the sockets one by one, before the server closes what is left."""
    deps: Deps | None = getattr(app.state, "deps", None)
    if deps is not None:
        await deps.hub.drain(deps.settings.socket_drain_seconds)


async def run_worker(settings: Settings, queues: str) -> None:
    """`python -m app work`: everything but the web, until told to stop. Raises ConfigError."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    shares = parse_queues(queues)
    async with open_deps(settings) as deps:
        await check_queues(deps, shares)
        async with working(for_jobs(deps), JOBS, shares), background(sweep()):
            log.info("working", extra={"queues": queues})
            await stop.wait()


class Service(Starlette):
    """HTTP passes Starlette's layers; sockets go straight to their handler.

    Each layer is a coroutine that waits as long as what it leads to: a dozen of them a socket, some kB.
    """

    sockets: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == socket.PATH:
            scope["app"] = self
            await self.sockets(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_app(settings: Settings) -> Starlette:
    lines = Lines(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_deps(settings) as deps:
            app.state.deps = deps
            lines.closed = lambda reason: deps.metrics.http_closed.labels(reason).inc()
            app.state.endpoints = ENDPOINTS
            queues = parse_queues(settings.worker_queues) if settings.serve_worker else {}
            async with working(for_jobs(deps), JOBS, queues), background(lines.run()):
                yield

    service = Service(
        routes=[*(to_route(endpoint) for endpoint in ENDPOINTS), *ROUTES],
        middleware=[
            Middleware(
                RequestContext,
                headers=security_headers(settings.is_https, media_origins(settings)),
                settings=settings,
                problem=problem,
            ),
            Middleware(OwnHost, settings=settings, problem=problem),
        ],
        exception_handlers={AppError: on_app_error, HTTPException: on_http_error},
        lifespan=lifespan,
    )
    # Starlette's own would lead to whatever the Host header says.
    service.router.redirect_slashes = False
    service.state.lines = lines
    service.sockets = OwnHost(socket.serve, settings=settings, problem=problem)
    return service


def problem(request: Request, error: AppError) -> Response:
    body: dict[str, object] = {
        "error": error.code,
        "message": error.message,
        "request_id": request.scope.get("request_id", ""),
    }
    if error.fields:
        body |= to_json(error.fields)
    headers = {"cache-control": "no-store", **(error.headers or {})}
    if error.retry_after:
        headers["retry-after"] = str(error.retry_after)
    return json_response(body, error.status, headers)


async def on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101  registered for this class only
    if error.status in REFUSALS:
        log_refusal(request, error)
    return problem(request, error)


# Who was turned away, where and why: what an operator greps for when somebody tries doors.
REFUSALS = {401, 403, 429}


def log_refusal(request: Request, error: AppError) -> None:
    route = getattr(request.scope.get("route"), "path", "")
    ip = client_ip(request, request.app.state.deps.settings.proxies)
    security.warning("refused", extra={"rule": error.code, "method": request.method, "route": route, "ip": ip})


def without_slash(request: Request) -> str | None:
    """Where `/lives/` is served, as a path: a whole address would be made of the Host header, and of http."""
    path = request.scope["path"]
    trimmed = "/" + path.strip("/")
    if path == trimmed or request.method not in ("GET", "HEAD"):
        return None
    scope = {**request.scope, "path": trimmed}
    if all(route.matches(scope)[0] is not Match.FULL for route in request.app.routes):
        return None
    query = request.url.query
    return quote(trimmed) + (f"?{query}" if query else "")


async def on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such route, wrong method) in our shape."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404 and (place := without_slash(request)):
        return RedirectResponse(place, 307)
    if status == 404 and spa.is_page_request(request):
        return spa.shell(request, status=404)
    code = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}.get(status, "bad_request")
    response = problem(request, AppError(code))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response
