"""Who follows which channel here: an event is encoded once and written to each follower's line."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from app.config import Settings
from app.errors import AppError
from app.metrics import Metrics
from app.pg.batch import Batcher
from app.pg.bell import Ring
from app.pg.instance import Instance
from app.pg.loop import background, forever, wait_for
from app.pg.stream import Cursor, Event, Streams
from app.realtime import protocol
from app.realtime.connection import SLOW_BYTES, Connection
from app.realtime.frames import frame
from app.realtime.pace import Pace
from app.realtime.protocol import IDLE, RESTARTING, SESSION_ENDED, Since
from app.realtime.rate import Rate
from app.realtime.room import Room
from app.realtime.tail import MAXIMUM_EVENTS

log = logging.getLogger("trunkline.hub")
TICK_SECONDS = 1.0
ACCEPT_BURST_SECONDS = 2.0
REPLAY_BURST_SECONDS = 5.0
# Sessions are asked about all at once, so this costs one query however many sockets there are.
RECHECK_SECONDS = 3.0

# Which of these sessions are over? Raises AppError("unavailable").
FindEnded = Callable[[Sequence[str]], Awaitable[set[str]]]


@dataclass(frozen=True)
class Joined:
    epoch: int
    seq: int
    reset: bool


class Hub:
    def __init__(self, streams: Streams, metrics: Metrics, find_ended: FindEnded, settings: Settings) -> None:
        self.streams = streams
        self.metrics = metrics
        self.find_ended = find_ended
        self.settings = settings
        self.is_draining = False
        self._emptied = asyncio.Event()
        self.accepts = Rate(settings.socket_accepts_per_second, ACCEPT_BURST_SECONDS)
        self.connections: set[Connection] = set()
        self._pace = Pace(shortest=settings.socket_window_seconds, longest=settings.socket_longest_window_seconds)
        self._rooms: dict[str, Room] = {}
        self._per_address: Counter[str] = Counter()
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._tail_bytes = 0
        self._rechecked_at = 0.0
        self._suspects: dict[Connection, float] = {}  # slow for long at the last look, and since when
        self._signing_in: Batcher[str, bool] = Batcher([self._are_open], backlog=settings.write_backlog)
        # Called with the channel of a live, when it may be that not everybody on it may still be there.
        self.rights_changed: Callable[[str], None] = lambda live: None
        streams.deliver = self.deliver
        streams.bell.hear(self.hear)

    def describe(self, instance: Instance) -> None:
        """Let operators see how much this process serves."""
        instance.facts["sockets"] = lambda: len(self.connections)
        instance.facts["channels"] = lambda: len(self._rooms)

    def count_of(self, ip: str) -> int:
        return self._per_address[ip]

    def rooms(self, prefix: str) -> Iterator[tuple[str, Collection[Connection]]]:
        """The channels of a kind that have readers here, with their readers."""
        return ((name, room.readers) for name, room in self._rooms.items() if room.readers and name.startswith(prefix))

    def followers(self, channel: str) -> list[Connection]:
        """Everybody on a channel, those who are on their way to it, too."""
        room = self._rooms.get(channel)
        return list(room.guards) if room else []

    def take_off(self, connection: Connection, channel: str) -> None:
        """Somebody may not read this any more: loading the page again will tell them."""
        self.unsubscribe(connection, channel)
        connection.write(frame(protocol.reset_of(channel)))

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
            if not self.connections:
                self._emptied.set()
        for channel in list(connection.channels):
            self._release(channel, connection)
        connection.channels.clear()

    async def sign_in(self, connection: Connection, user_id: int, session_id: str) -> None:
        """Tie a socket to a session: it closes when the session ends. Raises AppError bad_ticket."""
        # First watch, then ask: a session that ends in between is seen by one of the two.
        await self._guard(f"user:{user_id}", connection)
        if not await self._signing_in.put("", session_id):
            raise AppError("bad_ticket")
        connection.user_id, connection.session_id = user_id, session_id

    async def subscribe(self, connection: Connection, channel: str, since: Since | None, after: int = 0) -> Joined:
        """Follow a channel. With `since`, what was missed is written first; then nothing is missing or repeated.

        Nothing up to the number `after` is told. Raises AppError unknown_channel for who lost the right meanwhile.
        """
        room, cursor = await self._guard(channel, connection)
        epoch = self.streams.epoch
        if cursor.seq < after:
            await self.streams.reach(channel, cursor, after)
        seq, reset = cursor.seq, False
        if since is not None:
            is_known = since.epoch == epoch and since.seq >= after
            is_whole = is_known and await self._replay(connection, room, since.seq, cursor)
            # History may have gone back while its pages were on their way.
            reset, seq, epoch = not is_whole or epoch != self.streams.epoch, cursor.seq, self.streams.epoch
        # No await between the last look at the cursor and this: the next event delivered is the one after it.
        room.join(connection)
        return Joined(epoch, seq, reset)

    def unsubscribe(self, connection: Connection, channel: str) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.leave(connection)
        if channel != f"user:{connection.user_id}":
            self._release(channel, connection)

    def deliver(self, channel: str, events: Sequence[Event]) -> None:
        """Called by the streams with the next events of a channel; without any, readers must load again."""
        room = self._rooms.get(channel)
        if room is None:
            return
        if not events:
            self._drop_tail(room)
            room.send_apart(protocol.reset_of(channel))
            return
        parts = [protocol.part_of(event) for event in events]
        self._keep(room, events[0].seq, parts)
        self._add(room, events, parts)
        for event in events:
            if event.type == "session:revoked":
                self._end_sessions(room, msgspec.json.decode(event.data).get("session_id"))
            elif event.type in protocol.REWRITING:
                # What we remember still says what was taken away; the database does not any more.
                self._drop_tail(room)
            elif event.type == "live:reload":
                # What was told before belongs to those who might hear it then.
                self._drop_tail(room)
                self.rights_changed(channel)
            elif event.type == "live:changed":
                self.rights_changed(channel)
            elif event.type == "chat:moderator":
                live = f"live:{msgspec.json.decode(event.data)['live']}"
                if (moderators := self._rooms.get(f"{live}:mod")) is not None:
                    moderators.hold()
                self.rights_changed(live)

    def hear(self, ring: Ring) -> None:
        """Called by the bell: passing events go to whoever is here now."""
        for event in ring.passing:
            if (room := self._rooms.get(event.channel)) is not None and room.is_free:
                room.add_passing([protocol.passing_of(event)])

    def release(self, channel: str) -> None:
        """Whoever is still on a channel may be: go on, and let them load what was kept back."""
        room = self._rooms.get(channel)
        if room is not None and room.release():
            room.send_apart(protocol.reset_of(channel))

    async def run(self) -> None:
        async with background(self._pace.run()):
            await forever("hub", self.run_once, TICK_SECONDS)

    async def run_once(self) -> int:
        """Cut readers that stand still, close idle sockets and those of ended sessions; returns how many."""
        now = asyncio.get_running_loop().time()
        closed = 0
        suspects, self._suspects = self._suspects, {}
        for connection in list(self.connections):
            if self._is_stuck(connection, now, suspects.get(connection)):
                self.metrics.sockets_closed.labels("slow").inc()
                connection.cut()
                closed += 1
            elif not connection.channels and now - connection.asked_at >= self.settings.socket_idle_seconds:
                self.metrics.sockets_closed.labels("idle").inc()
                connection.close(IDLE, "idle")
                closed += 1
        for room in self._rooms.values():
            self.metrics.deliveries.inc(room.written)
            room.written = 0
        if now - self._rechecked_at >= RECHECK_SECONDS:
            closed += await self._recheck()
            self._rechecked_at = now
        return closed

    async def drain(self, seconds: float) -> None:
        """Close every socket within a time, each at a moment of its own; whoever is stuck is cut at its end.

        All at once would bring all browsers back at once, to the processes that are left.
        """
        self.is_draining = True
        loop = asyncio.get_running_loop()
        for connection in list(self.connections):
            loop.call_later(random.random() * seconds * 0.8, connection.close, RESTARTING, "restarting")  # noqa: S311
        if self.connections:
            self._emptied.clear()
            await wait_for(self._emptied, seconds)
        for connection in list(self.connections):
            connection.cut()

    def _is_stuck(self, connection: Connection, now: float, suspected: float | None) -> bool:
        """Takes nothing although much waits for it, and did so at the last look: had this process stood still since,
        it would be ours to write and nobody's fault."""
        since = connection.slow_since
        if since is None or connection.buffered < SLOW_BYTES:
            return False
        if now - since >= self.settings.socket_stall_seconds - TICK_SECONDS:
            self._suspects[connection] = since
        return suspected == since and now - since >= self.settings.socket_stall_seconds

    async def _are_open(self, session_ids: list[str]) -> list[bool]:
        ended = await self.find_ended(session_ids)
        return [session_id not in ended for session_id in session_ids]

    async def _recheck(self) -> int:
        """Sessions may end without an event (in psql, or while we were cut off). Nobody goes while the database is."""
        signed_in = [c for c in self.connections if c.session_id is not None and not c.is_over]
        if not signed_in:
            return 0
        ended = await self.find_ended(sorted({c.session_id for c in signed_in if c.session_id is not None}))
        over = [connection for connection in signed_in if connection.session_id in ended]
        for connection in over:
            self._end(connection)
        return len(over)

    async def _guard(self, channel: str, connection: Connection) -> tuple[Room, Cursor]:
        """Keep a channel watched for this connection."""
        cursor = self.streams.cursor(channel) or await self.streams.watch(channel)
        room = self._rooms.get(channel)
        if room is None:
            room = Room(channel, protocol.head_of(channel), self._pace)
            self._rooms[channel] = room
        room.guards.add(connection)
        connection.channels.add(channel)
        return room, cursor

    def _release(self, channel: str, connection: Connection) -> None:
        connection.channels.discard(channel)
        room = self._rooms.get(channel)
        if room is None:
            return
        room.leave(connection)
        room.guards.discard(connection)
        if room.is_empty:
            room.close()
            self._drop_tail(room)
            self.metrics.deliveries.inc(room.written)
            del self._rooms[channel]
            self.streams.unwatch(channel)

    async def _replay(self, connection: Connection, room: Room, seq: int, cursor: Cursor) -> bool:
        """Write what lies between a reader's number and ours; False when it is not all there."""
        channel = room.channel
        if seq > cursor.seq:
            # From a process that was quicker than ours, unless it is a number there never was.
            if seq > await self.streams.read_top(channel):
                return False
            await self.streams.reach(channel, cursor, seq)
        while seq < cursor.seq:
            # Not before it is known whether this reader may still be here.
            await room.freed.wait()
            if connection not in room.guards:
                raise AppError("unknown_channel")
            if connection.is_over:
                return False
            parts = room.tail.after(seq)
            if parts is None and not room.is_filled and cursor.seq - seq <= MAXIMUM_EVENTS:
                await self._fill_once(room)
                continue
            if parts is None:
                page = [e for e in await self.streams.read_page(channel, seq) if e.seq <= cursor.seq]
                if not page or page[0].seq != seq + 1:
                    return False
                parts = [protocol.part_of(event) for event in page]
            connection.write(frame(protocol.frame_of(channel, parts)))
            seq += len(parts)
            await connection.drained()
            await self._slow_down(connection, len(parts))
        return True

    async def _slow_down(self, connection: Connection, events: int) -> None:
        """Whoever asks for the whole past again and again takes nobody else's time."""
        if connection.replays is None:
            connection.replays = Rate(self.settings.socket_replay_per_second, REPLAY_BURST_SECONDS)
        seconds = connection.replays.owe(events)
        while seconds > 0 and not connection.is_over:
            await asyncio.sleep(min(seconds, TICK_SECONDS))
            seconds -= TICK_SECONDS

    async def _fill_once(self, room: Room) -> None:
        """However many come back at once, the recent past is read once."""
        task = self._filling.get(room.channel)
        if task is None:
            task = self._filling[room.channel] = asyncio.create_task(self._fill(room))
            task.add_done_callback(lambda done: self._filled(room, done))
        await asyncio.shield(task)

    async def _fill(self, room: Room) -> None:
        cursor = self.streams.cursor(room.channel)
        if cursor is None:
            return
        events = await self.streams.read_page(room.channel, max(0, cursor.seq - MAXIMUM_EVENTS))
        # What came meanwhile is in the tail already; older ones have to end right before it.
        first = room.tail.first or cursor.seq + 1
        older = [event for event in events if event.seq < first]
        while older and older[-1].seq - older[0].seq != len(older) - 1:
            older.pop(0)
        if older and older[-1].seq == first - 1:
            before = room.tail.size
            room.tail.prepend(older[0].seq, [protocol.part_of(event) for event in older])
            self._count_tail(room.tail.size - before)

    def _filled(self, room: Room, task: asyncio.Task[None]) -> None:
        room.is_filled = True
        self._filling.pop(room.channel, None)
        if not task.cancelled():
            task.exception()  # whoever waited got it

    def _add(self, room: Room, events: Sequence[Event], parts: Sequence[bytes]) -> None:
        """To the sockets; after an event that shuts people out not before it is known whom (rights.py, release)."""
        if not room.is_free:
            room.has_missed = True
            return
        n = next((n for n, event in enumerate(events, 1) if event.type == "live:reload"), 0)
        if not n:
            room.add(parts)
            return
        room.add(parts[:n])
        if msgspec.json.decode(events[n - 1].data)["is_private"]:
            room.hold()
            room.has_missed = True
        else:
            room.send_apart(protocol.reset_of(room.channel))
            self._add(room, events[n:], parts[n:])

    def _keep(self, room: Room, seq: int, parts: Sequence[bytes]) -> None:
        before = room.tail.size
        room.tail.add(seq, parts)
        self._count_tail(room.tail.size - before)

    def _drop_tail(self, room: Room) -> None:
        self._tail_bytes -= room.tail.size
        room.tail.clear()
        room.is_filled = False

    def _count_tail(self, grown: int) -> None:
        """All tails together stay below their limit: those of the rooms opened first go."""
        self._tail_bytes += grown
        if self._tail_bytes > self.settings.socket_tail_bytes:
            for room in self._rooms.values():
                self._drop_tail(room)
                if self._tail_bytes <= self.settings.socket_tail_bytes / 2:
                    break

    def _end_sessions(self, room: Room, session_id: str | None) -> None:
        for connection in list(room.guards):
            if session_id is None or connection.session_id == session_id:
                self._end(connection)

    def _end(self, connection: Connection) -> None:
        self.metrics.sockets_closed.labels("session_ended").inc()
        connection.close(SESSION_ENDED, "session ended")
