"""Durable channels: numbered events, read by cursor. A doorbell says where to look; polls find what it missed.

A channel's numbers are dense and in commit order, so a reader sees a hole by arithmetic. Whoever watches a
channel gets each event once, in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from app.errors import AppError, unavailable
from app.pg.batch import Batcher
from app.pg.bell import Bell, Ring
from app.pg.loop import Backoff, wait_for
from app.pg.queue import Runs

log = logging.getLogger("trunkline.stream")
# What psql writes without ringing is on screen within a second.
POLL_SECONDS = 0.5
BLIND_POLL_SECONDS = 0.25  # while the listener is down
RECENT_SECONDS = 5.0
FULL_POLL_SECONDS = 30.0
PAGE = 500
# What a reader that comes from a quicker process waits for ours at most, before it is told to come back later.
REACH_SECONDS = 5.0


@dataclass(frozen=True)
class Event:
    """One event; `data` is JSON as PostgreSQL wrote it, never decoded on its way to a socket."""

    channel: str
    seq: int
    at: datetime
    type: str
    data: msgspec.Raw


@dataclass
class Cursor:
    """How far a watched channel was delivered."""

    seq: int
    at: datetime | None


# (channel, events); no events means: there is a hole, readers must reload.
Deliver = Callable[[str, Sequence[Event]], None]


async def append(db: Runs, events: Sequence[tuple[str, str, Any]]) -> list[int]:
    """(channel, type, data) of many events in one commit; their numbers in order. Ring afterwards."""
    rows = await db.fetch(
        "select seq from rt.append($1, $2, $3) order by ord",
        [channel for channel, _, _ in events],
        [type for _, type, _ in events],
        [data for _, _, data in events],
    )
    return [row["seq"] for row in rows]


@dataclass(frozen=True)
class Written:
    """An event on its way to the disk; `data` is JSON."""

    channel: str
    type: str
    data: bytes


async def read_epoch(db: Runs) -> int:
    return int((await db.fetch("select rt.epoch()"))[0][0])


async def read_tops(db: Runs, channels: Iterable[str]) -> dict[str, Cursor]:
    rows = await db.fetch("select channel, last_seq, last_at from rt.top($1)", list(channels))
    return {row["channel"]: Cursor(row["last_seq"], row["last_at"] if row["last_seq"] else None) for row in rows}


async def read_after(db: Runs, cursors: Mapping[str, Cursor], limit: int = PAGE) -> list[Event]:
    """Events after each channel's cursor, at most `limit` of each, in order."""
    return [event for _, event in await catch_up(db, list(cursors.items()), limit)]


async def read_pages(db: Runs, asked: Sequence[tuple[str, int]]) -> dict[tuple[str, int], list[Event]]:
    """A page after each (channel, number); a channel may be asked for more than once."""
    pages: dict[tuple[str, int], list[Event]] = {page: [] for page in asked}
    for ord, event in await catch_up(db, [(channel, Cursor(seq, None)) for channel, seq in asked], PAGE):
        pages[asked[ord]].append(event)
    return pages


async def catch_up(db: Runs, asked: Sequence[tuple[str, Cursor]], limit: int) -> list[tuple[int, Event]]:
    """(place in `asked`, event), in order."""
    rows = await db.fetch(
        "select ord, channel, seq, at, type, data::text as data from rt.catch_up($1, $2, $3, $4)",
        [channel for channel, _ in asked],
        [cursor.seq for _, cursor in asked],
        [cursor.at for _, cursor in asked],
        limit,
    )
    return [
        (r["ord"] - 1, Event(r["channel"], r["seq"], r["at"], r["type"], msgspec.Raw(r["data"].encode()))) for r in rows
    ]


class Streams:
    """Follows the channels this process watches, all of them with one query per turn; publishes in batches."""

    def __init__(self, db: Runs, bell: Bell, lanes: Sequence[Runs] = (), *, backlog: int = 10_000) -> None:
        """`lanes` are connections that write, one batch at a time each; `backlog` messages wait at most."""
        self.db = db
        self.bell = bell
        self.lanes = lanes
        self._batcher: Batcher[Written, int] = Batcher(
            [partial(self._append, lane) for lane in lanes or (db,)],
            backlog=backlog,
            size_of=lambda written: len(written.data),
        )
        # What a crowd that reconnects asks for, many questions in each query.
        self._tops: Batcher[str, Cursor] = Batcher([self._read_tops], backlog=backlog)
        self._pages: Batcher[tuple[str, int], list[Event]] = Batcher([self._read_pages], backlog=backlog)
        self.epoch = 0
        # Cleared when the server may be another: what it says now may be of a history that has lost its end.
        self._sure = asyncio.Event()
        self._sure.set()
        self._doubts = 0
        self.deliver: Deliver = lambda channel, events: None
        self._cursors: dict[str, Cursor] = {}
        self._rung = Ring()
        self._wake = asyncio.Event()
        self._told = asyncio.Event()  # wakes those who wait for a cursor to move
        self._look_at = 0.0
        self._looked_at = 0.0  # when the last look began
        self._full_at = 0.0
        bell.hear(self._hear)

    def cursor(self, channel: str) -> Cursor | None:
        return self._cursors.get(channel)

    async def get_epoch(self) -> int:
        """Zero is before the first look only."""
        if self.epoch == 0:
            self.epoch = await read_epoch(self.db)
        return self.epoch

    async def watch(self, channel: str) -> Cursor:
        """Follow a channel from its present top; the cursor returned moves as events are delivered.

        Raises AppError unavailable, also while it is not sure what epoch this is.
        """
        if not await wait_for(self._sure, REACH_SECONDS):
            raise unavailable()
        await self.get_epoch()
        top = await self._tops.put("", channel)
        return self._cursors.setdefault(channel, Cursor(top.seq, top.at))

    async def read_top(self, channel: str) -> int:
        return (await self._tops.put("", channel)).seq

    async def read_page(self, channel: str, after: int) -> list[Event]:
        """Up to PAGE events after a number; all who ask in one moment share a query."""
        return await self._pages.put("", (channel, after))

    async def reach(self, channel: str, cursor: Cursor, seq: int) -> None:
        """Until a number that is on disk was delivered here, too. Raises AppError unavailable."""
        self._hear(Ring(streams={channel: seq}))
        try:
            async with asyncio.timeout(REACH_SECONDS):
                while cursor.seq < seq:
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            raise unavailable() from None

    def unwatch(self, channel: str) -> None:
        self._cursors.pop(channel, None)

    async def publish(self, channel: str, type: str, data: Any) -> int:
        """One event; its number when it is on disk. Sockets of every process get it. Raises AppError unavailable."""
        return await self._batcher.put(channel, Written(channel, type, msgspec.json.encode(data)))

    async def close(self) -> None:
        """Let what was taken in reach the disk."""
        await self._batcher.close()

    async def _read_tops(self, channels: list[str]) -> list[Cursor]:
        tops = await read_tops(self.db, set(channels))
        return [tops[channel] for channel in channels]

    async def _read_pages(self, asked: list[tuple[str, int]]) -> list[list[Event]]:
        self.bell.metrics.catch_ups.inc()
        pages = await read_pages(self.db, list(dict.fromkeys(asked)))
        return [pages[page] for page in asked]

    async def _append(self, lane: Runs, batch: list[Written]) -> list[int]:
        rows = await lane.fetch(
            "select seq, at from rt.append($1, $2, $3::text[]::jsonb[]) order by ord",
            [w.channel for w in batch],
            [w.type for w in batch],
            [w.data.decode() for w in batch],
        )
        events: dict[str, list[Event]] = {}
        for w, row in zip(batch, rows, strict=True):
            event = Event(w.channel, row["seq"], row["at"], w.type, msgspec.Raw(w.data))
            events.setdefault(w.channel, []).append(event)
        for channel, told in events.items():
            self.put(channel, told)
        self.bell.ring(streams={channel: told[-1].seq for channel, told in events.items()})
        return [row["seq"] for row in rows]

    def put(self, channel: str, events: Sequence[Event]) -> None:
        """Events this process has just committed: told at once when they come next, else fetched with the rest.

        Also where the server may be another: its numbers may stand for other events than those that were told.
        """
        cursor = self._cursors.get(channel)
        if cursor is None:
            return
        fresh = [event for event in events if event.seq > cursor.seq]
        if not fresh:
            return
        is_next = fresh[0].seq == cursor.seq + 1 and self._sure.is_set()
        if is_next and fresh[-1].seq - fresh[0].seq == len(fresh) - 1:
            self._tell(channel, cursor, fresh)
        else:
            self._rung.merge(Ring(streams={channel: fresh[-1].seq}))
            self._wake.set()

    def _hear(self, ring: Ring) -> None:
        if ring.is_unsure:
            self._doubts += 1
            self._sure.clear()
            self._full_at = 0.0
            self._wake.set()
        if not self._cursors:
            return
        ahead = {c: s for c, s in ring.streams.items() if c in self._cursors and s > self._cursors[c].seq}
        if ahead or ring.is_anything:
            self._rung.merge(Ring(streams=ahead, is_anything=ring.is_anything))
            self._wake.set()

    async def run(self) -> None:
        backoff = Backoff()
        while True:
            await wait_for(self._wake, POLL_SECONDS if self.bell.is_live else BLIND_POLL_SECONDS)
            try:
                await self.run_once()
                backoff.reset()
            except AppError:
                # What happened meanwhile may be older than the recent past: look at every channel next time.
                self._full_at = 0.0
                await asyncio.sleep(backoff.next())
            except Exception:
                log.exception("stream turn failed")
                self._full_at = 0.0
                await asyncio.sleep(backoff.next())

    async def run_once(self) -> int:
        """Deliver what is new in watched channels; returns the number of events."""
        now = asyncio.get_running_loop().time()
        was_rung = self._wake.is_set()
        rung, self._rung = self._rung, Ring()
        self._wake.clear()
        if not self._cursors and self._sure.is_set():
            self._looked_at = now
            return 0
        behind = set(rung.streams)
        # Also while rings keep coming: they say nothing about the channels they do not name.
        if rung.is_anything or not was_rung or now >= self._look_at or not self._sure.is_set():
            self._look_at = now + POLL_SECONDS
            behind |= await self._look(now)
        delivered = 0
        while behind := {channel for channel in behind if channel in self._cursors}:
            self.bell.metrics.catch_ups.inc()
            events = await read_after(self.db, {channel: self._cursors[channel] for channel in behind})
            delivered += len(events)
            behind = self._hand_out(events)
        return delivered

    async def _look(self, now: float) -> set[str]:
        """Which watched channels are ahead of us: cheaply among the recent ones, at times among all."""
        since, self._looked_at = self._looked_at, now
        tops = None if now >= self._full_at else await self._recent(since)
        if tops is None:
            doubts = self._doubts
            tops = await self._look_everywhere()
            if doubts == self._doubts:
                self._full_at = now + FULL_POLL_SECONDS
                self._sure.set()
        return {
            channel for channel, seq in tops.items() if channel in self._cursors and seq > self._cursors[channel].seq
        }

    async def _look_everywhere(self) -> dict[str, int]:
        """The tops of all watched channels, after going back where history went back under us."""
        epoch = await read_epoch(self.db)
        tops = await read_tops(self.db, self._cursors)
        rewritten = [] if self.epoch in (0, epoch) else await self._rewritten(tops)
        self.epoch = epoch
        for channel in rewritten:
            if cursor := self._cursors.get(channel):
                cursor.seq, cursor.at = tops[channel].seq, tops[channel].at
                self.deliver(channel, [])
        return {channel: top.seq for channel, top in tops.items()}

    async def _rewritten(self, tops: Mapping[str, Cursor]) -> list[str]:
        """Channels whose last event that we told is not there any more: its number is free, or another event's."""
        told = {c: Cursor(now.seq, now.at) for c in tops if (now := self._cursors.get(c)) and now != tops[c]}
        before = {c: Cursor(cursor.seq - 1, None) for c, cursor in told.items() if 0 < cursor.seq <= tops[c].seq}
        there = {event.channel: Cursor(event.seq, event.at) for event in await read_after(self.db, before, 1)}
        return [channel for channel, cursor in told.items() if cursor.seq and there.get(channel) != cursor]

    async def _recent(self, since: float) -> dict[str, int] | None:
        """The tops of recent channels; None when that does not reach back to the last look, with time for commits.

        We or PostgreSQL may have stood still, before the server read its clock, too.
        """
        rows = await self.db.fetch(
            "select channel, last_seq from rt.recent(now() - make_interval(secs => $1))", RECENT_SECONDS
        )
        if asyncio.get_running_loop().time() - since > RECENT_SECONDS / 2:
            return None
        return {row["channel"]: row["last_seq"] for row in rows}

    def _hand_out(self, events: Sequence[Event]) -> set[str]:
        """Deliver per channel, move cursors; returns the channels whose page was full."""
        pages: dict[str, list[Event]] = {}
        for event in events:
            pages.setdefault(event.channel, []).append(event)
        for channel, page in pages.items():
            cursor = self._cursors.get(channel)
            if cursor is None:
                continue
            # While this page was on its way, `put` may have told some of it.
            if fresh := [event for event in page if event.seq > cursor.seq]:
                if fresh[0].seq != cursor.seq + 1:
                    self.deliver(channel, [])
                self._tell(channel, cursor, fresh)
        return {channel for channel, page in pages.items() if len(page) == PAGE}

    def _tell(self, channel: str, cursor: Cursor, events: Sequence[Event]) -> None:
        cursor.seq, cursor.at = events[-1].seq, events[-1].at
        self._told.set()
        self.deliver(channel, events)
        self.bell.metrics.events_delivered.inc(len(events))
