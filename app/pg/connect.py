"""Connecting where the address names several servers, one of which may not answer at all.

asyncpg tries the hosts of an address in turn under one time limit, so a host that takes the connection and says nothing
(a frozen machine, a cut network) uses it up, each time: the others would never be reached. Here each host is asked in
its own task, the next a moment after the one before, and the first that takes writes is the primary.

Two may take writes when an old primary wakes before anybody stopped it. A promotion begins a new timeline, so whoever
has seen the newer one goes back only where every other host says that it is none.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import deque
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.config import Settings

# The file name starts with the timeline in force now; the control file would lag behind a promotion.
TIMELINE = "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer"
# After `keepalive_seconds` of silence a peer is asked so many times, so far apart.
PROBES, PROBE_SECONDS = 3, 5
UNANSWERED_MS = 20_000


def servers(dsn: str) -> list[str]:
    """One address for each host of an address."""
    parts = urlsplit(dsn)
    who, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=who + at + host)) for host in hosts.split(",")]


class Connector:
    """How one process reaches its servers. `moves` grows when they are found to have another primary."""

    def __init__(self, *, seconds: float = 1.5, stagger_seconds: float = 0.25, keepalive_seconds: int = 15) -> None:
        """`seconds`: one attempt at an address of several hosts; `stagger_seconds`: the next one is asked after."""
        self.seconds = seconds
        self.stagger_seconds = stagger_seconds
        self.keepalive_seconds = keepalive_seconds
        self.moves = 0
        self._timeline = 0  # the newest seen

    @classmethod
    def from_settings(cls, settings: Settings) -> Connector:
        return cls(
            seconds=settings.db_connect_seconds,
            stagger_seconds=settings.db_host_stagger_seconds,
            keepalive_seconds=settings.db_keepalive_seconds,
        )

    async def connect(self, dsn: str, *, timeout: float, **options: Any) -> asyncpg.Connection:
        """As asyncpg.connect; `timeout` is for all hosts together. Raises what a host said, or TimeoutError."""
        hosts = servers(dsn)
        if len(hosts) == 1:
            connection = await asyncpg.connect(dsn, timeout=timeout, **options)
        else:
            # Who answers says at once whether it is the primary, and that changes: better to ask again soon.
            connection = await self._first(deque(hosts), min(timeout, self.seconds), options)
        keep_alive(connection, self.keepalive_seconds)
        return connection

    async def _first(self, hosts: deque[str], seconds: float, options: dict[str, Any]) -> asyncpg.Connection:
        """The first of the newest timeline seen; before any was seen, the best of those that answer in time."""
        best: tuple[int, asyncpg.Connection] | None = None
        error: BaseException = TimeoutError("no server answered")
        asked: set[asyncio.Task[tuple[int, asyncpg.Connection]]] = set()
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        try:
            while (hosts or asked) and (left := until - loop.time()) > 0:
                if hosts:
                    asked.add(asyncio.create_task(ask(hosts.popleft(), seconds, options)))
                pause = min(left, self.stagger_seconds) if hosts else left
                done, asked = await asyncio.wait(asked, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    failed = task.exception()
                    if failed is None:
                        best = better(best, task.result())
                    # What a server said (a wrong password) tells more than that another is away.
                    elif isinstance(failed, asyncpg.PostgresError) or not isinstance(error, asyncpg.PostgresError):
                        error = failed
                if best is not None and 0 < self._timeline <= best[0]:
                    break
            if best is not None and best[0] < self._timeline and asked:
                # Who has the newer history is silent.
                raise error
        except BaseException:
            if best is not None:
                best[1].terminate()
            raise
        finally:
            for task in asked:
                task.cancel()
                task.add_done_callback(put_away)
        if best is None:
            raise error
        if best[0] > self._timeline:
            self.moves += self._timeline > 0
            self._timeline = best[0]
        return best[1]


async def ask(dsn: str, seconds: float, options: dict[str, Any]) -> tuple[int, asyncpg.Connection]:
    """A connection that takes writes, and its server's timeline."""
    connection = await asyncpg.connect(dsn, timeout=seconds, **options)
    try:
        return int(await connection.fetchval(TIMELINE)), connection
    except BaseException:
        connection.terminate()
        raise


def better(
    best: tuple[int, asyncpg.Connection] | None, found: tuple[int, asyncpg.Connection]
) -> tuple[int, asyncpg.Connection]:
    if best is None:
        return found
    worse, kept = sorted((found, best), key=lambda one: one[0])
    worse[1].terminate()
    return kept


def put_away(task: asyncio.Task[tuple[int, asyncpg.Connection]]) -> None:
    """One that came too late."""
    if not task.cancelled() and task.exception() is None:
        task.result()[1].terminate()


def keep_alive(connection: asyncpg.Connection, idle_seconds: int) -> None:
    """asyncpg sets no keepalive, so a peer that vanished would be noticed only when TCP gives up."""
    sock: socket.socket | None = connection._transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle_seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)
