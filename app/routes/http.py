"""From a URL to a handler and back: decode, guard, call, encode. Every endpoint passes here."""

from __future__ import annotations

import enum
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.addresses import client_ip
from app.auth.names import USERNAME
from app.deps import Deps
from app.errors import AppError
from app.pg.ids import NUMBER, PUBLIC_ID
from app.pg.limits import LIMITS, Per, address_key
from app.routes.decode import convert_query, decode, refuse_bad_text


class Access(enum.Enum):
    """Who may ask. OPTIONAL reads the token when there is one; a wrong token is 401 all the same."""

    PUBLIC = "public"
    OPTIONAL = "optional"
    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """Base of what callers send."""


@dataclass(frozen=True)
class Caller:
    """Who asks: from the access token."""

    user_id: int
    session_id: str
    role: str


@dataclass
class Call:
    """One request, as a handler sees it."""

    deps: Deps
    request: Request
    path: dict[str, str]
    ip: str
    body: Any = None
    query: Any = None
    user: Caller | None = None

    @property
    def me(self) -> Caller:
        """The caller of an endpoint that demands one."""
        if self.user is None:
            raise AppError("not_signed_in")
        return self.user


@dataclass(frozen=True)
class Raw:
    """JSON that is already encoded (built in PostgreSQL). `is_shared`: others get the same, from the cache."""

    json: bytes
    is_shared: bool = False


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Endpoint:
    """One line of the URL table; OpenAPI is made from the same fields that validate."""

    method: str
    path: str
    handler: Handler
    summary: str
    tag: str
    access: Access = Access.PUBLIC
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    returns: Any = None
    status: int = 200
    errors: tuple[str, ...] = field(default=())
    id: re.Pattern[str] = PUBLIC_ID  # what {id} in the path looks like
    limit: str | None = None  # name of a rate limit in app/pg/limits.py
    is_json: bool = True  # false: the handler reads the body itself and returns a Response
    consumes: str = "application/json"  # type of the body of an endpoint that reads it itself
    produces: str = "application/json"  # type of an answer that is not described by `returns`


encoder = msgspec.json.Encoder()


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = value.json if isinstance(value, Raw) else encoder.encode(value)
    return Response(content, status, headers, media_type="application/json")


async def read_body(request: Request, kind: type[msgspec.Struct]) -> Any:
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type not in ("", "application/json"):
        raise AppError("unsupported_media_type")
    try:
        raw = await request.body()
    except ClientDisconnect:
        raise AppError("bad_request") from None
    # A foreign page can send a body without a type and without asking first, but not one of this type.
    if raw and not content_type:
        raise AppError("unsupported_media_type")
    return decode(raw or b"{}", kind)


# What may stand in a path where its template has a name; of a language its handler says what is wrong with it.
PARTS = {
    "seq": NUMBER,
    "hid": NUMBER,
    "n": NUMBER,
    "username": USERNAME,
    "lang": re.compile("[^/]{1,100}"),
}


def part_of(endpoint: Endpoint, name: str) -> re.Pattern[str]:
    return endpoint.id if name == "id" else PARTS[name]


def refuse_odd_path(path: dict[str, str], endpoint: Endpoint) -> None:
    """Raises not_found: what is no id is nobody's, and is not asked for."""
    for name, text in path.items():
        if not part_of(endpoint, name).fullmatch(text):
            raise AppError("not_found")


def to_route(endpoint: Endpoint) -> Route:
    async def handle(request: Request) -> Response:
        deps: Deps = request.app.state.deps
        call = Call(deps, request, request.path_params, client_ip(request, deps.settings.proxies))
        refuse_bad_text(call.path, "path")
        await guard(call, endpoint)
        refuse_odd_path(call.path, endpoint)
        if endpoint.query is not None:
            call.query = convert_query(request.query_params, endpoint.query)
        if endpoint.body is not None:
            call.body = await read_body(request, endpoint.body)
        result = await endpoint.handler(call)
        response = as_response(result, endpoint.status)
        # Only what is read: secrets, which must not be packed with what is asked, are answers to writes.
        if response is not result and endpoint.method == "GET" and response.body:
            deps.packer.pack(request, response, is_shared=isinstance(result, Raw) and result.is_shared)
        if "authorization" in request.headers:
            # What one person may see is kept by no cache, not even the browser's, which the next person may use.
            response.headers.setdefault("cache-control", "no-store")
        return response

    return Route(endpoint.path, handle, methods=[endpoint.method], name=f"{endpoint.method} {endpoint.path}")


def as_response(result: Any, status: int) -> Response:
    if isinstance(result, Response):
        return result
    return Response(status_code=204) if result is None else json_response(result, status)


async def guard(call: Call, endpoint: Endpoint) -> None:
    """Who may pass: the one place where access tokens and rate limits are looked at."""
    if endpoint.access is not Access.PUBLIC:
        call.user = await read_caller(call)
        roles = ROLES.get(endpoint.access)
        if roles is not None and call.me.role not in roles:
            raise AppError("forbidden")
    if endpoint.limit is not None:
        await count(call, endpoint.limit)


# What is needed to pass; OPTIONAL and PUBLIC need nothing.
ROLES = {
    Access.USER: {"user", "moderator", "admin"},
    Access.MODERATOR: {"moderator", "admin"},
    Access.ADMIN: {"admin"},
}


async def read_caller(call: Call) -> Caller | None:
    """Who the bearer token says, while that session is open. None without a token; a wrong one is 401."""
    header = call.request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise AppError("not_signed_in")
    claims = call.deps.tokens.read(token.strip())
    # The role comes from the session's row, so that losing it takes effect while the token lives on.
    holder = await call.deps.sessions.check(claims.session_id)
    if holder is None or holder.user_id != claims.user_id:
        raise AppError("not_signed_in")
    return Caller(holder.user_id, claims.session_id, holder.role)


async def count(call: Call, name: str) -> None:
    """Count one attempt of this caller. Raises too_many_requests with Retry-After."""
    by_account = LIMITS[name].per is Per.ACCOUNT and call.user is not None
    who = f"u{call.me.user_id}" if by_account else address_key(call.ip)
    await call.deps.limits.hit(name, who)
