"""What posting and reading cost does not grow with what is stored, whatever the tables held when plans were made."""

from __future__ import annotations

import uuid
from typing import Any

import asyncpg
import pytest

from app.pg.pool import Database
from tests.factories import User
from tests.lives import MadeLive, Said, post
from tests.sql.rooms import rules
from tests.sql.rows import connected

TABLES = [
    "users",
    "lives",
    "chat_rules",
    "chat_messages",
    "chat_held",
    "chat_moderators",
    "chat_bans",
    "follows",
    "chat_audit",
]
BATCH = 20
FILL = """
insert into users (username, email, password_hash, display_name, storage_quota_bytes)
  select 'p_' || n, n || '@example.com', 'x', 'P', 1 from generate_series(1, 2000) n;
insert into lives (public_id, owner_id, title, key_hash, key_hint)
  select 'live' || id, id, 't', decode(md5(id::text), 'hex'), 'x' from users where username like 'p_%';
insert into chat_rules (live_id) select l.id from lives l where l.title = 't';
insert into follows (user_id, creator_id) select a.id, {owner} from users a where a.id not in ({owner}, {ben});
insert into chat_moderators (live_id, user_id) select l.id, {ben} from lives l where l.title = 't';
insert into chat_bans (live_id, user_id) select l.id, {ben} from lives l where l.title = 't';
insert into chat_messages (live_id, seq, user_id, at, text, cid)
  select {live}, -n, u.id, now() - interval '1 day', 'old', gen_random_uuid()
  from generate_series(1, 5000) n join users u on u.username = 'p_' || (1 + n % 2000);
insert into chat_held (live_id, user_id, text, cid, why, verdict, created_at)
  select {live}, u.id, 'old', gen_random_uuid(), 'word', 'rejected', now() - interval '1 day'
  from users u where u.id <> {ben};
insert into chat_audit (live_id, actor_id, action)
  select l.id, {owner}, 'clear' from lives l, generate_series(1, 30);
"""


async def rows_read(connection: asyncpg.Connection, work: Any) -> int:
    """Table rows and index entries read by some work, in all of the chat's tables."""

    async def counted() -> int:
        await connection.execute("select pg_stat_force_next_flush()")
        return int(
            await connection.fetchval(
                "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables"
                " where relname = any($1)",
                TABLES,
            )
            + await connection.fetchval(
                "select sum(idx_tup_read) from pg_stat_user_indexes where relname = any($1)", TABLES
            )
        )

    before = await counted()
    await work
    return await counted() - before


async def fill(connection: asyncpg.Connection, live: MadeLive, owner: User, ben: User) -> None:
    await connection.execute(FILL.format(live=live.number, owner=owner.id, ben=ben.id))


@pytest.mark.parametrize("is_analyzed", [False, True])
async def test_a_batch_reads_a_few_rows_for_each_message(
    db: Database, dsn: str, live: MadeLive, owner: User, ben: User, is_analyzed: bool
) -> None:
    await rules(
        db, live, followers_only=True, verified_only=True, blocked_words=["bad"], link_rule="hold", slow_seconds=1
    )
    await db.fetchval("select live.follow_user($1, $2)", owner.username, ben.id)
    async with connected(dsn) as connection:
        # The plan is made while there is nothing.
        assert (await post(connection, [Said(live.id, ben.id, "first")]))[0]["code"] is None
        await fill(connection, live, owner, ben)
        if is_analyzed:
            await connection.execute("analyze")
        await db.execute("update users set email_verified_at = now() where username like 'p_%'")
        people = [row["id"] for row in await db.fetch("select id from users where username like 'p_%' limit $1", BATCH)]
        said = [Said(live.id, id, f"m{id}", reply_to=1, cid=uuid.uuid4()) for id in people]
        answers: list[Any] = []

        async def batch() -> None:
            answers.extend(await post(connection, said))

        read = await rows_read(connection, batch())
    assert [answer["code"] for answer in answers] == [None] * BATCH
    assert 5 < read / BATCH < 60, read


async def test_typing_reads_a_few_rows(db: Database, dsn: str, live: MadeLive, owner: User, ben: User) -> None:
    async with connected(dsn) as connection:
        speakers = "select * from chat.speakers($1, $2)"
        await connection.fetch(speakers, [live.id], [ben.id])
        await fill(connection, live, owner, ben)
        read = await rows_read(connection, connection.fetch(speakers, [live.id] * BATCH, [ben.id] * BATCH))
    assert 3 < read / BATCH < 30, read


@pytest.mark.parametrize("where", ["null, null", "0, null", "null, -4000", "-100, -4000"])
async def test_a_page_of_history_reads_its_messages_and_no_more(
    db: Database, dsn: str, live: MadeLive, owner: User, ben: User, where: str
) -> None:
    await rules(db, live, cleared_seq=-10_000)
    async with connected(dsn) as connection:
        page = f"select chat.list_messages($1, null, {where}, 20)"
        await connection.fetchval(page, live.id)
        await fill(connection, live, owner, ben)
        await connection.execute("analyze")
        read = await rows_read(connection, connection.fetchval(page, live.id))
    assert 2 < read / 20 < 30, read


@pytest.mark.parametrize(
    "list",
    [
        "list_held($1, $2, null, 20)",
        "list_audit($1, $2, null, 20)",
        "list_bans($1, $2, null, null, 20)",
        "list_bans($1, $2, (extract(epoch from now()) * 1000000)::bigint, 1000, 20)",
    ],
)
async def test_moderators_lists_read_a_page(
    db: Database, dsn: str, live: MadeLive, owner: User, ben: User, list: str
) -> None:
    async with connected(dsn) as connection:
        await fill(connection, live, owner, ben)
        await connection.execute("update chat_held set verdict = null where id % 2 = 0")
        await connection.execute(
            "insert into chat_bans (live_id, user_id, created_at) select $1, u.id, now() - u.id * interval '1 minute'"
            " from users u where u.id <> $2",
            live.number,
            owner.id,
        )
        await connection.execute("vacuum analyze")
        read = await rows_read(connection, connection.fetchval(f"select chat.{list}", live.id, owner.id))
    assert 20 < read < 400, read
