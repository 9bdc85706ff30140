"""A room under fire: processes, listeners, backends and the postmaster are killed while people write and read."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from app.pg.loop import background
from tests.cluster import embedded_bin
from tests.e2e.product import Product, start_product, until
from tests.faults import room as rooms
from tests.faults.history import History, Seen
from tests.faults.size import size

T = TypeVar("T")
WRITERS = 8
READERS = 4
# So many messages must be acknowledged after one kill before the next.
BETWEEN_KILLS = 60
SECONDS = 300.0
CRASHES = size(2, 5)
BACK_SECONDS = size(40.0, 10.0)


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
        self.admin_password = secrets["postgres_admin_password"]
        self.dsn = f"postgresql://trunkline:{secrets['postgres_password']}@127.0.0.1:{ports['postgres']}/trunkline"

    def process(self) -> None:
        """One of the two that serve the browsers."""
        self._strike(lambda: self._one([p for p in self._parts() if "serve" in p.cmdline()]).kill())

    def listener(self) -> None:
        def end(connection: psycopg.Connection) -> bool:
            pid = self._one(backends(connection, "trunkline:listen"))
            row = connection.execute("select pg_terminate_backend(%s)", [pid]).fetchone()
            return row == (True,)

        self._strike(lambda: self._in_database(end))

    def backend(self) -> None:
        """As if it crashed: PostgreSQL throws everybody out and recovers."""
        self._strike(lambda: psutil.Process(self._one(self._in_database(find_backends))).kill())

    def postmaster(self) -> None:
        self._strike(lambda: self._one([p for p in self._parts() if is_postmaster(p, self.product)]).kill())

    def check_tables(self) -> int:
        """pg_amcheck over every table and index, each row looked for in each index; how many objects it read."""
        at = urlsplit(self.dsn)
        command = [str(embedded_bin() / "pg_amcheck"), "--install-missing", "--heapallindexed", "--parent-check", "-v"]
        to = ["-h", str(at.hostname), "-p", str(at.port), "-U", "postgres", "-d", at.path[1:]]
        env = {**os.environ, "PGPASSWORD": self.admin_password}
        found = subprocess.run([*command, *to], env=env, capture_output=True, text=True, check=False)
        assert (found.returncode, found.stdout) == (0, ""), found.stdout + found.stderr[-2000:]
        return str(found.stderr).count("checking ")

    def _in_database(self, act: Callable[[psycopg.Connection], T]) -> T:
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=10) as connection:
            return act(connection)

    def _parts(self) -> list[psutil.Process]:
        parts: list[psutil.Process] = self.product.supervisor.children(recursive=True)
        return parts

    def _one(self, among: list[T]) -> T:
        """Raises IndexError when there is none."""
        return self.chance.choice(among)

    def _strike(self, kill: Callable[[], bool | None]) -> None:
        """Until it hit: the last kill may still be at work, have left none for a moment, or take our victim first."""

        def has_hit() -> bool:
            try:
                return kill() is not False
            except (IndexError, psutil.Error, psycopg.OperationalError):
                return False

        until(has_hit, "something to kill")


def is_postmaster(process: psutil.Process, product: Product) -> bool:
    is_dead = process.status() == psutil.STATUS_ZOMBIE
    return process.name() == "postgres" and process.parent() == product.supervisor and not is_dead


def find_backends(connection: psycopg.Connection) -> list[int]:
    return backends(connection, "trunkline%")


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
    room = asyncio.run(play(product, kills))
    history = room.history
    assert history.faults() == []
    print(
        f"{len(history.acknowledged)} messages acknowledged under {len(kills)} kills, read by {READERS} readers; "
        f"longest time without an acknowledgement {room.silence:.1f} s"
    )


def test_the_server_crashes_again_and_again_and_comes_back_by_itself(product: Product) -> None:
    """Sockets stay open meanwhile, and no table or index is harmed."""
    killer = Killer(product, random.Random(2))
    room = asyncio.run(play(product, [killer.postmaster] * CRASHES))
    assert room.history.faults() == []
    assert room.following == READERS
    assert room.lost == 0, "a reader's socket closed"
    assert room.silence < BACK_SECONDS
    checked = killer.check_tables()
    assert checked > 100
    print(
        f"{CRASHES} crashes of PostgreSQL: {len(room.history.acknowledged)} messages answered and read by all,"
        f" no reader's socket closed, {room.silence:.1f} s without an answer at most, {checked} tables and indexes fine"
    )


async def play(product: Product, kills: list[Callable[[], None]]) -> rooms.Room:
    """Write and read through all kills; the room with what was observed."""
    async with asyncio.timeout(SECONDS):
        people = [await rooms.once_up(lambda: rooms.sign_up(product.url)) for _ in range(WRITERS)]
        room = await rooms.once_up(lambda: rooms.open_live(product.url, people[0]))
    async with asyncio.timeout(SECONDS), background(*(rooms.read(room) for _ in range(READERS))):
        await room.followed_by(READERS)
        writers = [asyncio.create_task(rooms.write(room, f"w{n}", head)) for n, head in enumerate(people)]
        try:
            for kill in kills:
                await room.acknowledged(len(room.history.acknowledged) + BETWEEN_KILLS)
                await asyncio.to_thread(kill)
            await room.acknowledged(len(room.history.acknowledged) + BETWEEN_KILLS)
        finally:
            room.is_over = True
            await asyncio.gather(*writers)
        last = max(room.history.acknowledged.values())
        await room.read_up_to(last)
    room.history.end_at(last)
    return room


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
