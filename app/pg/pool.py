"""The request pool: asyncpg without its per-release reset query, with errors already in our terms."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from app.config import Settings
from app.errors import from_sqlstate, unavailable
from app.field_errors import from_json
from app.pg.connect import Connector

log = logging.getLogger("trunkline.database")
# Raised by asyncpg or the socket when the server is away; the caller should come back later. InternalClientError is
# what a statement gets on a connection that has read its server's goodbye and not closed yet.
AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError)
# The same, or a server that answers and is no primary any more: a connection to it will not do again.
LOST = (*AWAY, asyncpg.ReadOnlySQLTransactionError)
EXPIRE_SECONDS = 1.0


def encode_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


async def set_codecs(connection: asyncpg.Connection) -> None:
    """json and jsonb travel as Python objects."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=encode_json, decoder=json.loads, schema="pg_catalog", format="text"
        )


async def keep(connection: asyncpg.Connection) -> None:
    """Nothing to reset: no request leaves session state behind, and the default costs a round trip."""


def translate(error: Exception) -> Exception:
    """An AppError for what a caller caused or should wait out, else the error itself."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if has_no_partition(error):
            # Nobody's input is to blame: upkeep did not make today's tables.
            log.error(
                "rows of today have no table; select rt.ensure_partitions() makes it", extra={"error": str(error)}
            )
            return unavailable()
        if state == "54000" and "NOTIFY queue" in str(error):
            return unavailable()
        hint: str | None = getattr(error, "hint", None)
        fields = from_json(json.loads(hint)) if state.startswith("TL") and hint else None
        known = from_sqlstate(state, str(error.args[0]), getattr(error, "detail", None) or None, fields)
        return error if known is None else known
    if isinstance(error, AWAY) and not is_misuse(error):
        return unavailable()
    return error


# The server's own trouble: any statement meets it. Some of these also come when a commit may have happened.
TROUBLE = ("08", "25", "40", "53", "55", "57P", "58", "F0")


def is_refusal(error: BaseException) -> bool:
    """PostgreSQL refused a statement for what is in it: nothing was written, and a part of it may pass."""
    cause = error if isinstance(error, (asyncpg.PostgresError, UnicodeError)) else error.__cause__
    if isinstance(cause, asyncpg.PostgresError):
        return not (cause.sqlstate or "08").startswith(TROUBLE) and not has_no_partition(cause)
    # Bytes that are no text never left this process.
    return isinstance(cause, UnicodeError)


def has_no_partition(error: asyncpg.PostgresError) -> bool:
    return error.sqlstate == "23514" and "no partition" in str(error)


def is_misuse(error: Exception) -> bool:
    """asyncpg uses InterfaceError both for wrong use and for a connection that just went away."""
    gone = ("closed", "closing", "released")
    return isinstance(error, asyncpg.InterfaceError) and not any(word in str(error) for word in gone)


class Database:
    """The pool of one process. Every method raises AppError("unavailable") when the server is away."""

    def __init__(
        self,
        dsn: str,
        *,
        size: int,
        acquire_seconds: float,
        statement_seconds: float,
        name: str,
        statement_cache: int = 512,
        connector: Connector | None = None,
    ) -> None:
        self.dsn = dsn
        self.size = size
        self.acquire_seconds = acquire_seconds
        self.statement_seconds = statement_seconds
        self.name = name
        self.statement_cache = statement_cache
        self.connector = connector or Connector()
        self._moves = 0
        self._expired_at = 0.0
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    @classmethod
    def from_settings(cls, settings: Settings, name: str = "trunkline") -> Database:
        return cls(
            settings.database_url,
            size=settings.db_pool_size,
            acquire_seconds=settings.db_acquire_seconds,
            statement_seconds=settings.db_statement_seconds,
            name=name,
            statement_cache=settings.db_statement_cache,
            connector=Connector.from_settings(settings),
        )

    async def pool(self) -> asyncpg.Pool:
        """The pool, opened at first use so that the service starts and answers while the database is away."""
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self.dsn,
                    connect=self.connector.connect,
                    min_size=0,
                    max_size=self.size,
                    init=set_codecs,
                    reset=keep,
                    timeout=self.acquire_seconds,
                    command_timeout=self.statement_seconds + 1,
                    statement_cache_size=self.statement_cache,
                    server_settings={
                        "application_name": self.name,
                        "statement_timeout": str(int(self.statement_seconds * 1000)),
                        "idle_in_transaction_session_timeout": "10000",
                    },
                )
            return self._pool

    async def close(self) -> None:
        if self._pool is not None:
            with contextlib.suppress(*AWAY):
                await asyncio.wait_for(self._pool.close(), 3)
            self._pool.terminate()
            self._pool = None

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        is_ours = False
        try:
            pool = await self.pool()
            if self._moves != self.connector.moves:
                self._moves = self.connector.moves
                await pool.expire_connections()
            async with pool.acquire(timeout=self.acquire_seconds) as connection:
                is_ours = True
                yield connection
        except (asyncpg.PostgresError, *AWAY) as error:
            # Not when there was none to be had: those in use are no worse for that.
            if is_ours and isinstance(error, LOST) and not is_misuse(error):
                await self._expire()
            raise translate(error) from error

    async def _expire(self) -> None:
        """Let go of the idle ones, which lead where this one led and would be waited for one by one."""
        now = asyncio.get_running_loop().time()
        if self._pool is not None and now - self._expired_at >= EXPIRE_SECONDS:
            self._expired_at = now
            await self._pool.expire_connections()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """One commit. Await nothing but SQL inside."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        async with self.connection() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *args)
            return rows

    async def fetchrow(self, sql: str, *args: Any) -> asyncpg.Record | None:
        async with self.connection() as connection:
            return await connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        async with self.connection() as connection:
            return await connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> str:
        async with self.connection() as connection:
            status: str = await connection.execute(sql, *args)
            return status

    async def has_other_order(self) -> bool:
        """Whether the system orders text otherwise than when this database was made: its indexes may miss rows."""
        return bool(
            await self.fetchval(
                "select datcollversion <> pg_database_collation_actual_version(oid)"
                " from pg_database where datname = current_database()"
            )
        )
