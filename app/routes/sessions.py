"""Where you are signed in, and ending it."""

from __future__ import annotations

import datetime
import uuid

import msgspec
from starlette.responses import Response

from app.auth.sessions import ring_ended
from app.errors import AppError
from app.pg import account
from app.pg.ids import UUID
from app.routes.auth import cookie
from app.routes.http import Access, Call, Endpoint


class OpenSession(msgspec.Struct):
    """One browser you are signed in with."""

    id: uuid.UUID
    user_agent: str
    ip: str
    created_at: datetime.datetime
    last_seen_at: datetime.datetime
    is_current: bool


class SessionList(msgspec.Struct):
    items: list[OpenSession]


async def list_sessions(call: Call) -> SessionList:
    rows = await account.list_sessions(call.deps.db, call.me.user_id, call.me.session_id)
    return SessionList([msgspec.convert(dict(row), OpenSession) for row in rows])


async def revoke_all(call: Call) -> Response:
    """Everywhere, here too."""
    ring_ended(call.deps.bell, await account.revoke_sessions(call.deps.db, call.me.user_id))
    return Response(status_code=204, headers={"set-cookie": cookie(call, "", 0)})


async def revoke_one(call: Call) -> None:
    ended = await account.revoke_sessions(call.deps.db, call.me.user_id, call.path["id"])
    if not ended:
        raise AppError("not_found")
    ring_ended(call.deps.bell, ended)


ENDPOINTS = [
    Endpoint(
        "GET",
        "/api/auth/sessions",
        list_sessions,
        "Where you are signed in",
        "accounts",
        access=Access.USER,
        returns=SessionList,
    ),
    Endpoint(
        "DELETE",
        "/api/auth/sessions",
        revoke_all,
        "Sign out everywhere",
        "accounts",
        access=Access.USER,
        status=204,
        limit="write",
    ),
    Endpoint(
        "DELETE",
        "/api/auth/sessions/{id}",
        revoke_one,
        "Sign out one browser",
        "accounts",
        access=Access.USER,
        id=UUID,
        status=204,
        limit="write",
        errors=("not_found",),
    ),
]
