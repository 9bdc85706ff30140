"""Live broadcasts and who follows whom: one call per SQL function of sql/functions/live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.pg.pool import Database

Json = dict[str, Any]


@dataclass(frozen=True)
class Crowd:
    """Who watches a channel through one process."""

    guests: int = 0
    users: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Standing:
    """Viewers of a channel in all processes; `is_sure` while every one of those processes is known to live."""

    channel: str
    total: int
    is_sure: bool
    is_on_air: bool
    peak: int
    owner: int | None


async def create_live(
    db: Database,
    owner: int,
    title: str,
    description: str,
    visibility: str,
    scheduled_at: datetime | None,
    key: tuple[bytes, str],
    ahead_days: int,
    max_open: int,
) -> Json:
    """`key` is the stream key's hash and its last characters. Raises not_found, invalid, too_many_lives."""
    made: Json = await db.fetchval(
        "select live.create_live($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        owner,
        title,
        description,
        visibility,
        scheduled_at,
        *key,
        ahead_days,
        max_open,
    )
    return made


async def list_lives(
    db: Database, status: str, owner: str | None, key: int | None, id: int | None, limit: int
) -> bytes:
    """A page of public lives as JSON, ready to send."""
    text: str = await db.fetchval("select live.list_lives($1, $2, $3, $4, $5)", status, owner, key, id, limit)
    return text.encode()


async def list_mine(db: Database, owner: int, id: int | None, limit: int) -> bytes:
    text: str = await db.fetchval("select live.list_mine($1, $2, $3)", owner, id, limit)
    return text.encode()


async def list_followed(db: Database, viewer: int, limit: int) -> bytes:
    text: str = await db.fetchval("select live.list_followed($1, $2)", viewer, limit)
    return text.encode()


async def get_live(db: Database, live: str, viewer: int | None) -> Json:
    """Raises not_found."""
    found: Json = await db.fetchval("select live.get_live($1, $2)", live, viewer)
    return found


async def update_live(
    db: Database,
    live: str,
    owner: int,
    title: str | None,
    description: str | None,
    visibility: str | None,
    scheduled_at: datetime | None,
    ahead_days: int,
) -> Json:
    """Raises not_found, invalid, live_started, live_ended."""
    changed: Json = await db.fetchval(
        "select live.update_live($1, $2, $3, $4, $5, $6, $7)",
        live,
        owner,
        title,
        description,
        visibility,
        scheduled_at,
        ahead_days,
    )
    return changed


async def start_live(db: Database, live: str, owner: int) -> Json:
    """Raises not_found, live_ended."""
    started: Json = await db.fetchval("select live.start_live($1, $2)", live, owner)
    return started


async def end_live(db: Database, live: str, owner: int) -> Json:
    """Raises not_found, live_not_started."""
    ended: Json = await db.fetchval("select live.end_live($1, $2)", live, owner)
    return ended


async def delete_live(db: Database, live: str, owner: int) -> None:
    """Raises not_found."""
    await db.fetchval("select live.delete_live($1, $2)", live, owner)


async def restore_live(db: Database, live: str, owner: int, undo_seconds: int) -> Json:
    """Raises not_found, also when it is too late."""
    restored: Json = await db.fetchval("select live.restore_live($1, $2, $3)", live, owner, undo_seconds)
    return restored


async def rotate_key(db: Database, live: str, owner: int, key: tuple[bytes, str]) -> None:
    """Raises not_found, live_ended."""
    await db.fetchval("select live.rotate_key($1, $2, $3, $4)", live, owner, *key)


async def page_card(db: Database, live: str) -> Json | None:
    """What a shared link tells, None when guests may not see the live."""
    card: Json | None = await db.fetchval("select live.page_card($1)", live)
    return card


async def who_may_follow(db: Database, channel: str, users: Sequence[int | None]) -> dict[int | None, int]:
    """Those of some people who may read a channel (None: guests) → the number after which they may."""
    rows = await db.fetch("select id, open_seq from live.who_may_follow($1, $2)", channel, users)
    return {row["id"]: row["open_seq"] for row in rows}


async def follow_json(db: Database, username: str, user: int | None) -> Json:
    """Raises not_found."""
    found: Json = await db.fetchval("select live.follow_json($1, $2)", username, user)
    return found


async def follow_user(db: Database, username: str, user: int) -> Json:
    """Raises not_found, invalid."""
    found: Json = await db.fetchval("select live.follow_user($1, $2)", username, user)
    return found


async def unfollow_user(db: Database, username: str, user: int) -> Json:
    """Raises not_found."""
    found: Json = await db.fetchval("select live.unfollow_user($1, $2)", username, user)
    return found


async def report_viewers(
    db: Database, instance: int, crowds: Mapping[str, Crowd], watched: Sequence[str], late: timedelta
) -> list[Standing]:
    """`crowds`: this process's viewers where they are to be told; `late`: a shorter lease is doubtful."""
    people = [(channel, user) for channel, crowd in crowds.items() for user in crowd.users]
    rows = await db.fetch(
        "select channel, total, is_sure, is_on_air, peak, owner_id"
        " from live.report_viewers($1, $2, $3, $4, $5, $6, $7)",
        instance,
        list(crowds),
        [crowd.guests for crowd in crowds.values()],
        [channel for channel, _ in people],
        [user for _, user in people],
        watched,
        late,
    )
    return [Standing(*row) for row in rows]


async def save_peaks(db: Database, peaks: Mapping[str, int]) -> None:
    await db.fetchval("select live.save_peaks($1, $2)", list(peaks), list(peaks.values()))


async def add_viewers(db: Database, viewers: Sequence[tuple[str, bytes]]) -> int:
    """(channel, key of the viewer) of people who are in a live; how many were there for the first time."""
    new: int = await db.fetchval(
        "select live.add_viewers($1, $2)", [channel for channel, _ in viewers], [viewer for _, viewer in viewers]
    )
    return new


async def forget_viewers(db: Database, limit: int) -> int:
    """Of lives that are over, at most `limit` of who was counted; how many went."""
    gone: int = await db.fetchval("select live.forget_viewers($1)", limit)
    return gone


async def purge(db: Database, keep: timedelta, limit: int) -> int:
    """Of one live deleted longer ago than `keep`, at most `limit` rows of each kind; how many went, 0 at the end."""
    gone: int = await db.fetchval("select live.purge($1, $2)", keep, limit)
    return gone
