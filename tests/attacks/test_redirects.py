"""Where a slash too many leads: to a path of ours, whatever host and scheme the request was made with."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from tests.routes.test_media import scope_of


async def location(app: Starlette, raw_path: str, host: bytes = b"localhost:8080") -> tuple[int, str | None]:
    found: dict[str, object] = {}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        found.update(message)

    path, _, query = raw_path.partition("?")
    scope = scope_of(path) | {"headers": [(b"host", host)], "query_string": query.encode()}
    await app(scope, receive, send)
    headers = found.get("headers", [])
    assert isinstance(headers, list)
    return int(str(found.get("status", 0))), dict(headers).get(b"location", b"").decode() or None


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/lives/", "/lives"), ("/lives//", "/lives"), ("//lives", "/lives"),
        ("/api/videos/?limit=2", "/api/videos?limit=2"),
        ("/videos/AAAAAAAAAAAA/", "/videos/AAAAAAAAAAAA"), ("/lives/%0d%0aX:%20y/", "/lives/%0D%0AX%3A%20y"),
        ("/lives/%5cevil.example/", "/lives/%5Cevil.example"),
    ],
)  # fmt: skip
async def test_a_slash_too_many_leads_to_a_path_of_ours(app: Starlette, path: str, wanted: str) -> None:
    assert await location(app, path) == (307, wanted)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example",
        "/%5cevil.example/",
        "/%2f%2fevil.example/",
        "/nothing/",
        "///",
        "/lives/a/b/",
    ],
)
async def test_nothing_leads_away(app: Starlette, path: str) -> None:
    _, place = await location(app, path)
    assert place is None or (place.startswith("/") and not place.startswith(("//", "/\\")) and "evil" not in place)


async def test_what_is_sent_is_not_led_elsewhere(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/login/", json={})
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
