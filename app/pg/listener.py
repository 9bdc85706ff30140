"""The one LISTEN of a process: connect → listen → prove → catch up → live → (fault) → connect.

A canary that rings through PostgreSQL and back proves socket, registration, queue and ringer every few seconds;
a socket that merely answers `select 1` would prove none of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from typing import Any

import asyncpg
import msgspec

from app.errors import AppError
from app.pg import frame
from app.pg.bell import Bell, Passing, Ring, heard
from app.pg.connect import Connector
from app.pg.line import CONNECT_SECONDS
from app.pg.loop import Backoff, background, wait_for
from app.pg.pool import AWAY

log = logging.getLogger("trunkline.listener")
CANARY_SECONDS = 5.0
CANARY_WAIT_SECONDS = 2.0
DEAF_TIMES = 2
ALARMING_USAGE = 0.25
# More unread frames than this are dropped for one "look everywhere".
MAXIMUM_UNREAD = 10_000
# More large passing events than this at once are left out, the oldest first.
MAXIMUM_SPILLED = 200


class DeadListenerError(Exception):
    """LISTEN does not hear what we ring."""


class Listener:
    """Keeps LISTEN alive and tells the bell what it hears."""

    def __init__(
        self, bell: Bell, dsn: str, *, connector: Connector | None = None, canary_seconds: float = CANARY_SECONDS
    ) -> None:
        self.bell = bell
        self.dsn = dsn
        self.connector = connector or Connector()
        self.canary_seconds = canary_seconds
        self.live = asyncio.Event()
        self.connection: asyncpg.Connection | None = None
        self._frames: deque[str] = deque()
        self._heard = asyncio.Event()
        self._spilled: list[int] = []
        self._has_spilled = asyncio.Event()
        self._is_alarmed = False
        self._nonce = ""
        self._echo = asyncio.Event()
        self._lost = asyncio.Event()

    async def run(self) -> None:
        backoff = Backoff()
        deaf = 0
        async with background(self._read(), self._fetch_spilled()):
            while True:
                try:
                    await self._listen(backoff)
                except DeadListenerError as error:
                    # Not a line that was cut: a setting, or a line that swallows what is sent.
                    # After an outage only the second time: our own ringer may come back a moment after us.
                    deaf = DEAF_TIMES if backoff.tries == 0 else deaf + 1
                    if deaf == DEAF_TIMES:
                        log.error("listener hears nothing, polling instead", extra={"error": str(error)})
                except (asyncpg.PostgresError, *AWAY) as error:
                    if backoff.tries == 0:
                        deaf = 0
                        log.warning("listener lost, polling until it is back", extra={"error": str(error)})
                except Exception:
                    log.exception("listener failed")
                finally:
                    self._set_live(False)
                self.bell.metrics.listener_reconnects.inc()
                await asyncio.sleep(backoff.next())

    async def _listen(self, backoff: Backoff) -> None:
        connection = await self.connector.connect(
            self.dsn,
            timeout=CONNECT_SECONDS,
            statement_cache_size=0,
            server_settings={"application_name": "trunkline:listen"},
        )
        self.connection = connection
        self._lost.clear()
        try:
            connection.add_termination_listener(self._on_lost)
            await connection.add_listener("rt", self._on_frame)
            await self._look_at_queue(connection)
            await self._prove()
            # Only now: rows committed before LISTEN took effect were not rung to us.
            self.bell.tell(Ring(is_anything=True, is_unsure=True))
            self._set_live(True)
            backoff.reset()
            while not await wait_for(self._lost, self.canary_seconds):
                await self._look_at_queue(connection)
                await self._prove()
            raise ConnectionResetError("the connection was closed")
        finally:
            connection.remove_termination_listener(self._on_lost)
            connection.terminate()

    async def _look_at_queue(self, connection: asyncpg.Connection) -> None:
        """How full PostgreSQL's queue of notifications is: somebody who listens and never reads fills it.

        Asking also frees what nobody needs any more. A queue that was full once stays full without it: a NOTIFY
        that finds it full fails before it would clean up.
        """
        usage = await connection.fetchval("select pg_notification_queue_usage()", timeout=CANARY_WAIT_SECONDS)
        self.bell.metrics.notify_queue.set(usage)
        if usage > ALARMING_USAGE and not self._is_alarmed:
            log.error("the notification queue fills: some session listens and does not read", extra={"usage": usage})
        self._is_alarmed = usage > ALARMING_USAGE

    async def _prove(self) -> None:
        """Ring ourselves and hear it. Raises DeadListenerError."""
        self._nonce = secrets.token_hex(4)
        self._echo.clear()
        clock = asyncio.get_running_loop().time
        started = clock()
        self.bell.ring_canary(self._nonce)
        if not await wait_for(self._echo, CANARY_WAIT_SECONDS):
            raise DeadListenerError(
                "LISTEN hears nothing; DATABASE_LISTEN_URL must lead straight to the primary, not through a pooler"
            )
        self.bell.metrics.canary_seconds.set(clock() - started)

    def _on_frame(self, connection: Any, pid: int, channel: str, text: str) -> None:
        """Called inside the connection's read loop: remember and return."""
        if len(self._frames) >= MAXIMUM_UNREAD:
            self._frames.clear()
            self._frames.append('{"a":1}')
        self._frames.append(text)
        self._heard.set()

    def _on_lost(self, connection: Any) -> None:
        self._lost.set()

    async def _read(self) -> None:
        while True:
            await self._heard.wait()
            self._heard.clear()
            ring = Ring()
            while self._frames:
                with contextlib.suppress(ValueError):
                    told = frame.read(self._frames.popleft())
                    self.bell.metrics.rings.labels("in").inc()
                    if self._nonce in told.x:
                        self._echo.set()
                    # Our own rings were told at once, without the way through the database.
                    if told.i != self.bell.name:
                        ring.merge(heard(told))
                        self._spilled += told.b
            if self._spilled:
                self._has_spilled.set()
            if ring:
                self.bell.tell(ring)

    async def _fetch_spilled(self) -> None:
        """Passing events too large for a frame; in a loop of their own, so that no ring waits for the fetch."""
        while True:
            await self._has_spilled.wait()
            self._has_spilled.clear()
            ids, self._spilled = self._spilled[-MAXIMUM_SPILLED:], []
            with contextlib.suppress(AppError):
                rows = await self.bell.line.fetch("select channel, type, data from rt.spilled($1)", ids)
                events = [Passing(r["channel"], r["type"], msgspec.Raw(r["data"].encode())) for r in rows]
                self.bell.tell(Ring(passing=events))

    def _set_live(self, is_live: bool) -> None:
        if self.bell.is_live and not is_live:
            self.bell.tell(Ring(is_unsure=True))
        self.bell.is_live = is_live
        self.bell.metrics.listener_live.set(is_live)
        (self.live.set if is_live else self.live.clear)()
