"""psycopg for the migrator and operators' commands: one connection, no pool."""

from __future__ import annotations

from typing import Any

import psycopg

from app.pg.connect import servers

# psycopg asks the hosts of an address in turn and gives each two minutes.
HOST_SECONDS = 5
# A server that vanishes under a long statement is noticed.
KEEPALIVES: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def connect(dsn: str, name: str, *, autocommit: bool = False) -> psycopg.Connection:
    """The address's primary. Raises psycopg.Error."""
    more: dict[str, Any] = {"connect_timeout": HOST_SECONDS} if len(servers(dsn)) > 1 else {}
    return psycopg.connect(dsn, autocommit=autocommit, application_name=name, **KEEPALIVES, **more)
