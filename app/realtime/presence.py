"""Who is watching: each process tells who watches each live through it, and hears how many there are in all.

Told in one statement a moment, and only what changed. A signed-in person counts once, with however many tabs at however
many processes; guests, whom nothing tells apart, by socket, those of one address as GUESTS_PER_ADDRESS in each process
at most; a live's owner, who looks at the console, not at all.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from app.pg import lives
from app.pg.bell import Passing, Ring
from app.pg.instance import RENEWALS_PER_LEASE, Instance
from app.pg.limits import address_key
from app.pg.loop import forever
from app.pg.pool import Database
from app.realtime import protocol
from app.realtime.connection import Connection
from app.realtime.frames import frame
from app.realtime.hub import Hub

# A number is told again before the others stop believing it (15 seconds, live.count_viewers).
REFRESH_SECONDS = 10.0
EVENT = "live:viewers"
NOBODY = lives.Crowd()


@dataclass
class Watched:
    """A channel as this process knows it."""

    told: lives.Crowd = field(default_factory=lives.Crowd)
    told_at: float = -math.inf
    total: int | None = None
    peak: int = 0  # as it is kept
    is_on_air: bool = False
    owner: int | None = None
    # (when, how many) of the last moments, newest last.
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    readers: set[Connection] = field(default_factory=set)
    counted: set[bytes] = field(default_factory=set)


class Presence:
    """`seconds`: the pause between two looks; `guests`: as how many those of one address count at most."""

    def __init__(self, db: Database, hub: Hub, instance: Instance, *, seconds: float, guests: int) -> None:
        self.db = db
        self.hub = hub
        self.instance = instance
        self.seconds = seconds
        self.guests = guests
        # A process this long without a renewal may be dead.
        self.late_seconds = instance.lease_seconds / RENEWALS_PER_LEASE * 1.5
        self._watched: dict[str, Watched] = {}

    async def run(self) -> None:
        await self.instance.joined.wait()
        await forever("presence", self.run_once, self.seconds)

    async def run_once(self) -> int:
        """Tell, hear, pass on; returns in how many channels the number changed."""
        instance = self.instance.id
        if instance is None:
            return 0
        now = asyncio.get_running_loop().time()
        rooms = {channel: set(readers) for channel, readers in self.hub.rooms("live:") if is_live(channel)}
        crowds = {channel: crowd_of(readers, self.guests) for channel, readers in rooms.items()}
        for channel in rooms:
            self._watched.setdefault(channel, Watched())
        due = {
            channel: crowd
            for channel, w in self._watched.items()
            if (crowd := crowds.get(channel, NOBODY)) != w.told
            or (channel in crowds and now - w.told_at > REFRESH_SECONDS)
        }
        if not due and not rooms:
            self._watched.clear()
            return 0
        left = timedelta(seconds=self.instance.lease_seconds - self.late_seconds)
        standings = await lives.report_viewers(self.db, instance, due, list(rooms), left)
        for channel, crowd in due.items():
            self._watched[channel].told, self._watched[channel].told_at = crowd, now
        self._watched = {channel: w for channel, w in self._watched.items() if channel in rooms}
        changed = sum(self._pass_on(s, rooms[s.channel], now) for s in standings)
        await self._keep(rooms, now)
        return changed

    def _pass_on(self, s: lives.Standing, readers: set[Connection], now: float) -> bool:
        """Tell readers here: all of them a new number, those who just came the number there is."""
        w = self._watched[s.channel]
        passing = Passing(s.channel, EVENT, msgspec.Raw(msgspec.json.encode({"n": s.total})))
        is_new = s.total != w.total
        if is_new:
            self.hub.hear(Ring(passing=[passing]))
        elif came := readers - w.readers:
            data = frame(protocol.frame_of(s.channel, [protocol.passing_of(passing)]))
            for connection in came:
                connection.write(data)
        w.total, w.readers, w.is_on_air, w.peak, w.owner = s.total, readers, s.is_on_air, s.peak, s.owner
        if s.is_sure and s.is_on_air:
            w.seen.append((now, s.total))
        else:
            w.seen.clear()
        return is_new

    async def _keep(self, rooms: dict[str, set[Connection]], now: float) -> None:
        """Peaks and totals of lives on air."""
        peaks = {channel: n for channel, w in self._watched.items() if (n := self._peak(w, now)) > w.peak}
        if peaks:
            await lives.save_peaks(self.db, peaks)
        new = [
            (channel, viewer)
            for channel, readers in rooms.items()
            if (w := self._watched[channel]).is_on_air
            for viewer in {c.viewer for c in readers if c.user_id is None or c.user_id != w.owner} - w.counted
        ]
        if new:
            await lives.add_viewers(self.db, new)
            for channel, viewer in new:
                self._watched[channel].counted.add(viewer)

    def _peak(self, w: Watched, now: float) -> int:
        """The number that held. After a crash, viewers come back before the dead process is known to be dead."""
        since = now - self.late_seconds
        while len(w.seen) > 1 and w.seen[1][0] <= since:
            w.seen.popleft()
        return min(n for _, n in w.seen) if w.seen and w.seen[0][0] <= since else 0


def is_live(channel: str) -> bool:
    """Not the moderators' channel beside it."""
    return channel.count(":") == 1


def crowd_of(readers: Collection[Connection], most: int) -> lives.Crowd:
    """Users, however many sockets each has, and guests by socket, of one address `most` at most."""
    users = {connection.user_id for connection in readers if connection.user_id is not None}
    places: Counter[str] = Counter()
    for ip, sockets in Counter(connection.ip for connection in readers if connection.user_id is None).items():
        places[address_key(ip)] += sockets
    return lives.Crowd(sum(min(sockets, most) for sockets in places.values()), frozenset(users))
