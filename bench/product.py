"""The real service for the chat measures: `python -m app serve` on a PostgreSQL of its own, people and lives in it.

Lives are made, started and read through the API. People are made by the product's SQL functions, since hashing
thousands of passwords is not what is measured; each socket that writes signs in with a ticket of its own.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

import httpx
import psycopg

from app.pg.ticket import hashed
from bench.chat import Served
from bench.machine import SERVER_CORE, Child, Postgres, python, running, wait_for_port
from tests.cluster import free_port

# What one load client on one address needs; everything else as `make run` has it. Moderation, slow mode and the
# rest are judged for every message; the rate limit per person stays on, but lets a person write 20 a second.
RAISED = {
    "SOCKET_MAX_PER_ADDRESS": "50000",
    "HTTP_MAX_PER_ADDRESS": "50000",
    "SOCKET_TICKET_SECONDS": "600",
    "SOCKET_ACCEPTS_PER_SECOND": "5000",
    "LIMIT_CHAT": "100/5",
    "LIMIT_LIVE_CREATE": "off",
    "LIMIT_WRITE": "off",
    "LIMIT_READ": "off",
    "LIVE_MAX_OPEN": "1000",
}
PEOPLE = """
with person as (
  select ticket,
    account.create_user('bench_' || n, 'bench_' || n || '@example.org', 'none', 'Bench ' || n, 'en', 1) as id
  from unnest(%s::bytea[]) with ordinality t(ticket, n)
), signed_in as (
  select ticket, id, account.open_session(id, ticket, '127.0.0.1', 'bench', 86400) as session from person
)
select rt.issue_ticket(ticket, id, session::text, interval '10 minutes') from signed_in
"""


@contextlib.contextmanager
def serve(pg: Postgres, sockets: int, writers: int, rooms: int = 1, processes: int = 1) -> Iterator[Served]:
    """The service in `processes` processes on ports of their own, `rooms` lives on air, `writers` tickets."""
    dsn = pg.migrated("chat")
    with contextlib.ExitStack() as stack:
        served = Served("trunkline", [], [], [])
        bases = []
        for _ in range(processes):
            base, child = start(stack, dsn)
            bases.append(base)
            served.urls.append(base.replace("http", "ws") + "/ws")
            served.children.append(child)
        served.rooms = make_lives(bases[0], rooms)
        served.tickets = make_people(dsn, writers)
        yield served


def start(stack: contextlib.ExitStack, dsn: str) -> tuple[str, Child]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {"DATABASE_URL": dsn, "PORT": str(port), "PUBLIC_URL": url, **RAISED}
    child = stack.enter_context(running([*python("app"), "serve"], SERVER_CORE, env))
    wait_for_port(port, child)
    return url, child


def make_lives(url: str, n: int) -> list[str]:
    """Public ids of lives on air, of one creator."""
    name = f"bench_{secrets.token_hex(4)}"
    with httpx.Client(base_url=url, timeout=30) as http:
        person = {"username": name, "email": f"{name}@example.org", "password": secrets.token_urlsafe(16)}
        http.headers["authorization"] = f"Bearer {ask(http, '/api/auth/register', person)['access_token']}"
        ids = [str(ask(http, "/api/lives", {"title": f"Live {i}"})["id"]) for i in range(n)]
        for id in ids:
            ask(http, f"/api/lives/{id}/start", {})
    return ids


def ask(http: httpx.Client, path: str, body: dict[str, str]) -> dict[str, object]:
    answer = http.post(path, json=body)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:300]}"
    told: dict[str, object] = answer.json() if answer.content else {}
    return told


def make_people(dsn: str, n: int) -> list[str]:
    """A ticket for each."""
    tickets = [secrets.token_urlsafe(24) for _ in range(n)]
    with psycopg.connect(dsn) as connection:
        connection.execute(PEOPLE.encode(), [[hashed(ticket) for ticket in tickets]])
    return tickets
