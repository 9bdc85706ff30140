"""One bad item spoils nobody else's: every place where what many ask shares a statement is in the table below."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import operator
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.crew import storable
from app.deps import Deps
from app.errors import AppError, from_sqlstate
from app.pg import queue
from app.pg.batch import Batcher, flush_parts
from app.pg.bell import Bell
from app.pg.cache import Built, Lease
from app.pg.chat import Passing, Post
from app.pg.pool import Database
from app.pg.queue import Failed
from app.pg.stream import Written
from tests.factories import User, make_user
from tests.lives import MadeLive, make_live
from tests.signals import soon

APP = Path(__file__).resolve().parents[2] / "app"
NUL = "nul \0"


@dataclass
class World:
    deps: Deps
    live: MadeLive
    user: User
    token: int = 0


@dataclass(frozen=True)
class Case:
    """Where a process keeps the Batcher, what is put into it, good and bad, and what is right for the good ones."""

    place: str
    good: Callable[[World, int], Any]
    bad: Callable[[World], Any]
    is_right: Callable[[Any], bool]


def post(world: World, live: str) -> Post:
    return Post(live, world.user.id, "hello", None, uuid.uuid4())


# File and attribute of each Batcher of the code → its case.
CASES = {
    "pg/stream.py:_batcher": Case(
        "streams._batcher",
        lambda w, n: Written("room:1", "test:event", b"{}"),
        lambda w: Written("room:1", "test:event", b'{"text": "\\u0000"}'),
        lambda seq: seq > 0,
    ),
    "pg/stream.py:_tops": Case(
        "streams._tops", lambda w, n: f"room:{n}", lambda w: NUL, lambda cursor: cursor.seq == 0
    ),
    "pg/stream.py:_pages": Case(
        "streams._pages", lambda w, n: (f"room:{n}", 0), lambda w: ("room:1", -(2**64)), lambda page: page == []
    ),
    "pg/chat.py:_posts": Case(
        "chat._posts", lambda w, n: post(w, w.live.id), lambda w: post(w, NUL), lambda seq: seq > 0
    ),
    "pg/chat.py:_passing": Case(
        "chat._passing",
        lambda w, n: Passing(w.live.id, w.user.id, "chat:typing", {}),
        lambda w: Passing(w.live.id, 2**64, "chat:typing", {}),
        lambda answer: answer is None,
    ),
    "pg/cache.py:_gets": Case("cache._gets", lambda w, n: f"k{n}", lambda w: NUL, lambda kept: kept is None),
    "pg/cache.py:_puts": Case(
        "cache._puts", lambda w, n: (f"k{n}", b"1", 60.0), lambda w: ("k", b"no JSON", 60.0), lambda none: none is None
    ),
    "pg/cache.py:_leases": Case(
        "cache._leases",
        lambda w, n: f"k{n}",
        # Letters that do not compress: a key that no index takes.
        lambda w: "".join(uuid.uuid4().hex for _ in range(300)),
        lambda lease: lease.token is not None,
    ),
    "pg/cache.py:_fills": Case(
        "cache._fills",
        lambda w, n: Built(f"k{n}", 0, b"1", 60.0, 0.0),
        lambda w: Built("leased", w.token, b"no JSON \xff", 60.0, 0.0),
        lambda is_stored: is_stored is False,
    ),
    "realtime/rights.py:_asking": Case(
        "rights._asking", lambda w, n: (w.live.channel, None), lambda w: (NUL, None), lambda after: after == 0
    ),
    "realtime/hub.py:_signing_in": Case(
        "hub._signing_in", lambda w, n: str(uuid.uuid4()), lambda w: "no id", lambda is_open: is_open is False
    ),
}


def batchers() -> set[str]:
    """Every attribute of the code that is made a Batcher."""
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
                made = node.value.func.value if isinstance(node.value.func, ast.Subscript) else node.value.func
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(made, ast.Name) and made.id == "Batcher":
                    assert isinstance(target, ast.Attribute)
                    found.add(f"{path.relative_to(APP).as_posix()}:{target.attr}")
    return found


def test_every_batcher_has_a_case() -> None:
    assert batchers() == CASES.keys()


@pytest.fixture
async def world(deps: Deps, db: Database) -> World:
    user = await make_user(db)
    lease: Lease | None = await deps.cache._leases.put("leased", "leased")
    assert lease is not None
    return World(deps, await make_live(db, user.id), user, lease.token or 0)


@pytest.mark.parametrize("name", CASES)
async def test_one_bad_item_fails_alone(world: World, name: str) -> None:
    case = CASES[name]
    batcher: Batcher[Any, Any] = operator.attrgetter(case.place)(world.deps)
    items = [case.good(world, n) for n in range(6)]
    items.insert(3, case.bad(world))
    answers = await soon(asyncio.gather(*(batcher.put("", item) for item in items), return_exceptions=True))
    refused = answers.pop(3)
    assert isinstance(refused, Exception), "its sender hears of it"
    assert getattr(refused, "code", "") != "unavailable", "and is not told to try again"
    assert [case.is_right(answer) for answer in answers] == [True] * 6, answers


async def test_a_count_that_is_refused_is_lost_alone(deps: Deps, db: Database) -> None:
    await db.execute("insert into ct.counter (kind, id, slot, n) select 'full', 1, s, 2::numeric ^ 63 - 1"
                     " from generate_series(0, 63) s")  # fmt: skip
    deps.counters.add("video_view", 7, 2)
    deps.counters.add("full", 1)
    deps.counters.add("video_view", 8)
    await deps.counters.run_once()
    taken = await db.fetch("select id, n from ct.take('video_view')")
    assert {row["id"]: row["n"] for row in taken} == {7: 2, 8: 1}
    assert await deps.counters.run_once() == 0


async def test_a_failure_that_cannot_be_told_keeps_no_other_one_from_it(deps: Deps, db: Database) -> None:
    ids = [await queue.enqueue(db, "default", "stage", {"n": n}) for n in range(3)]
    numbers = await queue.queue_ids(db)
    instance = deps.instance.id
    assert instance is not None
    turn = await queue.turn(deps.instance.line, instance, [], {numbers["default"]: 3})
    failed = [Failed(job, {"code": "x", "message": "m"}, 0.0, False) for job in turn.claimed]
    failed[1] = Failed(turn.claimed[1], {"code": "x", "message": NUL}, 0.0, False)

    async def fail(part: list[Failed]) -> list[str]:
        return await queue.fail(deps.instance.line, instance, part)

    answers = await flush_parts(fail, failed)
    assert [answers[0], answers[2]] == ["retry", "retry"]
    assert isinstance(answers[1], AppError)
    assert [row["id"] for row in await db.fetch("select id from q.job")] == [ids[1]]
    assert storable(f"{NUL}\udcff") == "nul ?", "nor does an error's text come so far"


async def test_a_ring_that_is_refused_says_that_something_happened(deps: Deps) -> None:
    bell = Bell(deps.instance.line, deps.metrics)
    bell.ring(streams={"room:1": 1})
    bell.tell_all("room:1", "test:large", {"text": "x" * 9000})
    # What it is kept as until it is rung is no text that PostgreSQL has.
    bell._waiting.passing[0] = dataclasses.replace(bell._waiting.passing[0], type=NUL)
    with pytest.raises(AppError, match="invalid"):
        await bell.run_once()
    assert await bell.run_once() == 1
    assert not bell._waiting, "nor is it tried for ever"


REFUSALS = [
    asyncpg.InternalServerError("invalid memory alloc request size"),
    asyncpg.InvalidRegularExpressionError("regular expression is too complex"),
    asyncpg.ProgramLimitExceededError("index row size 2808 exceeds the maximum"),
    asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
    asyncpg.InvalidTextRepresentationError("no JSON"),
    asyncpg.DataError("out of range"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text"),
]
TROUBLES = [
    asyncpg.ConnectionDoesNotExistError("gone in the middle"),
    asyncpg.AdminShutdownError("shut down"),
    asyncpg.TooManyConnectionsError("too many"),
    asyncpg.DiskFullError("full"),
    asyncpg.ReadOnlySQLTransactionError("a standby"),
    asyncpg.CheckViolationError('no partition of relation "event" found for row'),
    TimeoutError(),
    RuntimeError("a fault of ours, after the commit perhaps"),
]


def raised(error: Exception) -> Exception:
    """As the pool and the lines raise it."""
    known = from_sqlstate(error.sqlstate, "", None, None) if isinstance(error, asyncpg.PostgresError) else None
    if known is not None:
        known.__cause__ = error
    return known or error


class Picky:
    """A statement that fails with item 7 in it; keeps what it was asked and what it wrote."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0
        self.written: list[int] = []

    async def __call__(self, items: list[int]) -> list[int]:
        self.asked += 1
        if 7 in items:
            raise raised(self.error)
        self.written += items
        return items


@pytest.mark.parametrize("error", REFUSALS, ids=lambda e: type(e).__name__)
async def test_whatever_postgresql_refuses_is_found_among_many_and_nothing_is_written_twice(error: Exception) -> None:
    picky = Picky(error)
    answers = await flush_parts(picky, list(range(500)))
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [7]
    assert picky.written == [n for n in range(500) if n != 7], "once each, in order"
    assert picky.asked <= 2 * 9 + 1


@pytest.mark.parametrize("error", TROUBLES, ids=lambda e: type(e).__name__)
async def test_nothing_is_tried_again_where_it_may_have_been_written(error: Exception) -> None:
    picky = Picky(error)
    answers = await flush_parts(picky, list(range(10)))
    assert picky.asked == 1
    assert all(isinstance(answer, Exception) for answer in answers)


async def test_looking_for_the_bad_one_ends() -> None:
    picky = Picky(asyncpg.QueryCanceledError("canceling statement due to statement timeout"))
    answers = await flush_parts(picky, list(range(10)), seconds=0)
    assert picky.asked == 1
    assert {getattr(answer, "code", "") for answer in answers} == {"unavailable"}
