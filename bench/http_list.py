"""GET /api/videos over 100,000 rows, beside a bare Starlette + asyncpg handler with the same SQL."""

from __future__ import annotations

import asyncio
import contextlib

import psycopg

from bench.bare import SQL
from bench.result import Bar, Result, median, percentile
from bench.site import Load, library_database, load, serving

ROUNDS = 7
SECONDS = 4.0
CONNECTIONS = 16


def main() -> None:
    with contextlib.ExitStack() as stack:
        dsn = library_database()
        service = stack.enter_context(serving(dsn, "-m", "app", "serve"))
        bare = stack.enter_context(serving(dsn, "-m", "bench.bare"))
        ours, theirs = asyncio.run(measure(service, bare))
        plan = explain(dsn)
    save(ours, theirs, plan)


async def measure(service: str, bare: str) -> tuple[list[Load], list[Load]]:
    ours, theirs = [], []
    for url in (service, bare):
        await load(url, "/api/videos", CONNECTIONS, 1)
    for _ in range(ROUNDS):
        theirs.append(await load(bare, "/api/videos", CONNECTIONS, SECONDS))
        ours.append(await load(service, "/api/videos", CONNECTIONS, SECONDS))
    return ours, theirs


def explain(dsn: str) -> str:
    """The plan inside the function, as auto_explain tells it."""
    said: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for line in ("load 'auto_explain'", "set auto_explain.log_min_duration = 0",
                     "set auto_explain.log_nested_statements = on", "set client_min_messages = log"):  # fmt: skip
            connection.execute(line.encode())
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        connection.execute(SQL.encode())
    return next(text for text in said if "videos_newest" in text)


def save(ours: list[Load], theirs: list[Load], plan: str) -> None:
    def rate(rounds: list[Load]) -> float:
        return median([r.rate for r in rounds])

    def p99(rounds: list[Load]) -> float:
        return median([percentile(r.seconds, 0.99) for r in rounds])

    def row(name: str, rounds: list[Load]) -> list[str]:
        middle = median([percentile(r.seconds, 0.5) for r in rounds])
        return [name, f"{rate(rounds):.0f}", f"{middle * 1000:.1f}", f"{p99(rounds) * 1000:.1f}"]

    Result(
        id="3-list",
        title="GET /api/videos over 100,000 rows",
        columns=["server", "requests/s", "p50 ms", "p99 ms"],
        rows=[row("bare Starlette + asyncpg, same SQL", theirs), row("Trunkline", ours)],
        bars=[
            Bar("GET /api/videos, requests/s ÷ bare handler", round(rate(ours) / rate(theirs), 2), 0.7, True),
            Bar("GET /api/videos, p99 ÷ bare handler", round(p99(ours) / p99(theirs), 2), 1.5, False),
        ],
        notes=[
            f"Median of {ROUNDS} alternating rounds of {SECONDS:g} s with {CONNECTIONS} connections; one process each.",
            "Trunkline runs complete: access log, security headers, request ids, worker and listener in the process.",
        ],
        plan=plan,
    ).save()
