"""Signing up, in and out; sessions."""

from __future__ import annotations

from typing import Annotated

import msgspec
from asyncpg import Record
from starlette.responses import Response

from app import text
from app.auth.names import RESERVED, USERNAME, is_email
from app.auth.origin import demand_own_page
from app.auth.passwords import refuse_weak
from app.auth.sessions import ring_ended
from app.auth.tokens import hash_secret, new_secret
from app.errors import AppError, invalid
from app.field_errors import field_error
from app.pg import account
from app.pg.limits import address_key
from app.routes.http import Access, Body, Call, Endpoint, json_response
from app.routes.users import NAME_CHARS, Locale, Me, read_me

DAY = 86_400
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Register(Body):
    username: str
    email: str
    password: str
    display_name: str = ""
    locale: Locale = "en"


class Login(Body):
    """`login` is a user name or an e-mail address."""

    login: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    password: Password


class Session(msgspec.Struct):
    """You, and a token for the Authorization header; the refresh token travels in a cookie."""

    user: Me
    access_token: str
    expires_in: int


async def register(call: Call) -> Response:
    body: Register = call.body
    check_new_user(body)
    refuse_weak(body.password, username=body.username, email=body.email)
    hashed = await call.deps.passwords.hash(body.password)
    secret = new_secret()
    row = await account.register(
        call.deps.db,
        username=body.username,
        email=body.email,
        password_hash=hashed,
        display_name=text.name(body.display_name, NAME_CHARS) or "",
        locale=body.locale,
        quota_bytes=call.deps.settings.user_quota_bytes,
        token_hash=hash_secret(secret),
        ip=call.ip,
        user_agent=user_agent(call),
        idle_seconds=call.deps.settings.session_idle_days * DAY,
    )
    call.deps.bell.ring()
    return await session_response(call, row["user_id"], str(row["session_id"]), secret, 201)


async def login(call: Call) -> Response:
    """The same answer in the same time for an unknown account and for a wrong password."""
    body: Login = call.body
    name = body.login.strip().lower()
    row = await account.find_login(call.deps.db, name)
    counters = await count_guess(call, name, row)
    known = row["password_hash"] if row and counters else None
    right, fresh = await call.deps.passwords.verify(body.password, known)
    if not right or row is None:
        raise AppError("wrong_credentials")
    for counter in counters:
        await call.deps.limits.forgive("login_account", counter)
    if fresh:
        await account.set_password_hash(call.deps.db, row["user_id"], row["password_hash"], fresh)
    secret = new_secret()
    session_id = await account.open_session(
        call.deps.db,
        row["user_id"],
        hash_secret(secret),
        call.ip,
        user_agent(call),
        call.deps.settings.session_idle_days * DAY,
    )
    return await session_response(call, row["user_id"], str(session_id), secret, 200)


async def count_guess(call: Call, name: str, row: Record | None) -> list[str]:
    """The counters to clear when the password is right; none: this account has been tried too often from here, under
    another name. Raises too_many_requests.

    Counted for each address apart, so that nobody shuts somebody else out; all addresses together only where the
    account was never used. That another name of an account was tried is not told: it would tell whose address it is.
    """
    limits, place = call.deps.limits, address_key(call.ip)
    counters = [f"{name} {place}"]
    await limits.hit("login_account", counters[0])
    if row is None or place not in {address_key(ip) for ip in row["ips"]}:
        await limits.hit("login_elsewhere", name)
    if row is not None:
        counters.append(f"#{row['user_id']} {place}")
        try:
            await limits.hit("login_account", counters[1])
        except AppError as error:
            if error.code != "too_many_requests":
                raise
            return []
    return counters


async def refresh(call: Call) -> Response:
    settings = call.deps.settings
    demand_own_page(call.request.headers, settings)
    secret = new_secret()
    row = await account.refresh(
        call.deps.db,
        token_hash=hash_secret(call.request.cookies.get(cookie_name(call), "")),
        new_hash=hash_secret(secret),
        ip=call.ip,
        user_agent=user_agent(call),
        idle_seconds=settings.session_idle_days * DAY,
        max_seconds=settings.session_max_days * DAY,
        grace_seconds=settings.refresh_grace_seconds,
    )
    if row["outcome"] != "ok":
        if row["session_id"]:
            ring_ended(call.deps.bell, [str(row["session_id"])])
        raise AppError("not_signed_in", headers={"set-cookie": cookie(call, "", 0)})
    return await session_response(call, row["user_id"], str(row["session_id"]), secret, 200)


async def logout(call: Call) -> Response:
    demand_own_page(call.request.headers, call.deps.settings)
    secret = call.request.cookies.get(cookie_name(call))
    session_id = await account.log_out(call.deps.db, hash_secret(secret)) if secret else None
    if session_id:
        ring_ended(call.deps.bell, [str(session_id)])
    return Response(status_code=204, headers={"set-cookie": cookie(call, "", 0)})


async def me(call: Call) -> Me:
    return await read_me(call, call.me.user_id)


def check_new_user(body: Register) -> None:
    """422 with a sentence per field, all of them at once."""
    wrong = {}
    if not USERNAME.fullmatch(body.username):
        wrong["username"] = field_error("username_form")
    elif body.username.lower() in RESERVED:
        wrong["username"] = field_error("username_reserved")
    if not is_email(body.email):
        wrong["email"] = field_error("email_form")
    if body.display_name.strip() and text.name(body.display_name, NAME_CHARS) is None:
        wrong["display_name"] = field_error("name_form", most=NAME_CHARS)
    if wrong:
        raise invalid(**wrong)


def user_agent(call: Call) -> str:
    printable = (c for c in call.request.headers.get("user-agent", "") if c.isprintable())
    return "".join(printable)[:300]


async def session_response(call: Call, user_id: int, session_id: str, secret: str, status: int) -> Response:
    session = Session(
        user=await read_me(call, user_id),
        access_token=call.deps.tokens.issue(user_id, session_id),
        expires_in=call.deps.settings.access_token_seconds,
    )
    lifetime = call.deps.settings.session_idle_days * DAY
    headers = {"set-cookie": cookie(call, secret, lifetime), "cache-control": "no-store"}
    return json_response(session, status, headers)


def cookie_name(call: Call) -> str:
    """`__Host-` binds the cookie to this very host and to https; plain http (a laptop) cannot have it."""
    return "__Host-rt" if call.deps.settings.is_https else "rt"


def cookie(call: Call, value: str, seconds: int) -> str:
    secure = "; Secure" if call.deps.settings.is_https else ""
    return f"{cookie_name(call)}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}"


ENDPOINTS = [
    Endpoint(
        "POST",
        "/api/auth/register",
        register,
        "Make an account and sign in",
        "accounts",
        body=Register,
        returns=Session,
        status=201,
        limit="register",
        errors=("username_taken",),
    ),
    Endpoint(
        "POST",
        "/api/auth/login",
        login,
        "Sign in",
        "accounts",
        body=Login,
        returns=Session,
        limit="login",
        errors=("wrong_credentials", "banned"),
    ),
    Endpoint(
        "POST",
        "/api/auth/refresh",
        refresh,
        "Exchange the cookie for a new access token",
        "accounts",
        returns=Session,
        limit="refresh",
        errors=("not_signed_in", "wrong_origin"),
    ),
    Endpoint(
        "POST",
        "/api/auth/logout",
        logout,
        "End this session",
        "accounts",
        status=204,
        errors=("wrong_origin",),
        limit="refresh",
    ),
    Endpoint("GET", "/api/auth/me", me, "Your account", "accounts", access=Access.USER, returns=Me),
]
