"""Changing a password, getting back in without one, and confirming an e-mail address."""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.auth.names import is_email
from app.auth.passwords import refuse_weak
from app.auth.sessions import ring_ended
from app.auth.tokens import hash_secret
from app.errors import AppError, invalid
from app.field_errors import field_error
from app.pg import account
from app.routes.auth import Password
from app.routes.http import Access, Body, Call, Endpoint
from app.routes.users import Me, read_me

Token = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Change(Body):
    current_password: Password
    new_password: str


class Forgot(Body):
    email: str


class Reset(Body):
    """`token` is what the link in the mail carries behind #token=."""

    token: Token
    password: str


class Verify(Body):
    """`token` is what the link in the mail carries behind #token=."""

    token: Token


class Accepted(msgspec.Struct):
    """Work was left for later; nothing to tell."""


async def change(call: Call) -> None:
    body: Change = call.body
    mine = await read_me(call, call.me.user_id)
    refuse_weak(body.new_password, "new_password", username=mine.username, email=mine.email)
    known = await account.get_password_hash(call.deps.db, call.me.user_id)
    right, _ = await call.deps.passwords.verify(body.current_password, known)
    if not right:
        raise invalid(current_password=field_error("password_wrong"))
    hashed = await call.deps.passwords.hash(body.new_password)
    ended = await account.change_password(call.deps.db, call.me.user_id, hashed, call.me.session_id)
    ring_ended(call.deps.bell, ended)


async def forgot(call: Call) -> Accepted:
    """The same answer and the same work whether there is such an account; a job finds out."""
    body: Forgot = call.body
    if not is_email(body.email):
        raise invalid(email=field_error("email_form"))
    await account.request_reset(call.deps.db, body.email)
    call.deps.bell.ring()
    return Accepted()


async def reset(call: Call) -> None:
    body: Reset = call.body
    refuse_weak(body.password)
    hashed = await call.deps.passwords.hash(body.password)
    ended = await account.reset_password(call.deps.db, hash_secret(body.token), hashed)
    ring_ended(call.deps.bell, ended)


async def verify(call: Call) -> Me:
    """Works signed out: the link may be opened on another device."""
    body: Verify = call.body
    return await read_me(call, await account.verify_email(call.deps.db, hash_secret(body.token)))


async def resend(call: Call) -> Accepted:
    if not await account.request_verification(call.deps.db, call.me.user_id):
        raise AppError("conflict", "This address is confirmed already.")
    call.deps.bell.ring()
    return Accepted()


ENDPOINTS = [
    Endpoint(
        "POST",
        "/api/auth/password/change",
        change,
        "Change your password",
        "accounts",
        access=Access.USER,
        body=Change,
        status=204,
        limit="password",
    ),
    Endpoint(
        "POST",
        "/api/auth/password/forgot",
        forgot,
        "Ask for a link to set a new password",
        "accounts",
        body=Forgot,
        returns=Accepted,
        status=202,
        limit="forgot",
    ),
    Endpoint(
        "POST",
        "/api/auth/password/reset",
        reset,
        "Set a new password with that link's token",
        "accounts",
        body=Reset,
        status=204,
        limit="mail_token",
        errors=("bad_token",),
    ),
    Endpoint(
        "POST",
        "/api/auth/email/verify",
        verify,
        "Confirm an address with the mailed link's token",
        "accounts",
        body=Verify,
        returns=Me,
        limit="mail_token",
        errors=("bad_token", "email_in_use"),
    ),
    Endpoint(
        "POST",
        "/api/auth/email/resend",
        resend,
        "Send the confirming mail again",
        "accounts",
        access=Access.USER,
        returns=Accepted,
        status=202,
        limit="resend",
        errors=("conflict",),
    ),
]
