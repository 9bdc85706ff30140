"""One connection of our own, outside the pool: for loops that must not wait for a free one."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import asyncpg

from app.pg.connect import Connector
from app.pg.pool import AWAY, LOST, set_codecs, translate

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 10.0
STATEMENTS = 100


class Line:
    """Opened at first use and again when lost; statements take turns. Raises AppError("unavailable") when away."""

    def __init__(
        self,
        dsn: str,
        name: str,
        *,
        connector: Connector | None = None,
        cache: int = STATEMENTS,
        **server_settings: str,
    ) -> None:
        """`cache`: prepared statements kept; 0 where a pooler gives each transaction another connection."""
        self.dsn = dsn
        self.connector = connector or Connector()
        self.cache = cache
        self.settings = {"application_name": name, **server_settings}
        self._connection: asyncpg.Connection | None = None
        self._moves = 0
        self._turn = asyncio.Lock()

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        async with self._turn:
            try:
                connection = await self._open()
                rows: list[asyncpg.Record] = await connection.fetch(sql, *args)
                return rows
            except (asyncpg.PostgresError, *AWAY) as error:
                if isinstance(error, LOST):
                    self._drop()
                raise translate(error) from error
            except asyncio.CancelledError:
                # A statement cut off half way leaves the connection unusable for the next one.
                self._drop()
                raise

    async def fetchval(self, sql: str, *args: Any) -> Any:
        rows = await self.fetch(sql, *args)
        return rows[0][0] if rows else None

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*AWAY):
                await connection.close(timeout=2)

    async def _open(self) -> asyncpg.Connection:
        if self._moves != self.connector.moves:
            # It leads to the old primary, which may never answer again.
            self._drop()
        if self._connection is None or self._connection.is_closed():
            self._connection = await self.connector.connect(
                self.dsn,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS,
                statement_cache_size=self.cache,
                server_settings={"statement_timeout": str(int(STATEMENT_SECONDS * 1000)), **self.settings},
            )
            self._moves = self.connector.moves
            await set_codecs(self._connection)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
