"""Live broadcasts for tests, made and moved by the real SQL functions."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.pg import lives
from app.pg.pool import Database
from app.pg.queue import Runs
from tests.factories import make_user

AHEAD_DAYS = 366
MAX_OPEN = 1000


@dataclass(frozen=True)
class MadeLive:
    number: int
    id: str

    @property
    def channel(self) -> str:
        return f"live:{self.id}"


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


async def make_live(
    db: Database,
    owner: int,
    title: str = "An evening",
    *,
    description: str = "",
    visibility: str = "public",
    scheduled_at: datetime | None = None,
    status: str = "scheduled",
) -> MadeLive:
    """A live that waits, is on air or is over."""
    made = await lives.create_live(
        db, owner, title, description, visibility, scheduled_at, (secrets.token_bytes(32), "abcd"), AHEAD_DAYS, MAX_OPEN
    )
    if status in ("live", "ended"):
        await lives.start_live(db, made["id"], owner)
    if status == "ended":
        await lives.end_live(db, made["id"], owner)
    return MadeLive(await db.fetchval("select id from lives where public_id = $1", made["id"]), made["id"])


@dataclass(frozen=True)
class Said:
    """One message for `post`: who says what in which live."""

    live: str
    user: int
    text: str = "hello"
    reply_to: int | None = None
    cid: uuid.UUID | None = None


async def post(
    db: Runs,
    said: Sequence[Said],
    *,
    most: int = 1000,
    seconds: float = 5,
    max_chars: int = 500,
    unique_among: int = 100,
    now: datetime | None = None,
) -> list[Any]:
    """What chat.post answers to a batch, in order: code, retry_after, seq, at, data."""
    return await db.fetch(
        "select * from chat.post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [s.live for s in said],
        [s.user for s in said],
        [s.text for s in said],
        [s.reply_to for s in said],
        [s.cid or uuid.uuid4() for s in said],
        most,
        timedelta(seconds=seconds),
        max_chars,
        unique_among,
        now,
    )


async def hold(db: Database, live: MadeLive, user: int, text: str) -> int:
    """A message of somebody who is no moderator, held for a word; its id."""
    before = await db.fetchval("select blocked_words from chat_rules where live_id = $1", live.number)
    await db.execute("update chat_rules set blocked_words = array['zzz'] where live_id = $1", live.number)
    (answer,) = await post(db, [Said(live.id, user, f"{text} zzz")])
    assert answer["code"] == "held"
    await db.execute("update chat_rules set blocked_words = $2 where live_id = $1", live.number, before)
    return int(await db.fetchval("select max(id) from chat_held where live_id = $1", live.number))


@dataclass(frozen=True)
class MadeChat:
    """The number of a message, the id of a held one, and the name of who wrote that."""

    seq: int
    held: int
    writer: str


async def make_chat(db: Database, live: MadeLive, owner: int) -> MadeChat:
    """What there is to see and to touch in the chat of a live, also of a private one."""
    writer = await make_user(db)
    (own,) = await post(db, [Said(live.id, owner, "mine alone")])
    held = await db.fetchval(
        "insert into chat_held (live_id, user_id, text, cid, why) values ($1, $2, 'mine alone', $3, 'word')"
        " returning id",
        live.number,
        writer.id,
        uuid.uuid4(),
    )
    return MadeChat(own["seq"], held, writer.username)
