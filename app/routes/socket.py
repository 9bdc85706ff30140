"""`/ws`: one socket per browser, and the tickets that sign it in."""

from __future__ import annotations

import asyncio
import functools
import logging
import random

import msgspec
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from app.addresses import client_ip
from app.auth.origin import is_own_origin
from app.auth.viewer import viewer_key
from app.deps import Deps
from app.errors import AppError
from app.pg import ticket as tickets
from app.pg.loop import background
from app.realtime import protocol
from app.realtime.connection import Connection
from app.realtime.frames import frame
from app.realtime.protocol import SUBPROTOCOL, Auth, Badly, Op, Pub, Sub, Unsub, ok, refusal
from app.realtime.rate import Rate
from app.realtime.wire import EXTENSION, Wire
from app.routes.http import Access, Call, Endpoint
from app.routes.publish import publish

log = logging.getLogger("trunkline.socket")
PATH = "/ws"
BURST_SECONDS = 3.0
COME_BACK_SECONDS = (1, 5)


class Ticket(msgspec.Struct):
    """Signs one socket in, once."""

    ticket: str
    expires_in: int
    channel: str


async def issue_ticket(call: Call) -> Ticket:
    seconds = call.deps.settings.socket_ticket_seconds
    ticket = await tickets.issue(call.deps.db, call.me.user_id, call.me.session_id, seconds)
    return Ticket(ticket, seconds, f"user:{call.me.user_id}")


def refuse(asked: HTTPConnection, deps: Deps, ip: str) -> AppError | None:
    """Why this socket may not be opened."""
    # Any page can make a browser open a socket to us, and browsers say which page it was. Programs send none.
    origin = asked.headers.get("origin")
    if origin is not None and not is_own_origin(origin, asked.headers.get("host", ""), deps.settings):
        return AppError("forbidden")
    if SUBPROTOCOL not in asked.scope["subprotocols"]:
        return AppError("bad_request", f"Ask for the subprotocol {SUBPROTOCOL}.")
    if deps.hub.is_draining:
        return AppError("unavailable", retry_after=random.randint(*COME_BACK_SECONDS))  # noqa: S311
    if not deps.hub.accepts.take():
        # After a restart everybody comes at once: those that are too many come a little later, not all together.
        deps.hub.accepts.give_back()
        return AppError("too_many_requests", retry_after=random.randint(*COME_BACK_SECONDS))  # noqa: S311
    if deps.hub.count_of(ip) >= deps.settings.socket_max_per_address:
        return AppError("too_many_sockets", retry_after=30)
    return None


async def answer_refused(scope: Scope, send: Send, error: AppError) -> None:
    """An ordinary HTTP answer instead of the upgrade, where the server can give one."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    headers = [(b"content-type", b"application/json")]
    if error.retry_after:
        headers.append((b"retry-after", str(error.retry_after).encode()))
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
    body = msgspec.json.encode({"error": error.code, "message": error.message})
    await send({"type": "websocket.http.response.body", "body": body})


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """One socket's life, as a plain ASGI application; app/main.py leads PATH here."""
    deps: Deps = scope["app"].state.deps
    settings = deps.settings
    asked = HTTPConnection(scope)
    await receive()  # websocket.connect
    ip = client_ip(asked, settings.proxies)
    refused = refuse(asked, deps, ip)
    if refused is not None:
        await answer_refused(scope, send, refused)
        return
    await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL, "headers": []})
    wire = scope.get("extensions", {}).get(EXTENSION)
    connection = Connection(send, wire, backlog_bytes=settings.socket_backlog_bytes, ip=ip)
    agent = asked.headers.get("user-agent", "")
    connection.viewer = viewer_key(settings.secret_key, None, ip, agent, settings.guests_per_address)
    # What was asked is answered; ten thousand sockets would keep as many copies of it.
    del asked
    scope["headers"] = []
    deps.hub.enter(connection)
    try:
        if wire is not None:
            await answer_all(deps, connection, receive, wire)
        else:
            async with background(connection.write_plainly()):
                await answer_all(deps, connection, receive)
    finally:
        # However this ended, the socket must not stay open with nobody reading.
        connection.close(1011, "")
        deps.hub.leave(connection)
        await connection.closed()


async def answer_all(deps: Deps, connection: Connection, receive: Receive, wire: Wire | None = None) -> None:
    bucket = Rate(deps.settings.socket_ops_per_second, BURST_SECONDS)
    if wire is not None:
        wire.may_go_on = functools.partial(may_go_on, deps, connection, bucket)
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            connection.end()
            return
        text = message.get("text")
        if text is None:
            connection.close(protocol.NOT_TEXT, "text only")
            return
        is_slow_enough = bucket.take()
        if is_too_fast(deps, connection, bucket):
            return
        await answer(deps, connection, text, is_slow_enough)


def may_go_on(deps: Deps, connection: Connection, bucket: Rate) -> bool:
    """Whether a frame that asks nothing, a ping or a part of a message, fits. Those cost as operations do."""
    bucket.take()
    return not is_too_fast(deps, connection, bucket)


def is_too_fast(deps: Deps, connection: Connection, bucket: Rate) -> bool:
    if bucket.is_abused and not connection.is_over:
        deps.metrics.sockets_closed.labels("too_fast").inc()
        connection.close(protocol.TOO_FAST, "too fast")
    return bucket.is_abused


async def answer(deps: Deps, connection: Connection, text: str, is_slow_enough: bool) -> None:
    """In order, but for `pub`: a slow write must not keep the socket from being read."""
    try:
        op = protocol.read_op(text)
    except Badly as error:
        connection.write(frame(refusal(error.id, AppError("bad_request", str(error)))))
        return
    if not is_slow_enough:
        connection.write(frame(refusal(op.id, AppError("too_many_requests", retry_after=1))))
    elif isinstance(op, Pub):
        publish_later(deps, connection, op)
    else:
        await act_and_answer(deps, connection, op)


def publish_later(deps: Deps, connection: Connection, op: Pub) -> None:
    """In a task that outlives the socket: what was said just before a page closed is said."""
    if len(connection.publishing) >= deps.settings.socket_max_publishing:
        connection.write(frame(refusal(op.id, AppError("too_many_requests", retry_after=1))))
        return
    task = asyncio.create_task(act_and_answer(deps, connection, op))
    connection.publishing.add(task)
    task.add_done_callback(connection.publishing.discard)


async def act_and_answer(deps: Deps, connection: Connection, op: Op) -> None:
    try:
        payload = await act(deps, connection, op)
    except AppError as error:
        payload = refusal(op.id, error)
    except Exception:
        log.exception("operation failed")
        payload = refusal(op.id, AppError("internal"))
    connection.write(frame(payload))


async def act(deps: Deps, connection: Connection, op: Op) -> bytes:
    if isinstance(op, Auth):
        holder = await tickets.take(deps.db, op.ticket)
        if holder is None or connection.user_id not in (None, holder.user_id):
            raise AppError("bad_ticket")
        await deps.hub.sign_in(connection, holder.user_id, holder.session_id)
        connection.viewer = viewer_key(deps.settings.secret_key, holder.user_id, "", "", 1)
        return ok(op.id, user_id=holder.user_id)
    connection.asked_at = asyncio.get_running_loop().time()
    if isinstance(op, Sub):
        after = await deps.rights.may_follow(op.ch, connection.user_id)
        if op.ch not in connection.channels and len(connection.channels) >= deps.settings.socket_max_channels:
            raise AppError("too_many_requests")
        joined = await deps.hub.subscribe(connection, op.ch, op.since, after)
        # Whoever lost the right meanwhile was told before this socket was there to be taken off.
        if op.ch.startswith("live:"):
            try:
                await deps.rights.may_follow(op.ch, connection.user_id)
            except AppError:
                deps.hub.unsubscribe(connection, op.ch)
                raise
        reset = {"reset": True} if joined.reset else {}
        return ok(op.id, epoch=joined.epoch, seq=joined.seq, **reset)
    if isinstance(op, Pub):
        return ok(op.id, **await publish(deps, connection, op))
    if isinstance(op, Unsub):
        deps.hub.unsubscribe(connection, op.ch)
    return ok(op.id)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/api/realtime/ticket",
        issue_ticket,
        "A one-time ticket for the socket",
        "realtime",
        Access.USER,
        returns=Ticket,
        limit="ticket",
    ),
]
