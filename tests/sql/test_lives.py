"""Lives in SQL: who may what, what is told in the same commit, races on two connections, and plans."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.errors import AppError
from app.pg import lives
from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import AHEAD_DAYS, MadeLive, in_hours, make_live
from tests.signals import soon
from tests.sql.rows import backend_waits, connected, join

STATES = [(v, s) for v in ("public", "unlisted", "private") for s in ("scheduled", "live", "ended")]


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


async def moderator_of(db: Database, live: MadeLive) -> User:
    user = await make_user(db)
    await db.execute("insert into chat_moderators (live_id, user_id) values ($1, $2)", live.number, user.id)
    return user


async def told(db: Database, live: MadeLive) -> list[tuple[str, Any]]:
    rows = await db.fetch("select type, data from rt.event where channel = $1 order by seq", live.channel)
    return [(row["type"], row["data"]) for row in rows]


@pytest.mark.parametrize(("visibility", "status"), STATES)
async def test_who_may_read_which_channel(db: Database, owner: User, visibility: str, status: str) -> None:
    live = await make_live(db, owner.id, visibility=visibility, status=status)
    moderator, stranger = await moderator_of(db, live), await make_user(db)
    is_open = visibility != "private"
    expected = {
        (live.channel, owner.id): True, (live.channel, moderator.id): True,
        (live.channel, stranger.id): is_open, (live.channel, None): is_open,
        (f"{live.channel}:mod", owner.id): True, (f"{live.channel}:mod", moderator.id): True,
        (f"{live.channel}:mod", stranger.id): False, (f"{live.channel}:mod", None): False,
    }  # fmt: skip
    assert {key: await may_follow(db, *key) for key in expected} == expected
    await lives.delete_live(db, live.id, owner.id)
    assert [key for key in expected if await may_follow(db, *key)] == []


async def may_follow(db: Database, channel: str, user: int | None) -> bool:
    return user in await lives.who_may_follow(db, channel, [user])


async def test_what_is_no_channel_may_not_be_read(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id)
    other = await moderator_of(db, await make_live(db, owner.id))
    assert await may_follow(db, f"user:{owner.id}", owner.id)
    for channel in (
        f"user:{other.id}", "user:", "user:None", f"user: {owner.id}", f"user:{owner.id}:mod", "", "live:", "live",
        "live::mod", live.id, f"live:{live.id}:", f"live:{live.id}:mod:mod", f"live:{live.id}:MOD",
        f"LIVE:{live.id}", f"live:{live.id}x",
        "live:%", f"live:{live.id[:-1]}_", f" live:{live.id}", f"live:{live.number}",
    ):  # fmt: skip
        assert not await may_follow(db, channel, owner.id), channel
    assert not await may_follow(db, f"user:{owner.id}", None)
    # A moderator of another live of the same owner.
    assert not await may_follow(db, f"{live.channel}:mod", other.id)


@pytest.mark.parametrize(("visibility", "status"), STATES)
async def test_nobody_but_the_owner_changes_anything(db: Database, owner: User, visibility: str, status: str) -> None:
    live = await make_live(db, owner.id, visibility=visibility, status=status)
    before = await db.fetchval("select to_jsonb(v) from lives v where id = $1", live.number)
    for other in (await moderator_of(db, live), await make_user(db, role="admin")):
        for attempt in (
            lives.update_live(db, live.id, other.id, "mine", None, "public", None, AHEAD_DAYS),
            lives.start_live(db, live.id, other.id), lives.end_live(db, live.id, other.id),
            lives.delete_live(db, live.id, other.id), lives.rotate_key(db, live.id, other.id, (b"x" * 32, "xxxx")),
        ):  # fmt: skip
            with pytest.raises(AppError) as refused:
                await attempt
            assert refused.value.code == "not_found"
    assert await db.fetchval("select to_jsonb(v) from lives v where id = $1", live.number) == before


async def test_what_happens_is_told_in_the_same_commit(db: Database, dsn: str, owner: User) -> None:
    live = await make_live(db, owner.id, "one", scheduled_at=in_hours(1))
    assert await told(db, live) == []
    await lives.update_live(db, live.id, owner.id, "two", None, None, None, AHEAD_DAYS)
    async with connected(dsn) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select live.start_live($1, $2)", live.id, owner.id)
        assert len(await told(db, live)) == 1
        await transaction.rollback()
    assert len(await told(db, live)) == 1
    for _ in range(2):
        await lives.start_live(db, live.id, owner.id)
    for _ in range(2):
        await lives.end_live(db, live.id, owner.id)
    events = await told(db, live)
    assert {type for type, _ in events} == {"live:changed"}
    assert [(data["status"], data["title"]) for _, data in events] == [
        ("scheduled", "two"), ("live", "two"), ("ended", "two")]  # fmt: skip
    assert events[2][1].keys() == {
        "status", "title", "description", "scheduled_at", "started_at", "ended_at", "end_reason"}  # fmt: skip
    # Also when it was over: whoever is there has to leave.
    await lives.delete_live(db, live.id, owner.id)
    assert len(await told(db, live)) == 4


async def test_deleting_one_on_air_ends_it(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id, status="live")
    await lives.delete_live(db, live.id, owner.id)
    assert (await told(db, live))[-1][1]["status"] == "ended"


async def test_a_live_has_its_chat_rules_from_the_first_moment(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id)
    assert await db.fetchval("select count(*) from chat_rules where live_id = $1", live.number) == 1


async def test_the_last_place_is_given_once(db: Database, owner: User) -> None:
    async def create() -> Any:
        key = (secrets.token_bytes(32), "abcd")
        return await lives.create_live(db, owner.id, "t", "", "public", None, key, AHEAD_DAYS, 3)

    done = await asyncio.gather(*(create() for _ in range(8)), return_exceptions=True)
    assert sorted(d.code for d in done if isinstance(d, AppError)) == ["too_many_lives"] * 5


async def test_starting_and_ending_at_once_leave_one_story(db: Database, owner: User) -> None:
    for _ in range(5):
        live = await make_live(db, owner.id)
        moves = [lives.start_live(db, live.id, owner.id) for _ in range(3)]
        await asyncio.gather(*moves, lives.end_live(db, live.id, owner.id), return_exceptions=True)
        story = [data["status"] for _, data in await told(db, live)]
        assert story in (["live"], ["live", "ended"])
        assert await db.fetchval("select status from lives where id = $1", live.number) == story[-1]


async def test_following_at_once_counts_each_once(db: Database, owner: User) -> None:
    fans = [await make_user(db) for _ in range(4)]
    await asyncio.gather(*(lives.follow_user(db, owner.username, fan.id) for fan in fans for _ in range(3)))
    assert await lives.follow_json(db, owner.username, fans[0].id) == {"is_following": True, "follower_count": 4}
    await asyncio.gather(*(lives.unfollow_user(db, owner.username, fans[0].id) for _ in range(5)))
    assert await lives.follow_json(db, owner.username, fans[0].id) == {"is_following": False, "follower_count": 3}
    assert await db.fetchval("select count(*) from follows") == 3


async def test_who_is_late_by_an_hour_is_not_expected_any_more(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id, scheduled_at=in_hours(1))

    async def ids(hours: float) -> list[str]:
        found = "select live.list_lives('upcoming', null, null, null, 9, $1)::jsonb -> 'items'"
        return [item["id"] for item in await db.fetchval(found, in_hours(hours))]

    assert await ids(1.9) == [live.id]
    assert await ids(2.1) == []


async def test_operators_end_and_announce(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id, status="live")
    assert await db.fetchval("select ops.announce($1, ' back soon ')", live.id) == f"told on {live.id}"
    assert await db.fetchval("select ops.close_live($1, 'rules')", live.id) == f"{live.id} is over"
    assert await db.fetchval("select ops.close_live($1, 'again')", live.id) == f"{live.id} was over already"
    events = await told(db, live)
    assert events[-2] == ("live:announcement", {"text": "back soon"})
    assert (events[-1][1]["status"], events[-1][1]["end_reason"]) == ("ended", "rules")
    assert await db.fetch("select action, actor from ops.chat_log order by at") == [
        ("announce", "operator"), ("close", "operator")]  # fmt: skip
    for wrong in ("", " ", None, "x" * 501):
        with pytest.raises(AppError) as refused:
            await db.fetchval("select ops.announce($1, $2)", live.id, wrong)
        assert refused.value.code == "invalid"
    for statement in ("select ops.announce('nothing', 'x')", "select ops.close_live('nothing', 'x')"):
        with pytest.raises(AppError) as refused:
            await db.fetchval(statement)
        assert refused.value.code == "not_found"


async def test_a_planned_live_that_was_closed_is_not_among_the_past(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id, scheduled_at=in_hours(1))
    await db.fetchval("select ops.close_live($1, 'no')", live.id)
    for status in ("live", "upcoming", "past"):
        assert b'"items": []' in await lives.list_lives(db, status, None, None, None, 9)


async def report(
    db: Database, instance: int, live: MadeLive, n: int | None, now: datetime | None = None, users: Sequence[int] = ()
) -> asyncpg.Record:
    """What a process hears that tells so many guests and these users; n None: it tells nothing."""
    channels, numbers = ([], []) if n is None else ([live.channel], [n])
    row = await db.fetchrow(
        "select total, is_sure, is_on_air from live.report_viewers($1, $2, $3, $4, $5, $6, '6 s', $7)",
        instance, channels, numbers, [live.channel] * len(users), users, [live.channel], now or datetime.now(UTC),
    )  # fmt: skip
    assert row is not None
    return row


async def joined_at(db: Database, instance: int, lease_seconds: float) -> datetime:
    """The database's time of it: what is later is told from there, however long it takes to get to it."""
    until: datetime = await db.fetchval("select lease_until from rt.instance where id = $1", instance)
    return until - timedelta(seconds=lease_seconds)


async def test_only_what_living_processes_told_lately_counts(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id, status="live")
    first, second = await join(db), await join(db, "8 seconds")
    now = await joined_at(db, second, 8)
    assert await report(db, first, live, 2, now) == (2, True, True)
    assert await report(db, second, live, 3, now) == (5, True, True)
    # The second has missed a renewal; then its lease is over; then the first has said nothing for too long.
    assert await report(db, first, live, None, now + timedelta(seconds=4)) == (5, False, True)
    assert await report(db, first, live, None, now + timedelta(seconds=9)) == (2, True, True)
    assert await report(db, first, live, None, now + timedelta(seconds=16)) == (0, True, True)
    assert await report(db, first, live, 0, now + timedelta(seconds=17)) == (0, True, True)
    assert await report(db, await join(db), await make_live(db, owner.id), 1) == (1, True, False)


async def test_who_is_at_several_processes_counts_once(db: Database, owner: User) -> None:
    live, other = [await make_live(db, owner.id, status="live") for _ in range(2)]
    first, second, third = await join(db, "8 seconds"), await join(db), await join(db)
    now = await joined_at(db, first, 8)

    async def total(instance: int, guests: int | None, users: Sequence[int] = (), at: float = 0) -> int:
        row = await report(db, instance, live, guests, now + timedelta(seconds=at), users)
        return int(row["total"])

    assert await total(second, 1, [7, 8]) == 3
    # The eldest has person 7, too; the second notices when it asks the next time.
    assert await total(first, 0, [7, owner.id]) == 4
    assert await total(second, None) == 3
    assert await total(third, 0, [7, 8, 9, owner.id]) == 4
    # Another live is another crowd, and its own owner's.
    assert (await report(db, third, other, 0, now, [7, 8, owner.id]))["total"] == 2
    # Person 8 leaves the second and is still there; then the first process dies, and person 7 is still there.
    assert await total(second, 1, [7]) == 3
    assert await total(third, None) == 4
    assert await total(second, None, at=9) == 4
    assert await total(third, None, at=9) == 4
    # The last ones leave.
    assert await total(second, 0, [], at=10) == 2
    assert await total(third, None, at=10) == 3
    assert await total(third, 0, [], at=10) == 0


async def test_old_counts_are_forgotten(db: Database, owner: User) -> None:
    live = await make_live(db, owner.id, status="live")
    await report(db, await join(db), live, 2)
    await db.execute("select rt.purge(now() + interval '30 seconds')")
    assert await db.fetchval("select count(*) from rt.viewers") == 1
    await db.execute("select rt.purge(now() + interval '2 minutes')")
    assert await db.fetchval("select count(*) from rt.viewers") == 0


async def test_people_are_counted_once_by_two_processes_at_the_same_time(db: Database, owner: User) -> None:
    made = [await make_live(db, owner.id, status="live") for _ in range(3)]
    came = [(live.channel, bytes([n])) for n in range(40) for live in made]
    added = await asyncio.gather(*(lives.add_viewers(db, part) for part in (came, came[::-1], came[30:] * 2)))
    assert sum(added) == 120
    assert [row[0] for row in await db.fetch("select total_viewers from lives")] == [40, 40, 40]
    over = await make_live(db, owner.id, status="ended")
    assert await lives.add_viewers(db, [(over.channel, b"x"), ("live:nothing", b"x")]) == 0


async def test_a_peak_never_falls_and_never_waits(db: Database, dsn: str, owner: User) -> None:
    live, other = [await make_live(db, owner.id, status="live") for _ in range(2)]
    for n in (5, 3):
        await lives.save_peaks(db, {live.channel: n})
    async with connected(dsn) as connection, connection.transaction():
        await connection.execute("select from lives where id = $1 for update", live.number)
        await soon(lives.save_peaks(db, {live.channel: 9, other.channel: 7}))
    assert [row[0] for row in await db.fetch("select peak_viewers from lives order by id")] == [5, 7]


async def test_ending_waits_for_who_counts_and_keeps_the_number(db: Database, dsn: str, owner: User) -> None:
    live = await make_live(db, owner.id, status="live")
    async with connected(dsn) as connection:
        pid = await connection.fetchval("select pg_backend_pid()")
        async with db.transaction() as counting:
            await counting.execute("select live.add_viewers($1, $2)", [live.channel], [b"x"])
            ending = asyncio.create_task(connection.execute("select live.end_live($1, $2)", live.id, owner.id))
            await backend_waits(db, pid)
        await ending
    row = await db.fetchrow("select status, total_viewers from lives where id = $1", live.number)
    assert row == ("ended", 1)


@pytest.fixture
async def explained(db: Database, dsn: str) -> asyncpg.Connection:
    """Many lives; the plans inside functions arrive as log messages."""
    await db.execute("""
        insert into users (username, email, password_hash, display_name, storage_quota_bytes)
        select 'owner' || n, 'o' || n || '@example.com', 'x', 'o', 0 from generate_series(1, 500) n;
        insert into lives (public_id, owner_id, title, status, visibility, scheduled_at, started_at, ended_at,
          key_hash, key_hint)
        select 'id' || n, (select min(id) from users) + n % 500, 'a live', s,
          case when n % 7 = 0 then 'private' else 'public' end,
          case when s = 'scheduled' then now() + n * interval '1 minute' end,
          case when s <> 'scheduled' then now() - n * interval '1 minute' end,
          case when s = 'ended' then now() - n * interval '30 seconds' end, decode(md5(n::text), 'hex'), 'abcd'
        from (select n, case when n % 40 = 0 then 'live' when n % 20 = 0 then 'scheduled' else 'ended' end as s
              from generate_series(1, 6000) n) t;
        analyze users; analyze lives""")
    async with connected(dsn) as connection:
        await connection.execute(
            "load 'auto_explain'; set auto_explain.log_min_duration = 0; set client_min_messages = log;"
            "set auto_explain.log_nested_statements = on"
        )
        yield connection


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("live.list_lives('live', null, null, null, 24)", "lives_on_air"),
        ("live.list_lives('live', null, 1700000000000000, 5, 24)", "lives_on_air"),
        ("live.list_lives('upcoming', null, null, null, 24)", "lives_upcoming"),
        ("live.list_lives('past', null, null, null, 24)", "lives_past"),
        ("live.list_lives('live', 'owner7', null, null, 24)", "lives_o"),
        ("live.list_lives('upcoming', 'owner7', null, null, 24)", "lives_owner_open"),
        ("live.list_lives('past', 'owner7', null, null, 24)", "lives_owner_past"),
        ("live.list_mine((select min(id) from users), null, 24)", "lives_owner"),
        ("live.may_follow('live:id78', 5)", "lives_public_id_key"),
        ("live.get_live('id78', 5)", "lives_public_id_key"),
        (
            "live.report_viewers(1, '{live:id78}', '{1}', '{live:id78}', '{5}', '{live:id78}', '6 s')",
            "lives_public_id_key",
        ),
    ],
)
async def test_every_list_walks_an_index(explained: asyncpg.Connection, sql: str, index: str) -> None:
    said: list[str] = []
    explained.add_log_listener(lambda connection, message: said.append(message.message))
    await explained.execute(f"select {sql}")
    plans = "\n".join(said)
    assert index in plans, plans
    assert "Seq Scan on lives" not in plans, plans
