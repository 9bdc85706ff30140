"""Nothing may be asked, or written, as often as somebody likes."""

from __future__ import annotations

import dataclasses

import httpx
import pytest

from app.config import Settings
from app.pg.limits import LIMITS
from app.pg.pool import Database
from app.routes import ENDPOINTS
from app.routes.chat import ENDPOINTS as CHAT
from tests.attacks.world import Belongings, make_belongings
from tests.factories import SAME_ORIGIN

# Counted elsewhere: what is said in a chat by app/pg/chat.py, for sockets too; a webhook by its key.
COUNTED_ELSEWHERE = {(e.method, e.path) for e in CHAT} | {("POST", "/hooks/mediaconvert")}
SOME = "2/900000"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, limit_position=SOME, limit_read=SOME, limit_refresh=SOME)


@pytest.fixture
async def own(client: httpx.AsyncClient, db: Database) -> Belongings:
    return await make_belongings(client, db)


def test_everything_that_writes_has_a_limit() -> None:
    unlimited = {(e.method, e.path) for e in ENDPOINTS if e.method != "GET" and e.limit is None}
    assert unlimited <= COUNTED_ELSEWHERE
    assert {e.limit for e in ENDPOINTS if e.limit} <= set(LIMITS)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/videos/{id}/position"), ("GET", "/api/videos/{id}/related"), ("GET", "/api/videos/{id}/playback"),
        ("GET", "/api/lives/{id}/messages"), ("GET", "/api/uploads"), ("POST", "/api/auth/logout"),
    ],
)  # fmt: skip
async def test_asking_again_and_again_is_refused(
    client: httpx.AsyncClient, own: Belongings, method: str, path: str
) -> None:
    url = own.fill(path)
    assert url is not None
    body = {"json": {"seconds": 1}} if method == "PUT" else {}
    headers = own.headers | SAME_ORIGIN
    statuses = [(await client.request(method, url, headers=headers, **body)).status_code for _ in range(3)]  # type: ignore[arg-type]
    assert statuses[0] < 300
    assert statuses[2] == 429
