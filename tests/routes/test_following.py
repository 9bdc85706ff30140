"""What is new from those one follows: in order, page by page, whole, and read in a few rows."""

from __future__ import annotations

import asyncpg
import httpx
import pytest

from app.pg import lives
from app.pg.pool import Database
from tests.factories import User, log_in, make_user
from tests.lives import in_hours, make_live
from tests.sql.rows import connected
from tests.videos import make_video

VIDEOS, LIVES = "/api/users/me/following/videos", "/api/users/me/following/lives"
Headers = dict[str, str]
# Creators with forty videos each, of which every second is followed, and much of others.
FILL = """
insert into users (username, email, password_hash, display_name, storage_quota_bytes)
  select 'p_' || n, n || '@example.com', 'x', 'P', 1 from generate_series(1, 400) n;
insert into videos (public_id, owner_id, title, visibility, status, hls_path, published_at)
  select md5(u.id || '-' || n), u.id, 'old', 'public', 'ready', '1/hls/master.m3u8',
    now() - (u.id * 7 + n) * interval '1 s'
  from users u, generate_series(1, 40) n where u.username like 'p\\_%';
insert into lives (public_id, owner_id, title, key_hash, key_hint, status, ended_at)
  select 'live' || u.id || '-' || n, u.id, 't', decode(md5(u.id || '-' || n), 'hex'), 'x', 'ended', now()
  from users u, generate_series(1, {past}) n where u.username like 'p\\_%';
insert into lives (public_id, owner_id, title, key_hash, key_hint, scheduled_at)
  select 'open' || u.id, u.id, 't', decode(md5('open' || u.id), 'hex'), 'x', now() + interval '1 day'
  from users u where u.username like 'p\\_%';
insert into follows (user_id, creator_id) select {me}, u.id from users u where u.username like 'p\\_%' and u.id % 2 = 0;
insert into follows (user_id, creator_id)
  select a.id, b.id from users a join users b on b.id between a.id + 1 and a.id + 20 where a.username like 'p\\_%';
"""
FOLLOWED, PAGE, PAST = 200, 24, 10


@pytest.fixture
async def me(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def headers(client: httpx.AsyncClient, me: User) -> Headers:
    return await log_in(client, me.username)


async def follow(db: Database, me: User, creator: User) -> None:
    await lives.follow_user(db, creator.username, me.id)


async def walk(client: httpx.AsyncClient, headers: Headers, limit: int) -> list[str]:
    titles, cursor = [], ""
    while cursor is not None:
        answer = await client.get(f"{VIDEOS}?limit={limit}" + (f"&cursor={cursor}" if cursor else ""), headers=headers)
        assert answer.status_code == 200, answer.text
        titles += [item["title"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
    return titles


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_the_newest_come_first_without_gap_or_repeat(
    client: httpx.AsyncClient, db: Database, me: User, headers: Headers, limit: int
) -> None:
    creators = [await make_user(db) for _ in range(3)]
    stranger = await make_user(db)
    for creator in creators:
        await follow(db, me, creator)
    for n in range(9):
        # One has most of the newest; others have some in between.
        await make_video(db, creators[0 if n > 3 else n % 3].id, f"v{n}")
        await make_video(db, stranger.id, "of a stranger")
    # Two of one moment: the id decides.
    await db.execute(
        "update videos set published_at = (select max(published_at) from videos) where title in ('v7', 'v8')"
    )
    await make_video(db, creators[1].id, "private", visibility="private")
    await make_video(db, creators[1].id, "unlisted", visibility="unlisted")
    await make_video(db, creators[1].id, "on its way", hls_path=None, status="transcoding")
    assert await walk(client, headers, limit) == [f"v{n}" for n in reversed(range(9))]
    await lives.unfollow_user(db, creators[0].username, me.id)
    assert await walk(client, headers, limit) == ["v2", "v1"]


async def test_lives_on_air_come_before_what_is_planned(
    client: httpx.AsyncClient, db: Database, me: User, headers: Headers
) -> None:
    creator, stranger = await make_user(db), await make_user(db)
    await follow(db, me, creator)
    later = await make_live(db, creator.id, "later", scheduled_at=in_hours(48))
    soon = await make_live(db, creator.id, "soon", scheduled_at=in_hours(1))
    await make_live(db, creator.id, "no time")
    await make_live(db, creator.id, "over", status="ended")
    await make_live(db, creator.id, "private", visibility="private", scheduled_at=in_hours(1))
    on_air = await make_live(db, creator.id, "on air", status="live")
    await make_live(db, stranger.id, "of a stranger", status="live")
    shown = (await client.get(LIVES, headers=headers)).json()
    assert [item["id"] for item in shown["items"]] == [on_air.id, soon.id, later.id]
    assert shown["next_cursor"] is None


async def test_it_is_for_who_is_signed_in_and_empty_for_who_follows_nobody(
    client: httpx.AsyncClient, db: Database, headers: Headers
) -> None:
    await make_video(db, (await make_user(db)).id)
    for path in (VIDEOS, LIVES):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=headers)).json() == {"items": [], "next_cursor": None}
    assert (await client.get(f"{VIDEOS}?cursor=bmV3ZXN0LjEuMQ", headers=headers)).status_code == 422


async def rows_read(connection: asyncpg.Connection, sql: str, *args: object) -> int:
    """Table rows and index entries."""
    tables = ["videos", "follows", "lives"]

    async def counted() -> int:
        await connection.execute("select pg_stat_force_next_flush()")
        return int(
            await connection.fetchval(
                "select (select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables"
                " where relname = any($1)) + (select sum(idx_tup_read) from pg_stat_user_indexes"
                " where relname = any($1))",
                tables,
            )
        )

    before = await counted()
    await connection.fetchval(sql, *args)
    return await counted() - before


@pytest.mark.parametrize("is_analyzed", [False, True])
async def test_a_page_reads_one_row_of_each_creator_and_the_page(
    db: Database, dsn: str, me: User, is_analyzed: bool
) -> None:
    videos = f"select media.list_followed($1, $2, 1000000, {PAGE})"
    async with connected(dsn) as connection:
        # The plan is made while there is nothing.
        await connection.fetchval(videos, me.id, None)
        await connection.execute(FILL.format(me=me.id, past=PAST))
        if is_analyzed:
            await connection.execute("analyze")
        place = await connection.fetchval("select (extract(epoch from now() - interval '5 minutes') * 1000000)::bigint")
        for key in (None, place):
            read = await rows_read(connection, videos, me.id, key)
            # Who is followed, the newest of each, the page of those on it, and the cards.
            assert 2 * FOLLOWED < read < 4 * FOLLOWED + 3 * (PAGE + 1) ** 2, read
        read = await rows_read(connection, f"select live.list_followed($1, {PAGE})", me.id)
        # Without statistics a creator's past ones may be read as well, but nobody else's.
        assert FOLLOWED <= read <= (8 if is_analyzed else 8 + 2 * PAST) * FOLLOWED, read
