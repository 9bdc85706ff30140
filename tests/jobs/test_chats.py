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


@pytest.mark.parametrize("stretch", [3, 5000])
async def test_the_texts_of_a_cleared_chat_go(
    settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(chats, "STRETCH", stretch)
    owner = await make_user(db)
    live = await make_live(db, owner.id, status="live")
    for n in range(5):
        await post(db, [Said(live.id, owner.id, f"secret {n}"), Said(live.id, owner.id, f"secret, too {n}")])
    await db.fetchval("select chat.clear($1, $2)", live.id, owner.id)
    await post(db, [Said(live.id, owner.id, "afterwards")])
    async with open_deps(settings) as deps:
        worker = Worker(deps, JOBS, parse_queues("default:2"))
        await deps.instance.joined.wait()
        assert await worker.drain() == 1
        await worker.stop(1)
    rows = await db.fetch("select type, data from rt.event where channel = $1 order by seq", live.channel)
    assert [row["data"]["text"] for row in rows if row["type"] == "chat:message"] == [""] * 10 + ["afterwards"]
    assert rows[0]["data"]["title"] == "An evening"
    assert await db.fetchval("select count(*) from ops.jobs") == 0
