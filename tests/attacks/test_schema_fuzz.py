"""What the OpenAPI document promises, asked at random by schemathesis: no fault of ours, answers as described."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from app.config import Settings
from app.main import build_app
from app.pg.pool import Database
from tests.attacks.world import unlimited
from tests.factories import SAME_ORIGIN, make_user
from tests.lives import make_live
from tests.servers import S3Server, connected
from tests.videos import make_video

EXAMPLES = 6
# They end the session the others need; test_sessions has them.
LEFT_OUT = {"delete_api_auth_sessions", "post_api_auth_logout"}


@pytest.fixture
def url(settings: Settings, s3: S3Server) -> Iterator[str]:
    """The service on a real port: schemathesis speaks to it from outside."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    served = dataclasses.replace(unlimited(connected(settings, s3)), public_url=address)
    server = uvicorn.Server(uvicorn.Config(build_app(served), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    pause = threading.Event()
    while not server.started:
        assert thread.is_alive()
        pause.wait(0.02)
    yield address
    server.should_exit = True
    thread.join(60)
    assert not thread.is_alive()


async def prepare(settings: Settings, url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Headers of somebody signed in, and the ids of a video and a live of theirs by the address they stand in."""
    db = Database.from_settings(settings)
    user = await make_user(db)
    video = await make_video(db, user.id)
    live = await make_live(db, user.id)
    await db.close()
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        answer = await client.post("/api/auth/login", json={"login": user.username, "password": user.password})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"} | SAME_ORIGIN, {
        "/api/videos/{id}": video.id,
        "/api/lives/{id}": live.id,
    }


def test_no_answer_is_a_fault_or_unlike_its_description(settings: Settings, url: str) -> None:
    headers, ids = asyncio.run(prepare(settings, url))
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    asked = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        name = operation.definition.raw["operationId"]
        if name not in LEFT_OUT:
            asked.add(name)
            ask(operation, headers, ids)
    assert len(asked) > 30


def ask(operation: Any, headers: dict[str, str], ids: dict[str, str]) -> None:
    @hypothesis_settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy())
    def once(case: Any) -> None:
        for path, id in ids.items():
            if operation.path.startswith(path) and (operation.path, operation.method) != (path, "delete"):
                case.path_parameters["id"] = id
        answer = case.call(headers=headers, timeout=60)
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    once()
