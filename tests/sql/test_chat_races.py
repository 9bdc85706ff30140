"""Two connections at once in a chat: what one does before the other commits."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import Any

import asyncpg

from app.pg.pool import Database
from tests.factories import User, make_user
from tests.lives import MadeLive, Said, make_live, post
from tests.sql.rooms import codes, events, rules, texts
from tests.sql.rows import backend_waits, connected


async def begin(connection: asyncpg.Connection) -> Any:
    transaction = connection.transaction()
    await transaction.start()
    return transaction


async def race(db: Database, dsn: str, first: list[Said], second: list[Said]) -> tuple[list[Any], list[Any]]:
    """The second batch arrives while the first is not committed yet."""
    async with connected(dsn) as one, connected(dsn) as two:
        transaction = await begin(one)
        answered = await post(one, first)
        waiting = asyncio.create_task(post(two, second))
        await backend_waits(db, two.get_server_pid())
        await transaction.commit()
        return answered, await waiting


async def test_the_same_message_at_two_processes_at_once_is_one(
    db: Database, dsn: str, live: MadeLive, ben: User
) -> None:
    same = Said(live.id, ben.id, cid=uuid.uuid4())
    first, second = await race(db, dsn, [same], [same])
    assert (first[0]["seq"], second[0]["seq"], second[0]["data"]) == (1, 1, None)
    assert await texts(db, live) == ["hello"]


async def test_two_messages_at_once_do_not_slip_through_slow_mode(
    db: Database, dsn: str, live: MadeLive, ben: User
) -> None:
    await rules(db, live, slow_seconds=600)
    _, second = await race(db, dsn, [Said(live.id, ben.id)], [Said(live.id, ben.id)])
    assert second[0]["code"] == "slow_down"


async def test_two_messages_at_once_do_not_slip_through_unique_chat(
    db: Database, dsn: str, live: MadeLive, ben: User, owner: User
) -> None:
    await rules(db, live, unique_only=True)
    other = await make_user(db)
    _, second = await race(db, dsn, [Said(live.id, ben.id)], [Said(live.id, other.id)])
    assert second[0]["code"] == "not_unique"


async def test_a_flood_through_many_processes_is_bounded(db: Database, dsn: str, live: MadeLive, ben: User) -> None:
    async def flood() -> list[str | None]:
        async with connected(dsn) as connection:
            said = Said(live.id, ben.id)
            return [code for _ in range(5) for code in await codes(connection, said, most=10, seconds=600)]

    told = [code for codes in await asyncio.gather(*(flood() for _ in range(6))) for code in codes]
    assert told.count(None) == 10
    assert set(told) == {None, "slow_down"}


async def test_a_message_is_before_a_ban_and_hidden_by_it_or_after_it_and_refused(
    db: Database, dsn: str, live: MadeLive, ben: User, owner: User
) -> None:
    async with connected(dsn) as one, connected(dsn) as two:
        transaction = await begin(one)
        assert await codes(one, Said(live.id, ben.id)) == [None]
        ban = "select chat.ban($1, $2, $3, null, '')"
        banning = asyncio.create_task(two.execute(ban, live.id, owner.id, ben.username))
        await backend_waits(db, two.get_server_pid())
        await transaction.commit()
        await banning
        assert await db.fetchval("select deleted_by from chat_messages") == "moderator"
        await db.fetchval("select chat.unban($1, $2, $3)", live.id, owner.id, ben.username)
        transaction = await begin(one)
        await one.execute(ban, live.id, owner.id, ben.username)
        waiting = asyncio.create_task(codes(two, Said(live.id, ben.id)))
        await backend_waits(db, two.get_server_pid())
        await transaction.commit()
        assert await waiting == ["chat_banned"]


async def test_nothing_is_said_after_the_end(db: Database, dsn: str, live: MadeLive, ben: User, owner: User) -> None:
    await db.fetchval("select live.start_live($1, $2)", live.id, owner.id)
    async with connected(dsn) as one, connected(dsn) as two:
        transaction = await begin(one)
        await one.fetchval("select live.end_live($1, $2)", live.id, owner.id)
        waiting = asyncio.create_task(codes(two, Said(live.id, ben.id)))
        await backend_waits(db, two.get_server_pid())
        await transaction.commit()
        assert await waiting == ["live_ended"]


async def test_a_batch_that_is_rolled_back_leaves_no_gap(db: Database, live: MadeLive, ben: User) -> None:
    async with db.connection() as connection:
        transaction = await begin(connection)
        assert (await post(connection, [Said(live.id, ben.id)]))[0]["seq"] == 1
        await transaction.rollback()
    assert (await post(db, [Said(live.id, ben.id)]))[0]["seq"] == 1


async def test_batches_over_many_lives_in_adverse_order_neither_deadlock_nor_lose(
    db: Database, dsn: str, owner: User
) -> None:
    lives = [await make_live(db, owner.id) for _ in range(5)]
    people = [await make_user(db) for _ in range(6)]
    await db.execute("update chat_rules set blocked_words = array['bad']")
    sent: list[tuple[str, int]] = []

    async def write(seed: int) -> None:
        dice = random.Random(seed)
        async with connected(dsn) as connection:
            for _ in range(25):
                chosen = dice.sample(lives, dice.randint(1, 5)) * dice.randint(1, 2)
                said = [Said(a.id, people[seed].id, dice.choice(["good", "bad"])) for a in chosen]
                transaction = await begin(connection)
                answers = await post(connection, said, most=10_000)
                if dice.random() < 0.2:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    sent.extend((s.live, a["seq"]) for s, a in zip(said, answers, strict=True) if a["code"] is None)

    await asyncio.gather(*(write(seed) for seed in range(6)))
    for live in lives:
        numbers = sorted(seq for id, seq in sent if id == live.id)
        assert numbers == list(range(1, len(numbers) + 1))
        assert [seq for seq, _, _ in await events(db, live.channel)] == numbers
        stored = await db.fetch("select seq from chat_messages where live_id = $1 order by seq", live.number)
        assert [row["seq"] for row in stored] == numbers
        held = await events(db, f"{live.channel}:mod")
        assert [seq for seq, _, _ in held] == list(range(1, len(held) + 1))
