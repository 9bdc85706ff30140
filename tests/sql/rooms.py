"""Short words for the tests of chats."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import pytest

from app.errors import AppError
from app.pg.pool import Database
from tests.factories import User
from tests.lives import MadeLive, Said, post


async def rules(db: Database, live: MadeLive, **changed: Any) -> None:
    for name, value in changed.items():
        await db.execute(f"update chat_rules set {name} = $2 where live_id = $1", live.number, value)  # noqa: S608


async def codes(db: Any, *said: Said, **more: Any) -> list[str | None]:
    return [answer["code"] for answer in await post(db, said, **more)]


async def events(db: Database, channel: str) -> list[tuple[int, str, Any]]:
    rows = await db.fetch("select seq, type, data from rt.event where channel = $1 order by seq", channel)
    return [tuple(row) for row in rows]


async def texts(db: Database, live: MadeLive) -> list[str]:
    rows = await db.fetch("select text from chat_messages where live_id = $1 order by seq", live.number)
    return [row["text"] for row in rows]


async def call(db: Any, name: str, *args: Any) -> Any:
    places = ", ".join(f"${n}" for n in range(1, len(args) + 1))
    return await db.fetchval(f"select chat.{name}({places})", *args)


async def refused(work: Awaitable[Any]) -> str:
    with pytest.raises(AppError) as caught:
        await work
    return caught.value.code


async def say(db: Database, live: MadeLive, user: User, text: str = "hello") -> int:
    (answer,) = await post(db, [Said(live.id, user.id, text)])
    assert answer["code"] is None
    return int(answer["seq"])


async def told(db: Database, channel: str, after: int = 0) -> list[tuple[str, Any]]:
    rows = await db.fetch(
        "select type, data from rt.event where channel = $1 and seq > $2 order by seq", channel, after
    )
    return [(row["type"], row["data"]) for row in rows]


async def history(db: Database, live: MadeLive, viewer: int | None = None, **where: int | None) -> Any:
    text = await call(
        db, "list_messages", live.id, viewer, where.get("before"), where.get("after"), where.get("limit", 50)
    )
    return json.loads(text)


async def log(db: Database, live: MadeLive) -> list[tuple[str | None, str, str | None]]:
    rows = await db.fetch("select actor, action, target from ops.chat_log where live = $1 order by at", live.id)
    return [tuple(row) for row in rows]


async def edit(db: Any, live: MadeLive, user: User, seq: int, text: str, **more: Any) -> tuple[str | None, int | None]:
    row = await db.fetchrow(
        "select * from chat.edit_message($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        live.id, user.id, seq, text, more.get("seconds", 60), more.get("max_chars", 100), more.get("most", 10),
        more.get("unique_among", 100), more.get("now"),
    )  # fmt: skip
    return row["code"], row["retry_after"]
