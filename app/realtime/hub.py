"""Who follows which channel here: an event is encoded once and written to each follower's line."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from app.errors import AppError
from app.metrics import Metrics
from app.pg.bell import Passing, Ring
from app.pg.loop import forever
from app.pg.queue import Runs
from app.pg.stream import Cursor, Event, Streams, read_after, read_tops
from app.realtime import protocol
from app.realtime.connection import SLOW_BYTES, Connection
from app.realtime.frames import Frame
from app.realtime.protocol import SESSION_ENDED, Since

log = logging.getLogger("trunkline.hub")
TICK_SECONDS = 1.0
RECHECK_SECONDS = 60.0
RECHECKS_PER_TICK = 50

# Is this session still open? Raises AppError("unavailable").
CheckSession = Callable[[str], Awaitable[bool]]


@dataclass
class Room:
    """The connections of one channel. Guards keep it watched without getting its events."""

    members: set[Connection] = field(default_factory=set)
    guards: set[Connection] = field(default_factory=set)


@dataclass(frozen=True)
class Joined:
    epoch: int
    seq: int
    reset: bool


class Hub:
    def __init__(
        self, db: Runs, streams: Streams, metrics: Metrics, check: CheckSession, *, stall_seconds: float
    ) -> None:
        self.db = db
        self.streams = streams
        self.metrics = metrics
        self.check = check
        self.stall_seconds = stall_seconds
        self.connections: set[Connection] = set()
        self._rooms: dict[str, Room] = {}
        self._per_address: Counter[str] = Counter()
        streams.deliver = self.deliver
        streams.bell.hear(self.hear)

    def count_of(self, ip: str) -> int:
        return self._per_address[ip]

    def rooms(self, prefix: str) -> Iterator[tuple[str, Collection[Connection]]]:
        """The channels of a kind that have readers here, with their readers."""
        return ((name, room.members) for name, room in self._rooms.items() if room.members and name.startswith(prefix))

    def enter(self, connection: Connection) -> None:
        self.connections.add(connection)
        self._per_address[connection.ip] += 1
        self.metrics.sockets.inc()

    def leave(self, connection: Connection) -> None:
        """The socket is gone: forget it everywhere."""
        if connection in self.connections:
            self.connections.discard(connection)
            self._per_address[connection.ip] -= 1
            if not self._per_address[connection.ip]:
                del self._per_address[connection.ip]
            self.metrics.sockets.dec()
        for channel in list(connection.channels):
            self._release(channel, connection)
        connection.channels.clear()

    async def sign_in(self, connection: Connection, user_id: int, session_id: str) -> None:
        """Tie a socket to a session: it closes when the session ends. Raises AppError bad_ticket."""
        # First watch, then ask: a session that ends in between is seen by one of the two.
        await self._guard(f"user:{user_id}", connection)
        if not await self.check(session_id):
            raise AppError("bad_ticket")
        connection.user_id, connection.session_id = user_id, session_id
        connection.checked_at = asyncio.get_running_loop().time()

    async def subscribe(self, connection: Connection, channel: str, since: Since | None) -> Joined:
        """Follow a channel. With `since`, what was missed is written first; then nothing is missing or repeated."""
        cursor = await self._guard(channel, connection)
        epoch = self.streams.epoch
        seq, reset = cursor.seq, False
        if since is not None:
            reset = since.epoch != epoch or not await self._replay(connection, channel, since.seq, cursor)
            # A reader may come from a process that was quicker than ours.
            seq = cursor.seq if reset else max(cursor.seq, since.seq)
        # No await between the last look at the cursor and this: the next event delivered is the one after it.
        self._rooms[channel].members.add(connection)
        return Joined(epoch, seq, reset)

    def unsubscribe(self, connection: Connection, channel: str) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.members.discard(connection)
        if channel != f"user:{connection.user_id}":
            self._release(channel, connection)

    def deliver(self, channel: str, events: Sequence[Event]) -> None:
        """Called by the streams with the next events of a channel; without any, readers must load again."""
        room = self._rooms.get(channel)
        if room is None:
            return
        if room.members:
            payload = protocol.events_of(channel, events) if events else protocol.reset_of(channel)
            frame = Frame(payload)
            for connection in room.members:
                connection.send(frame)
        for event in events:
            if event.type == "session:revoked":
                self._end_sessions(room, msgspec.json.decode(event.data).get("session_id"))

    def hear(self, ring: Ring) -> None:
        """Called by the bell: passing events go to whoever is here now."""
        for channel, passing in grouped(ring.passing).items():
            if (room := self._rooms.get(channel)) is not None and room.members:
                frame = Frame(protocol.passing_of(channel, passing))
                for connection in room.members:
                    connection.send(frame)

    async def run(self) -> None:
        await forever("hub", self.run_once, TICK_SECONDS)

    async def run_once(self) -> int:
        """Cut readers that stand still, ask again about old sessions; returns how many were closed."""
        now = asyncio.get_running_loop().time()
        closed = 0
        rechecks = 0
        for connection in list(self.connections):
            if connection.buffered < SLOW_BYTES:
                connection.slow_since = None
            elif connection.slow_since is None:
                connection.slow_since = now
            elif now - connection.slow_since >= self.stall_seconds:
                self.metrics.sockets_closed.labels("slow").inc()
                connection.cut("slow")
                closed += 1
            is_due = connection.session_id is not None and now - connection.checked_at > RECHECK_SECONDS
            if is_due and connection.session_id and rechecks < RECHECKS_PER_TICK:
                rechecks += 1
                connection.checked_at = now
                # While the database is away nobody is sent out.
                with contextlib.suppress(AppError):
                    if not await self.check(connection.session_id):
                        self._end(connection)
                        closed += 1
        return closed

    async def _guard(self, channel: str, connection: Connection) -> Cursor:
        """Keep a channel watched for this connection."""
        cursor = self.streams.cursor(channel) or await self.streams.watch(channel)
        self._rooms.setdefault(channel, Room()).guards.add(connection)
        connection.channels.add(channel)
        return cursor

    def _release(self, channel: str, connection: Connection) -> None:
        connection.channels.discard(channel)
        room = self._rooms.get(channel)
        if room is None:
            return
        room.members.discard(connection)
        room.guards.discard(connection)
        if not room.guards and not room.members:
            del self._rooms[channel]
            self.streams.unwatch(channel)

    async def _replay(self, connection: Connection, channel: str, seq: int, cursor: Cursor) -> bool:
        """Write what lies between a reader's number and ours, page by page; False when it is not all there."""
        if seq > cursor.seq:
            return seq <= (await read_tops(self.db, [channel]))[channel].seq
        while seq < cursor.seq:
            page = [e for e in await read_after(self.db, {channel: Cursor(seq, None)}) if e.seq <= cursor.seq]
            if not page or page[0].seq != seq + 1:
                return False
            connection.send(Frame(protocol.events_of(channel, page)))
            seq = page[-1].seq
            await connection.drained()
        return True

    def _end_sessions(self, room: Room, session_id: str | None) -> None:
        for connection in list(room.guards):
            if session_id is None or connection.session_id == session_id:
                self._end(connection)

    def _end(self, connection: Connection) -> None:
        self.metrics.sockets_closed.labels("session_ended").inc()
        connection.close(SESSION_ENDED, "session ended")


def grouped(passing: Sequence[Passing]) -> dict[str, list[Passing]]:
    by_channel: dict[str, list[Passing]] = {}
    for event in passing:
        by_channel.setdefault(event.channel, []).append(event)
    return by_channel
