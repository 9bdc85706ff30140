"""Schema ct: counts gathered per process, folded once."""

from __future__ import annotations

from app.pg.pool import Database


async def bump(db: Database, slot: int, ids: list[int], ns: list[int]) -> None:
    await db.execute("select ct.bump($1, $2, $3, $4)", slot, ["view"] * len(ids), ids, ns)


async def test_slots_add_up_and_are_taken_once(db: Database) -> None:
    await bump(db, 1, [7, 7, 8], [1, 2, 5])
    await bump(db, 2, [7], [10])
    taken = {row["id"]: row["n"] for row in await db.fetch("select * from ct.take('view')")}
    assert taken == {7: 13, 8: 5}
    assert await db.fetch("select * from ct.take('view')") == []


async def test_a_fold_that_is_rolled_back_keeps_the_counts(db: Database) -> None:
    await bump(db, 1, [7], [3])
    async with db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetch("select * from ct.take('view')")
        await transaction.rollback()
    assert await db.fetchval("select n from ct.take('view')") == 3
