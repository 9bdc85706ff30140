"""A cleared chat is empty in its events, too."""

from __future__ import annotations

import pytest

from app.config import Settings
from app.jobs import JOBS, chats
from app.main import open_deps
from app.pg.pool import Database
from app.worker import Worker, parse_queues
from tests.factories import make_user
from tests.lives import Said, make_live, post


async def run_jobs(settings: Settings, count: int) -> None:
    async with open_deps(settings) as deps:
        worker = Worker(deps, JOBS, parse_queues("default:2"))
        await deps.instance.joined.wait()
        assert await worker.drain() == count
        await worker.stop(1)


@pytest.mark.parametrize("stretch", [3, 5000])
async def test_the_texts_of_a_cleared_chat_go(
    settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(chats, "STRETCH", stretch)
    owner = await make_user(db)
    live = await make_live(db, owner.id, status="live")
    for n in range(5):
        await post(db, [Said(live.id, owner.id, f"secret {n}"), Said(live.id, owner.id, f"secret, too {n}")])
    # Its quote stays when the answer itself was taken away.
    (answer,) = await post(db, [Said(live.id, owner.id, "secret, says he", reply_to=2)])
    await db.fetchval("select chat.delete_message($1, $2, $3)", live.id, owner.id, answer["seq"])
    await db.fetchval("select chat.clear($1, $2)", live.id, owner.id)
    await post(db, [Said(live.id, owner.id, "afterwards")])
    await run_jobs(settings, 1)
    rows = await db.fetch("select type, data from rt.event where channel = $1 order by seq", live.channel)
    assert [row["data"]["text"] for row in rows if row["type"] == "chat:message"] == [""] * 11 + ["afterwards"]
    assert "secret" not in str(rows)
    assert rows[0]["data"]["title"] == "An evening"
    assert await db.fetchval("select count(*) from ops.jobs") == 0


async def test_a_crowds_quotes_of_a_deleted_message_go_in_batches(
    settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "QUOTES", 150)
    owner = await make_user(db)
    live = await make_live(db, owner.id, status="live")
    (first,) = await post(db, [Said(live.id, owner.id, "secret")])
    await post(db, [Said(live.id, owner.id, "so it is", reply_to=first["seq"]) for _ in range(1000)], most=5000)
    await db.fetchval("select chat.delete_message($1, $2, $3)", live.id, owner.id, first["seq"])
    quotes = "select data #>> '{reply,text}' from rt.event where channel = $1 and data ? 'reply' order by seq"
    # The newest at once: those are kept in memory for whoever comes back.
    assert [row[0] for row in await db.fetch(quotes, live.channel)] == ["secret"] * 500 + [""] * 500
    await run_jobs(settings, 1)
    assert [row[0] for row in await db.fetch(quotes, live.channel)] == [""] * 1000
    assert await db.fetchval("select count(*) from ops.jobs") == 0
