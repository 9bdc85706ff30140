"""The webhook of the transcoder: who may tell news, that it is stored once, and what trouble looks like."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import secrets
import time
import uuid
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.pg.pool import Database
from tests.conftest import running_app

PATH = "/hooks/mediaconvert"


def news(**detail: Any) -> dict[str, Any]:
    metadata = {"video_id": "AAAAAAAAAAAA", "attempt": "1", "env": "local"}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "detail": {"jobId": "1-abc", "status": "PROGRESSING", "userMetadata": metadata} | detail,
    }


def key(settings: Settings) -> dict[str, str]:
    return {"X-Trunkline-Webhook-Key": settings.mediaconvert_webhook_key, "Range": "bytes=0-1048575"}


async def stored(db: Database) -> tuple[int, int]:
    row = await db.fetchrow("select (select count(*) from inbox) as i, (select count(*) from q.job) as j")
    assert row is not None
    return row["i"], row["j"]


async def test_a_body_that_breaks_off_is_no_fault_of_ours(app: Starlette, settings: Settings) -> None:
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    secret = settings.mediaconvert_webhook_key.encode()
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": PATH,
        "raw_path": PATH.encode(), "query_string": b"", "client": ("127.0.0.1", 1), "server": ("localhost", 8080),
        "headers": [(b"host", b"localhost"), (b"x-trunkline-webhook-key", secret)],
    }  # fmt: skip
    await app(scope, receive, send)
    assert statuses == [400]


async def test_news_is_stored_once_however_often_it_comes(
    client: httpx.AsyncClient, settings: Settings, db: Database
) -> None:
    event = news()
    answers = await asyncio.gather(*(client.post(PATH, json=event, headers=key(settings)) for _ in range(5)))
    assert [a.status_code for a in answers] == [204] * 5
    assert await stored(db) == (1, 1)
    # A later repeat, after it was applied, changes nothing either.
    await db.execute("update inbox set applied_at = now()")
    assert (await client.post(PATH, json=event, headers=key(settings))).status_code == 204
    assert await stored(db) == (1, 1)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Trunkline-Webhook-Key": ""}, {"X-Trunkline-Webhook-Key": "wrong"}, {"Authorization": "Bearer x"}],
)
async def test_without_the_key_nothing_is_believed(
    client: httpx.AsyncClient, settings: Settings, db: Database, headers: dict[str, str]
) -> None:
    # The key in the address is no key: addresses end up in logs.
    path = f"{PATH}?X-Trunkline-Webhook-Key={settings.mediaconvert_webhook_key[:20]}"
    answer = await client.post(path, json=news(), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "wrong_webhook_key")
    assert await stored(db) == (0, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"id": 5, "detail": {}}', 400),
        (b'{"id": "", "detail": {}}', 400),
        (json.dumps({"id": secrets.token_hex(50_000), "detail": {}}).encode(), 400),
        (b'{"id": "a", "detail": "x"}', 400),
        (b'{"id": "a\\u0000", "detail": {}}', 422),
        (b"[" * 100_000, 400),
        (json.dumps(news(padding="x" * 300_000)).encode(), 413),
        (b"x" * 10_000_000, 413),
    ],
)
async def test_what_is_no_event_is_refused(
    client: httpx.AsyncClient, settings: Settings, db: Database, body: bytes, status: int
) -> None:
    answer = await client.post(PATH, content=body, headers=key(settings))
    assert answer.status_code == status, answer.text
    assert await stored(db) == (0, 0)


async def test_with_the_database_away_the_sender_is_asked_to_come_back_soon(settings: Settings) -> None:
    # A port that nobody takes meanwhile.
    away = dataclasses.replace(settings, database_url="postgresql://postgres@127.0.0.1:9/none")
    async with running_app(away) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            started = time.monotonic()
            answer = await client.post(PATH, json=news(), headers=key(settings))
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    # At once on a machine that does not stand still; what must not be is to wait for the database.
    assert time.monotonic() - started < away.db_acquire_seconds / 2


async def test_a_crash_before_the_commit_answers_nothing_good(
    client: httpx.AsyncClient, settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.pg import media

    class Killed(BaseException):
        pass

    async def die(*_: Any) -> bool:
        raise Killed

    event = news()
    with monkeypatch.context() as patch:
        patch.setattr(media, "receive_transcode_event", die)
        with pytest.raises(Killed):
            await client.post(PATH, json=event, headers=key(settings))
    assert await stored(db) == (0, 0)
    assert (await client.post(PATH, json=event, headers=key(settings))).status_code == 204
    assert await stored(db) == (1, 1)
