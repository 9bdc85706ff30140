"""What lives leave behind goes; what is on air, what is shown, and what was deleted just now stays."""

from __future__ import annotations

from typing import Any

import pytest

from app.config import Settings
from app.jobs import JOBS, clean_lives
from app.main import open_deps
from app.pg import lives
from app.pg.pool import Database
from app.worker import Worker, parse_queues
from tests.factories import User, make_user
from tests.lives import MadeLive, Said, make_chat, make_live, post
from tests.sql.rows import connected

HANGING = ("live_viewers", "chat_rules", "chat_messages", "chat_held", "chat_moderators", "chat_bans", "chat_audit")


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


async def full_live(db: Database, owner: User, viewers: int = 3) -> MadeLive:
    """A live on air with rows in every table that hangs on it, and events on both channels."""
    live = await make_live(db, owner.id, status="live")
    await make_chat(db, live, owner.id)
    for n in range(4):
        await post(db, [Said(live.id, owner.id, f"hello {n}")])
    friend, foe = await make_user(db), await make_user(db)
    await db.fetchval("select chat.add_moderator($1, $2, $3, 5)", live.id, owner.id, friend.username)
    await db.fetchval("select chat.ban($1, $2, $3, null, 'spam')", live.id, owner.id, foe.username)
    await db.fetchval("select rt.publish($1, 'chat:held', '{}')", f"{live.channel}:mod")
    await lives.add_viewers(db, [(live.channel, bytes([n])) for n in range(viewers)])
    return live


async def rows_of(db: Database, live: MadeLive) -> dict[str, int]:
    counts = {
        table: await db.fetchval(f"select count(*) from {table} where live_id = $1", live.number)  # noqa: S608
        for table in HANGING
    }
    channels = [live.channel, f"{live.channel}:mod"]
    for table in ("rt.event", "rt.stream"):
        counts[table] = await db.fetchval(f"select count(*) from {table} where channel = any($1)", channels)  # noqa: S608
    counts["lives"] = await db.fetchval("select count(*) from lives where id = $1", live.number)
    return counts


async def clean(settings: Settings, db: Database) -> None:
    await db.fetchval("select q.enqueue('default', 'clean_lives', '{}')")
    async with open_deps(settings) as deps:
        worker = Worker(deps, JOBS, parse_queues("default:1"))
        await deps.instance.joined.wait()
        assert await worker.drain() == 1
        await worker.stop(1)
    assert await db.fetchval("select count(*) from ops.jobs") == 0


async def shown(db: Database, live: MadeLive) -> tuple[Any, Any]:
    json = await lives.get_live(db, live.id, None)
    return json["peak_viewers"], json["total_viewers"]


@pytest.mark.parametrize("batch", [2, 5000])
async def test_who_was_counted_goes_when_the_live_is_over(
    settings: Settings, db: Database, owner: User, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(clean_lives, "BATCH", batch)
    # Around it by number, and one that has nobody: each step from live to live has to find the next.
    before, over, empty, after = [await full_live(db, owner, n) for n in (2, 7, 0, 3)]
    await lives.save_peaks(db, {over.channel: 5})
    for live in (over, empty):
        await lives.end_live(db, live.id, owner.id)
    kept = {live.id: await rows_of(db, live) for live in (before, over, after)}
    await clean(settings, db)
    assert await rows_of(db, over) == kept[over.id], "a count may still be on its way"
    await db.execute("update lives set ended_at = ended_at - interval '61 seconds' where status = 'ended'")
    await clean(settings, db)
    assert await rows_of(db, over) == kept[over.id] | {"live_viewers": 0}
    assert await shown(db, over) == (5, 7)
    for live in (before, after):
        assert await rows_of(db, live) == kept[live.id]
    # Who comes again to a live on air was there already.
    assert await lives.add_viewers(db, [(after.channel, bytes([n])) for n in range(4)]) == 1


@pytest.mark.parametrize("batch", [2, 5000])
async def test_a_deleted_live_goes_with_everything_after_its_time(
    settings: Settings, db: Database, owner: User, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(clean_lives, "BATCH", batch)
    on_air, over, late, deleted = [await full_live(db, owner) for _ in range(4)]
    await lives.end_live(db, over.id, owner.id)
    for live in (late, deleted):
        await lives.delete_live(db, live.id, owner.id)
    full = await rows_of(db, deleted)
    assert 0 not in full.values(), "or the test would prove nothing"
    days = settings.deleted_live_keep_days
    for live, age in ((deleted, days + 0.1), (late, days - 0.1)):
        changed = "update lives set deleted_at = now() - $2 * interval '1 day' where id = $1"
        await db.execute(changed, live.number, age)
    kept = {live.id: await rows_of(db, live) for live in (on_air, over, late)}
    await clean(settings, db)
    assert set((await rows_of(db, deleted)).values()) == {0}
    for live in (on_air, over, late):
        assert await rows_of(db, live) == kept[live.id]


async def test_two_runs_at_once_do_not_wait_for_each_other(db: Database, dsn: str, owner: User) -> None:
    deleted = await full_live(db, owner)
    await lives.delete_live(db, deleted.id, owner.id)
    await db.execute("update lives set deleted_at = now() - interval '1 year'")
    async with connected(dsn) as other, other.transaction():
        assert await other.fetchval("select live.purge('7 days', 100)") > 0
        assert await db.fetchval("select live.purge('7 days', 100)") == 0
    assert await db.fetchval("select live.purge('7 days', 100)") == 1
    assert await db.fetchval("select live.purge('7 days', 100)") == 0
    assert await rows_of(db, deleted) == dict.fromkeys(await rows_of(db, deleted), 0)
