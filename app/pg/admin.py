"""Operator commands that write."""

from __future__ import annotations

import psycopg

from app.errors import AppError, from_sqlstate, unavailable
from app.pg.operators import connect


def create_admin(dsn: str, username: str, email: str, password_hash: str, quota_bytes: int) -> int:
    """The new administrator's id; the address counts as confirmed.

    Raises username_taken, email_in_use, unavailable.
    """
    try:
        with connect(dsn, "trunkline:admin") as connection:
            row = connection.execute(
                "select account.create_user(%s, %s, %s, '', 'en', %s, 'admin', true)",
                [username, email, password_hash, quota_bytes],
            ).fetchone()
    except psycopg.errors.UniqueViolation as error:
        raise AppError("email_in_use") from error
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise unavailable() from error
        known = from_sqlstate(error.sqlstate, error.diag.message_primary or "", None, None)
        raise known or error from error
    assert row is not None  # noqa: S101  a function returns one row
    return int(row[0])
