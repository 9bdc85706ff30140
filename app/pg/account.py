"""Thin callers of sql/functions/account."""

from __future__ import annotations

from typing import Any

from asyncpg import Record

from app.pg.pool import Database


async def register(
    db: Database,
    *,
    username: str,
    email: str,
    password_hash: str,
    display_name: str,
    locale: str,
    quota_bytes: int,
    token_hash: bytes,
    ip: str,
    user_agent: str,
    idle_seconds: int,
) -> Record:
    """(user_id, session_id). Raises username_taken."""
    return await one(
        db,
        "select * from account.register($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        username,
        email,
        password_hash,
        display_name,
        locale,
        quota_bytes,
        token_hash,
        ip,
        user_agent,
        idle_seconds,
    )


async def find_login(db: Database, login: str) -> Record | None:
    """(user_id, password_hash) of whom a name or an address means."""
    return await db.fetchrow("select * from account.find_login($1)", login)


async def open_session(
    db: Database, user_id: int, token_hash: bytes, ip: str, user_agent: str, idle_seconds: int
) -> Any:
    """The new session's id. Raises banned."""
    return await db.fetchval(
        "select account.open_session($1, $2, $3, $4, $5)", user_id, token_hash, ip, user_agent, idle_seconds
    )


async def refresh(
    db: Database,
    *,
    token_hash: bytes,
    new_hash: bytes,
    ip: str,
    user_agent: str,
    idle_seconds: int,
    max_seconds: int,
    grace_seconds: float,
) -> Record:
    """(outcome, user_id, session_id); outcome is ok, unknown or reused."""
    return await one(
        db,
        "select * from account.refresh($1, $2, $3, $4, $5, $6, $7)",
        token_hash,
        new_hash,
        ip,
        user_agent,
        idle_seconds,
        max_seconds,
        grace_seconds,
    )


async def check_session(db: Database, session_id: str) -> Record | None:
    """(user_id, role) while the session is open and its user may be here."""
    return await db.fetchrow("select * from account.check_session($1)", session_id)


async def log_out(db: Database, token_hash: bytes) -> Any:
    """The id of the session that ended, or None."""
    return await db.fetchval("select account.log_out($1)", token_hash)


async def me(db: Database, user_id: int) -> Record:
    """Raises not_found."""
    return await one(db, "select * from account.me($1)", user_id)


async def set_password_hash(db: Database, user_id: int, old_hash: str, new_hash: str) -> None:
    await db.execute("select account.set_password_hash($1, $2, $3)", user_id, old_hash, new_hash)


async def one(db: Database, sql: str, *args: Any) -> Record:
    """The row of a function that always returns one."""
    row = await db.fetchrow(sql, *args)
    assert row is not None, sql  # noqa: S101
    return row
