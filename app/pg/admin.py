"""Operator commands that write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True)
class Restored:
    """The state of a database after a restore. `newest_at`: of its newest event; `running`: jobs that ran then."""

    newest_at: datetime | None
    queues: list[str]
    waiting: int
    running: int
    processes: int
    sessions: int


def restored(dsn: str, end_sessions: bool) -> Restored:
    """Begin a new era, pause every queue, end all sessions if wanted. Raises psycopg.Error."""
    with connect(dsn, "trunkline:admin") as connection:
        row = connection.execute(
            "select newest_at, queues, waiting, running, processes, sessions from ops.restored(%s)", [end_sessions]
        ).fetchone()
    assert row is not None  # noqa: S101  a function returns one row
    return Restored(*row)
