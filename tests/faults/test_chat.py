"""A chat whose database connections are cut at random: whoever sends again with the same number is heard once."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import uuid

from app.config import Settings
from app.deps import Deps
from app.errors import AppError
from app.main import open_deps
from app.pg.chat import Post
from app.pg.pool import Database
from tests.factories import make_user
from tests.lives import make_live
from tests.signals import Received

WRITERS = 8
# Each at least; they go on until the lines were cut so many times under them.
MESSAGES = 40
CUTS = 15


async def insist(deps: Deps, post: Post) -> tuple[int, int]:
    """As a page does: the same message until it is answered; its number, and how often it had to be said."""
    for tries in range(1, 200):
        try:
            seq = await deps.chat.post(post)
            assert seq is not None
            return seq, tries
        except AppError as error:
            if error.code != "unavailable":
                raise
            await asyncio.sleep(0.01)
    raise AssertionError("never answered")


async def cut_lines(db: Database, dice: random.Random) -> None:
    """Kill a writing backend now and then, in the middle of whatever it does."""
    cuts = 0
    while cuts < CUTS:
        await asyncio.sleep(dice.uniform(0.01, 0.08))
        cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'trunkline:write'"
        cuts += len(await db.fetch(f"{cut} and datname = current_database() order by random() limit 1"))


async def test_every_message_is_stored_and_heard_once_in_one_order(settings: Settings, db: Database) -> None:
    dice = random.Random(7)
    calm = dataclasses.replace(settings, limit_chat="off")
    async with open_deps(calm) as here, open_deps(calm) as there:
        people = [await make_user(db) for _ in range(WRITERS)]
        live = await make_live(db, people[0].id)
        heard = [Received(deps) for deps in (here, there)]
        for deps in (here, there):
            await deps.streams.watch(live.channel)
        cutting = asyncio.create_task(cut_lines(db, dice))

        async def write(n: int) -> list[tuple[str, int, int]]:
            said: list[tuple[str, int, int]] = []
            while len(said) < MESSAGES or not cutting.done():
                text = f"{n}:{len(said)}"
                post = Post(live.id, people[n].id, text, None, uuid.uuid4())
                said.append((text, *await insist(dice.choice((here, there)), post)))
            return said

        said = [one for each in await asyncio.gather(*(write(n) for n in range(WRITERS))) for one in each]
        await cutting
        numbers = [await received.numbers(len(said)) for received in heard]
    again = sum(tries - 1 for _, _, tries in said)
    print(f"{len(said)} messages, {CUTS} lines cut, {again} sent again")
    everything = list(range(1, len(said) + 1))
    assert sorted(seq for _, seq, _ in said) == everything
    assert numbers == [everything, everything]
    stored = {row["seq"]: row["text"] for row in await db.fetch("select seq, text from chat_messages")}
    assert stored == {seq: text for text, seq, _ in said}
    for n in range(WRITERS):
        own = [seq for text, seq, _ in said if text.startswith(f"{n}:")]
        assert own == sorted(own), "what one person says stays in the order it was said"
