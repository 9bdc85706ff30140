"""Hostile values in every path, query and body of every endpoint: refused, in time, and never a fault of ours."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings

from app.config import Settings
from app.pg.pool import Database
from app.routes import ENDPOINTS
from app.routes.http import Endpoint
from tests.attacks.world import Belongings, make_belongings, unlimited
from tests.factories import SAME_ORIGIN
from tests.servers import S3Server, connected

TEXTS = [
    "", " ", "'", "' or 1=1 --", "'; drop table videos; --", "1e3", "-1", "0", "2147483648", "9223372036854775808",
    "1" * 400, "NaN", "null", "true", "\x00", "\u202e", "💥" * 50, "x" * 5000, "../../etc/passwd", "%00", "${7*7}",
    "{{7*7}}", "\\", '"', "a,b", "[]", "<script>alert(1)</script>", "\r\nX-Evil: 1", "__proto__", "𠮷", "\u0301" * 100,
]  # fmt: skip
RAW = [
    b"", b"{", b"[]", b"null", b"0", b'"text"', b"\xff\xfe", b"{\"a\":1e400}", b"[" * 10_000 + b"]" * 10_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"title":NaN}', b'{"title":"a","title":"b"}', b'{"__proto__":{}}',
    b'{"title":"\\ud800"}', b'{"title":"\\u0000"}', b'{"size":9223372036854775808}', b'{"size":-1}', b'{"size":1.5}',
]  # fmt: skip
VALUES: list[Any] = [None, True, -1, 0, 1.5, 2**31, 2**63, 10**30, [], {}, [None], [[]] * 3, {"a": {}}, *TEXTS[:16]]

# Of this thread's own work: a machine that stands still is not the service's fault. What takes PostgreSQL long ends
# with its statement timeout, and is a fault.
SLOW_SECONDS = 1


@pytest.fixture
def settings(settings: Settings, s3: S3Server) -> Settings:
    return unlimited(connected(settings, s3))


class Attacker:
    """Sends as a signed-in user, and signs in again when a request ended the session."""

    def __init__(self, client: httpx.AsyncClient, db: Database) -> None:
        self.client = client
        self.db = db
        self.wrong: list[str] = []
        self.count = 0
        self.own: Belongings | None = None

    async def send(self, endpoint: Endpoint, path: str, **request: Any) -> None:
        if self.own is None:
            self.own = await make_belongings(self.client, self.db)
        request["headers"] = self.own.headers | SAME_ORIGIN | request.get("headers", {})
        started = time.thread_time()
        answer = await self.client.request(endpoint.method, path, **request)
        took = time.thread_time() - started
        self.count += 1
        said = f"{endpoint.method} {path[:80]} {str(request.get('content', request.get('json', '')))[:80]}"
        if answer.status_code >= 500:
            self.wrong.append(f"{said}: {answer.status_code} {answer.text[:100]}")
        if took > SLOW_SECONDS:
            self.wrong.append(f"{said}: worked for {took:.2f} s")
        if answer.status_code == 401:
            self.own = None

    def path(self, endpoint: Endpoint) -> str:
        known = self.own.fill(endpoint.path) if self.own else None
        return known or with_text(endpoint.path, "x")


def with_text(path: str, text: str) -> str:
    """Each placeholder replaced by a text, escaped as a client must."""
    parts = [quote(text, safe="") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def json_body(value: Any) -> dict[str, Any]:
    content = json.dumps(value, ensure_ascii=True).encode()
    return {"content": content, "headers": {"content-type": "application/json"}}


@pytest.fixture
def attacker(client: httpx.AsyncClient, db: Database) -> Attacker:
    return Attacker(client, db)


async def test_every_path_and_query_takes_every_text(attacker: Attacker) -> None:
    for endpoint in ENDPOINTS:
        names = endpoint.query.__struct_fields__ if endpoint.query else ()
        for text in TEXTS:
            if "{" in endpoint.path:
                await attacker.send(endpoint, with_text(endpoint.path, text))
            for name in names:
                await attacker.send(endpoint, f"{attacker.path(endpoint)}?{name}={quote(text)}")
            if names:
                await attacker.send(endpoint, f"{attacker.path(endpoint)}?{quote(text)}=1&x[]={quote(text)}")
    assert attacker.wrong == []
    assert attacker.count > 500


async def test_every_body_takes_everything(attacker: Attacker) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.body is None:
            continue
        for raw in RAW:
            await attacker.send(
                endpoint, attacker.path(endpoint), content=raw, headers={"content-type": "application/json"}
            )
        for name in endpoint.body.__struct_fields__:
            for value in VALUES:
                await attacker.send(endpoint, attacker.path(endpoint), **json_body({name: value}))
    assert attacker.wrong == []
    assert attacker.count > 500


SHARED = hypothesis_settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
SCALARS = strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text()


def nested(inner: strategies.SearchStrategy[Any]) -> strategies.SearchStrategy[Any]:
    return strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner)


JSONS = strategies.recursive(SCALARS, nested, max_leaves=5)


@SHARED
@given(strategies.data())
async def test_whatever_comes_it_is_no_fault_of_ours(attacker: Attacker, data: strategies.DataObject) -> None:
    endpoint = data.draw(strategies.sampled_from(ENDPOINTS))
    safe = strategies.text(strategies.characters(codec="utf-8"), min_size=1)
    path = with_text(endpoint.path, data.draw(safe)) if data.draw(strategies.booleans()) else attacker.path(endpoint)
    if endpoint.query:
        chosen = data.draw(strategies.dictionaries(strategies.sampled_from(endpoint.query.__struct_fields__), safe))
        path += "?" + "&".join(f"{name}={quote(text)}" for name, text in chosen.items())
    request: dict[str, Any] = {}
    if endpoint.body is not None:
        names = strategies.sampled_from(endpoint.body.__struct_fields__ or ("x",)) | safe
        request = json_body(data.draw(strategies.dictionaries(names, JSONS) | JSONS))
    await attacker.send(endpoint, path, **request)
    assert attacker.wrong == []
