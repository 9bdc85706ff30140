"""A room under fire: processes, listeners, backends and the postmaster are killed while people write and read."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psutil
import psycopg
import pytest

from app.pg.loop import background
from tests.e2e.product import Product, start_product, until
from tests.faults import room as rooms
from tests.faults.history import History, Seen

T = TypeVar("T")
WRITERS = 8
READERS = 4
# So many messages must be acknowledged after one kill before the next.
BETWEEN_KILLS = 60
SECONDS = 120.0


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("history")
    with start_product(folder, WORKERS="2", LIMIT_CHAT="off", LIMIT_TICKET="off") as running:
        yield running


class Killer:
    """Kills one thing at a time; `dsn` is the product's own database."""

    def __init__(self, product: Product, chance: random.Random) -> None:
        self.product = product
        self.chance = chance
        data = product.log.parent / "data"
        secrets, ports = (json.loads((data / name).read_text()) for name in ("secrets.json", "ports.json"))
        self.dsn = f"postgresql://trunkline:{secrets['postgres_password']}@127.0.0.1:{ports['postgres']}/trunkline"

    def process(self) -> None:
        """One of the two that serve the browsers."""
        self._one(lambda: [p for p in self._parts() if "serve" in p.cmdline()]).kill()

    def listener(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            pid = self._one(lambda: backends(connection, "trunkline:listen"))
            connection.execute("select pg_terminate_backend(%s)", [pid])

    def backend(self) -> None:
        """As if it crashed: PostgreSQL throws everybody out and recovers."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            psutil.Process(self._one(lambda: backends(connection, "trunkline%"))).kill()

    def postmaster(self) -> None:
        self._one(
            lambda: [p for p in self._parts() if p.name() == "postgres" and p.parent() == self.product.supervisor]
        ).kill()

    def _parts(self) -> list[psutil.Process]:
        return [p for p in self.product.supervisor.children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]

    def _one(self, among: Callable[[], list[T]]) -> T:
        """The last kill may have left none for a moment."""
        return self.chance.choice(until(among, "something to kill"))


def backends(connection: psycopg.Connection, name: str) -> list[int]:
    rows = connection.execute(
        "select pid from pg_stat_activity where application_name like %s order by pid", [name]
    ).fetchall()
    return [pid for (pid,) in rows]


@pytest.mark.parametrize("seed", [1])
def test_what_was_acknowledged_is_read_by_everybody_once_in_one_order(product: Product, seed: int) -> None:
    chance = random.Random(seed)
    killer = Killer(product, chance)
    kills: list[Callable[[], None]] = [killer.process, killer.listener, killer.backend, killer.postmaster] * 2
    chance.shuffle(kills)
    history, silence = asyncio.run(play(product, kills))
    assert history.faults() == []
    print(
        f"{len(history.acknowledged)} messages acknowledged under {len(kills)} kills, read by {READERS} readers; "
        f"longest wait for the next acknowledgement {silence:.1f} s"
    )


async def play(product: Product, kills: list[Callable[[], None]]) -> tuple[History, float]:
    """Write and read through all kills; what was observed, and the longest time nobody was acknowledged."""
    people = [await rooms.sign_up(product.url, f"writer{n}") for n in range(WRITERS)]
    room = await rooms.open_live(product.url, people[0])
    silence = 0.0
    async with asyncio.timeout(SECONDS), background(*(rooms.read(room) for _ in range(READERS))):
        await room.followed_by(READERS)
        writers = [asyncio.create_task(rooms.write(room, f"w{n}", head)) for n, head in enumerate(people)]
        try:
            for kill in kills:
                await room.acknowledged(len(room.history.acknowledged) + BETWEEN_KILLS)
                await asyncio.to_thread(kill)
                started = time.monotonic()
                await room.acknowledged(len(room.history.acknowledged) + 1)
                silence = max(silence, time.monotonic() - started)
            await room.acknowledged(len(room.history.acknowledged) + BETWEEN_KILLS)
        finally:
            room.is_over = True
            await asyncio.gather(*writers)
        await room.read_up_to(max(room.history.acknowledged.values()))
    return room.history, silence


GOOD = [Seen(5, "a 0"), Seen(6, ""), Seen(7, "b 0"), Seen(8, "a 1")]
ACKNOWLEDGED = {"a 0": 5, "b 0": 7, "a 1": 8}


def test_the_checker_is_content_with_a_kept_promise() -> None:
    assert History(dict(ACKNOWLEDGED), [list(GOOD), list(GOOD)]).faults() == []


@pytest.mark.parametrize(
    "seen",
    [
        GOOD[:3],
        [GOOD[0], *GOOD[2:]],
        [*GOOD, Seen(9, "b 0")],
        [*GOOD, Seen(8, "a 1")],
        [GOOD[0], Seen(6, ""), Seen(7, "a 1"), Seen(8, "b 0")],
        [Seen(5, "a 1"), Seen(6, ""), Seen(7, "b 0"), Seen(8, "a 0")],
    ],
    ids=["lost", "gap", "twice", "repeated", "other order", "own order"],
)
def test_the_checker_sees_every_broken_promise(seen: list[Seen]) -> None:
    assert History(dict(ACKNOWLEDGED), [list(GOOD), seen]).faults() != []
    assert History(dict(ACKNOWLEDGED), [seen, seen]).faults() != []


def test_the_checker_is_not_content_with_nothing() -> None:
    assert History().faults() != []
    assert History(dict(ACKNOWLEDGED), [list(GOOD)], resets=1).faults() != []
