"""A2 to A4: whatever is sent to the account endpoints, the answer is a refusal in our shape and never a fault."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from app.pg.pool import Database
from app.routes import ENDPOINTS
from app.routes.http import Access
from tests.attacks.test_tokens import path
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import PASSWORD, SAME_ORIGIN, log_in, make_user

ALWAYS = ("error", "message", "request_id")
OURS = [
    e
    for e in ENDPOINTS
    if e.path.startswith(("/api/auth", "/api/users")) and e.tag in ("accounts", "users") and e.body is not None
]
NASTY = [
    *("\x00", "a\x00b", "\u202eabc", "\x1b[31m", "' or 1=1 --", "../../etc/passwd", ""),
    *("x" * 10_000, "é" * 300, "😀" * 128),
]
values = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=200),
    st.integers(),
    st.sampled_from([-1, 2**31, 2**63, 2**64, 1e308, -0.0]),
    st.none(),
    st.booleans(),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)
GOOD = {
    "username": "somebody",
    "login": "somebody",
    "email": "somebody@example.com",
    "password": PASSWORD,
    "current_password": PASSWORD,
    "new_password": "fine words here",
    "token": "x" * 43,
    "content_type": "image/png",
    "size": 10,
    "key": "avatars/x.png",
}


@pytest.fixture
async def app(settings: Any) -> AsyncIterator[Starlette]:
    off = {f.name: "off" for f in dataclasses.fields(settings) if f.name.startswith("limit_")}
    async with running_app(dataclasses.replace(settings, **off)) as built:
        yield built


@pytest.fixture
async def headers(client: httpx.AsyncClient, db: Database) -> dict[str, str]:
    return await log_in(client, (await make_user(db)).username)


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        body = answer.json()
        assert set(ALWAYS) <= set(body) <= {*ALWAYS, "fields", "field_codes"}


@pytest.mark.parametrize("endpoint", OURS, ids=lambda e: f"{e.method} {e.path}")
async def test_no_body_makes_a_fault(client: httpx.AsyncClient, headers: dict[str, str], endpoint: Any) -> None:
    fields = list(endpoint.body.__struct_fields__)

    async def send(body: Any) -> None:
        content = json.dumps(body).encode("utf-8", "surrogatepass")
        sent = {**headers, **SAME_ORIGIN, "Content-Type": "application/json"}
        check(await client.request(endpoint.method, path(endpoint), content=content, headers=sent))

    good = {name: GOOD[name] for name in fields if name in GOOD}
    # Cheap: every field with every nasty value; then what hypothesis thinks of.
    for name in fields:
        value: Any
        for value in [*NASTY, 0, -1, 2**63, 1e308, None, True, [], {}]:
            await send({**good, name: value})
    drawn: list[Any] = []

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.fixed_dictionaries({name: values for name in fields}), values))
    def draw(body: Any) -> None:
        drawn.append(body)

    draw()
    for body in drawn:
        await send(body)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"login": 1e400, "password": "x"}',
        b'{"login": NaN, "password": "x"}',
        b'{"login": "a", "login": "b", "password": "x", "__proto__": {"role": "admin"}}',
        b'{"login": "\\ud800", "password": "x"}',
        b'{"login": "\\udc00\\ud800", "password": "x"}',
        b'{"login": "\xed\xa0\x80", "password": "x"}',
        b'{"login": "\xff", "password": "x"}',
        b'{"login": "\\u0000", "password": "x"}',
        b"\xef\xbb\xbf{}",
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"9" * 100_000,
    ],
    ids=lambda c: repr(c[:24]),
)
async def test_what_is_no_json_for_us_is_refused_quickly(client: httpx.AsyncClient, content: bytes) -> None:
    took = []
    for _ in range(3):
        # The work of this thread: a machine that stands still in between is not the reader's fault.
        started = time.thread_time()
        answer = await client.post("/api/auth/login", content=content, headers={"Content-Type": "application/json"})
        took.append(time.thread_time() - started)
        assert answer.status_code in (400, 422), answer.text
        check(answer)
    assert min(took) < 0.25


@pytest.mark.parametrize("name", ["%00", "%ed%a0%80", "%ff", "..%2f..", "x" * 5000, "%E2%80%AEabc", "a'b", "😀"])
async def test_no_path_makes_a_fault(client: httpx.AsyncClient, headers: dict[str, str], name: str) -> None:
    for endpoint in ENDPOINTS:
        if "{" in endpoint.path and endpoint.tag in ("accounts", "users"):
            url = endpoint.path.split("{")[0] + name
            answer = await client.request(endpoint.method, url, headers=headers)
            assert answer.status_code in (404, 405, 422), answer.text
            check(answer)


@pytest.mark.parametrize(
    "header",
    [
        {"User-Agent": "x" * 60_000},
        {"User-Agent": "\x1b[31m\r\n red".replace("\r\n", "")},
        {"Cookie": "rt=" + "x" * 60_000},
        {"Cookie": "rt=\xff\xfe; rt=2; ;;=;"},
        {"X-Request-Id": "a" * 5000},
        {"X-Forwarded-For": ", , ,x" * 1000},
        {"Content-Length": "-1"},
        {"Content-Length": "1e3"},
    ],
    ids=lambda h: next(iter(h)),
)
async def test_no_header_makes_a_fault(app: Starlette, db: Database, header: dict[str, str]) -> None:
    user = await make_user(db)
    raw = [(k.encode(), v.encode("latin-1")) for k, v in {**SAME_ORIGIN, **header}.items()]
    async with browser(app) as client:
        check(await client.post("/api/auth/refresh", headers=raw))
        content = json.dumps({"login": user.username, "password": PASSWORD}).encode()
        typed = [*raw, (b"content-type", b"application/json")]
        check(await client.post("/api/auth/login", content=content, headers=typed))


def test_every_account_endpoint_is_in_the_table() -> None:
    """The list of the issue and the contract."""
    table = {f"{e.method} {e.path}": e.access for e in ENDPOINTS}
    for line in (
        "POST /api/auth/register",
        "POST /api/auth/login",
        "POST /api/auth/refresh",
        "POST /api/auth/logout",
        "POST /api/auth/password/forgot",
        "POST /api/auth/password/reset",
        "POST /api/auth/email/verify",
        "GET /api/users/{username}",
    ):
        assert table[line] is Access.PUBLIC
    for line in (
        "GET /api/auth/me",
        "GET /api/auth/sessions",
        "DELETE /api/auth/sessions",
        "DELETE /api/auth/sessions/{id}",
        "POST /api/auth/password/change",
        "POST /api/auth/email/resend",
        "PATCH /api/users/me",
        "POST /api/users/me/avatar",
        "PUT /api/users/me/avatar",
        "DELETE /api/users/me/avatar",
    ):
        assert table[line] is Access.USER
