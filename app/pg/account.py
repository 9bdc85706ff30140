"""Thin callers of sql/functions/account."""

from __future__ import annotations

from collections.abc import Sequence
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
    """(user_id, password_hash, ips: where from they signed in before) of whom a name or an address means."""
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


async def ended_sessions(db: Database, session_ids: Sequence[str]) -> set[str]:
    """Those that are over, or whose user is banned."""
    rows = await db.fetch("select session_id from account.ended_sessions($1)", list(session_ids))
    return {str(row["session_id"]) for row in rows}


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


async def list_sessions(db: Database, user_id: int, session_id: str) -> list[Record]:
    """(id, user_agent, ip, created_at, last_seen_at, is_current) of the open ones."""
    return await db.fetch("select * from account.list_sessions($1, $2)", user_id, session_id)


async def revoke_sessions(db: Database, user_id: int, only: str | None = None) -> list[str]:
    """The ids of those that ended: the one named, else all."""
    ids = await db.fetchval("select account.revoke_sessions($1, $2)", user_id, only)
    return [str(i) for i in ids]


async def get_password_hash(db: Database, user_id: int) -> str | None:
    found: str | None = await db.fetchval("select account.get_password_hash($1)", user_id)
    return found


async def change_password(db: Database, user_id: int, password_hash: str, keep: str) -> list[str]:
    """The ids of the sessions that ended: all but `keep`."""
    ids = await db.fetchval("select account.change_password($1, $2, $3)", user_id, password_hash, keep)
    return [str(i) for i in ids]


async def request_reset(db: Database, email: str) -> None:
    await db.execute("select account.request_reset($1)", email)


async def reset_password(db: Database, token_hash: bytes, password_hash: str) -> list[str]:
    """The ids of the sessions that ended. Raises bad_token."""
    ids = await db.fetchval("select account.reset_password($1, $2)", token_hash, password_hash)
    return [str(i) for i in ids]


async def request_verification(db: Database, user_id: int) -> bool:
    """False when the address is confirmed already."""
    return bool(await db.fetchval("select account.request_verification($1)", user_id))


async def verify_email(db: Database, token_hash: bytes) -> int:
    """The user's id. Raises bad_token, email_in_use."""
    return int(await db.fetchval("select account.verify_email($1)", token_hash))


async def mail_target(db: Database, user_id: int | None, email: str | None) -> Record | None:
    """(user_id, username, display_name, email, locale, is_email_verified, has_owner)"""
    return await db.fetchrow("select * from account.mail_target($1, $2)", user_id, email)


async def issue_mail_token(db: Database, token_hash: bytes, user_id: int, purpose: str, seconds: int) -> None:
    await db.execute("select account.issue_mail_token($1, $2, $3, $4)", token_hash, user_id, purpose, seconds)


async def update_profile(
    db: Database, user_id: int, display_name: str | None, bio: str | None, locale: str | None
) -> None:
    await db.execute("select account.update_profile($1, $2, $3, $4)", user_id, display_name, bio, locale)


async def unused_avatars(db: Database, keys: Sequence[str]) -> list[str]:
    """Which of these pictures are nobody's."""
    return [row["key"] for row in await db.fetch("select key from account.unused_avatars($1)", list(keys))]


async def set_avatar(db: Database, user_id: int, key: str | None) -> None:
    await db.execute("select account.set_avatar($1, $2)", user_id, key)


async def profile(db: Database, username: str) -> Record:
    """Raises not_found."""
    return await one(db, "select * from account.profile($1)", username)


async def page_card(db: Database, username: str) -> dict[str, Any] | None:
    """What a shared link tells about a channel, None when there is nobody of that name."""
    card: dict[str, Any] | None = await db.fetchval("select account.page_card($1)", username)
    return card


async def clean(db: Database, limit: int) -> int:
    """How many rows were deleted; 0 when nothing is left to delete."""
    return int(await db.fetchval("select account.clean($1)", limit))
