"""Chat beside lives: one call per SQL function of sql/functions/chat, and the writer that gathers messages.

Messages of one moment share a commit; so do the questions whether somebody may type or send an effect.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any

import msgspec

from app.config import Settings
from app.errors import AppError
from app.pg.batch import Batcher
from app.pg.bell import Bell
from app.pg.ids import PUBLIC_ID
from app.pg.limits import Limiter
from app.pg.pool import Database
from app.pg.queue import Runs
from app.pg.stream import Event, Streams

Json = dict[str, Any]
# Effects of one chat told from one gathered batch: what is more is noise, and was promised at most once.
MAXIMUM_PASSING = 20
HELD = "held"


@dataclass(frozen=True)
class Post:
    live: str
    user: int
    text: str
    reply_to: int | None
    cid: uuid.UUID


@dataclass(frozen=True)
class Passing:
    """Something that is told and not stored: somebody types, an emoji flies."""

    live: str
    user: int
    type: str
    data: Mapping[str, str]


class Chat:
    """Everything said in chats by this process's browsers."""

    def __init__(self, settings: Settings, db: Database, streams: Streams, bell: Bell, limits: Limiter) -> None:
        self.settings = settings
        self.db = db
        self.streams = streams
        self.bell = bell
        self.limits = limits
        backlog = settings.write_backlog
        self._posts: Batcher[Post, int] = Batcher(
            [partial(self._flush_posts, lane) for lane in streams.lanes], backlog=backlog, size_of=size_of
        )
        self._passing: Batcher[Passing, None] = Batcher([self._flush_passing], backlog=backlog)

    async def close(self) -> None:
        await self._posts.close()
        await self._passing.close()

    async def post(self, post: Post) -> int | None:
        """The message's number, None when it waits for a moderator. Raises AppError with the code of the rule."""
        self.check("chat", post.live, post.user)
        seq = await self._posts.put(post.live, post)
        return seq or None

    async def tell(self, passing: Passing) -> None:
        """Tell everybody in a chat who is there now. Raises AppError with the code of the rule."""
        limit = "chat_effect" if passing.type == "chat:effect" else "chat_typing"
        self.check(limit, passing.live, passing.user)
        await self._passing.put(passing.live, passing)

    def check(self, limit: str, live: str, user: int) -> None:
        """Refuse what can be refused without asking; one bad id would spoil everybody's statement.

        Raises AppError not_found, slow_down.
        """
        if not PUBLIC_ID.fullmatch(live):
            raise AppError("not_found")
        wait = self.limits.local(limit, user)
        if wait:
            raise AppError("slow_down", retry_after=ceil(wait))

    async def _flush_posts(self, lane: Runs, posts: list[Post]) -> list[int | Exception]:
        """One statement, one commit; numbers in the order given, 0 for what is held."""
        rate = self.limits.rates["chat"]
        rows = await lane.fetch(
            "select code, retry_after, seq, at, data from chat.post($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [post.live for post in posts],
            [post.user for post in posts],
            [post.text for post in posts],
            [post.reply_to for post in posts],
            [post.cid for post in posts],
            # What one process lets through at most in such a time: more comes from several at once.
            2 * rate.count if rate else 2**31 - 1,
            timedelta(seconds=rate.seconds if rate else 1),
            self.settings.chat_max_chars,
            self.settings.chat_unique_among,
        )
        events: dict[str, list[Event]] = {}
        answers: list[int | Exception] = []
        for post, (code, retry_after, seq, at, data) in zip(posts, rows, strict=True):
            if data is not None:
                channel, type = f"live:{post.live}", "chat:message"
                if code == HELD:
                    channel, type = f"{channel}:mod", "chat:held"
                events.setdefault(channel, []).append(Event(channel, seq, at, type, msgspec.Raw(data.encode())))
            answers.append(seq if code is None else 0 if code == HELD else AppError(code, retry_after=retry_after))
        for channel, said in events.items():
            self.streams.put(channel, said)
        if events:
            self.bell.ring(streams={channel: said[-1].seq for channel, said in events.items()})
        return answers

    async def _flush_passing(self, items: list[Passing]) -> Sequence[Exception | None]:
        rows = await self.db.fetch(
            "select code, retry_after, name from chat.speakers($1, $2)",
            [item.live for item in items],
            [item.user for item in items],
        )
        told: dict[str, int] = {}
        answers: list[Exception | None] = []
        for item, (code, retry_after, name) in zip(items, rows, strict=True):
            answers.append(AppError(code, retry_after=retry_after) if code else None)
            told[item.live] = told.get(item.live, 0) + (code is None)
            if code is None and told[item.live] <= MAXIMUM_PASSING:
                self.bell.tell_all(f"live:{item.live}", item.type, {**item.data, "name": name})
        return answers


def size_of(post: Post) -> int:
    return len(post.text)


async def list_messages(
    db: Database, live: str, viewer: int | None, before: int | None, after: int | None, limit: int
) -> bytes:
    """A page of messages as JSON, ready to send. Raises not_found."""
    text: str = await db.fetchval("select chat.list_messages($1, $2, $3, $4, $5)", live, viewer, before, after, limit)
    return text.encode()


async def edit_message(
    db: Database, live: str, user: int, seq: int, text: str, seconds: int, max_chars: int, most: int, unique_among: int
) -> None:
    """Raises not_found, invalid, too_late, too_many_edits, words_blocked, and what keeps somebody from posting."""
    row = await db.fetchrow(
        "select code, retry_after from chat.edit_message($1, $2, $3, $4, $5, $6, $7, $8)",
        live,
        user,
        seq,
        text,
        seconds,
        max_chars,
        most,
        unique_among,
    )
    if row and row["code"]:
        raise AppError(row["code"], retry_after=row["retry_after"])


async def delete_message(db: Database, live: str, actor: int, seq: int) -> None:
    """Raises not_found, forbidden."""
    await db.fetchval("select chat.delete_message($1, $2, $3)", live, actor, seq)


async def restore_message(db: Database, live: str, actor: int, seq: int, within_seconds: int) -> None:
    """Raises not_found, forbidden, too_late."""
    within = timedelta(seconds=within_seconds)
    await db.fetchval("select chat.restore_message($1, $2, $3, $4)", live, actor, seq, within)
