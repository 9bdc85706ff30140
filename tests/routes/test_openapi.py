"""The document says what the service does: every endpoint, every reference, no address from outside."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from app.routes import ENDPOINTS
from app.routes.openapi import document


@pytest.fixture
async def contents(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(item) for item in value.values()))
    return set().union(*(references(item) for item in value)) if isinstance(value, list) else set()


def test_no_two_endpoints_answer_the_same_address() -> None:
    addresses = [(e.method, re.sub(r"{\w+", "{", e.path)) for e in ENDPOINTS]
    assert sorted(addresses) == sorted(set(addresses))


async def test_every_endpoint_is_described(contents: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, methods in contents["paths"].items() for method in methods}
    assert described == {(e.method, re.sub(r":[a-z]+}", "}", e.path)) for e in ENDPOINTS}
    operations = [o for methods in contents["paths"].values() for o in methods.values()]
    names = [o["operationId"] for o in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]


async def test_the_document_is_sound(contents: dict[str, Any]) -> None:
    assert contents["openapi"].startswith("3.1")
    for reference in references(contents):
        name = reference.removeprefix("#/components/schemas/")
        assert name in contents["components"]["schemas"]
    for path, methods in contents["paths"].items():
        for operation in methods.values():
            inside = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert inside == set(re.findall(r"{(\w+)}", path))
            assert all(p["schema"] for p in operation["parameters"])
            assert any(status.startswith("2") for status in operation["responses"])
            for status, response in operation["responses"].items():
                if status >= "4":
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Problem"}


async def test_a_signed_in_endpoint_says_so(contents: dict[str, Any]) -> None:
    patch = contents["paths"]["/api/videos/{id}"]["patch"]
    assert patch["security"] == [{"access_token": []}]
    assert patch["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/VideoPatch"}
    assert "401" in patch["responses"]
    sort = next(p for p in contents["paths"]["/api/videos"]["get"]["parameters"] if p["name"] == "sort")
    assert sort["schema"]["enum"] == ["newest", "popular", "relevance"]


async def test_the_page_for_people_needs_nothing_from_outside(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    for endpoint in ENDPOINTS:
        assert re.sub(r":[a-z]+}", "}", endpoint.path) in page.text
    sources = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert all(source.startswith(("/", "#")) for source in sources)
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert (await client.get("/docs.css")).headers["content-type"].startswith("text/css")


async def test_it_is_made_once_and_not_sent_again(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    def counted(*args: Any) -> dict[str, Any]:
        nonlocal made
        made += 1
        return document(*args)

    monkeypatch.setattr("app.routes.documentation.document", counted)
    for path, kind in (("/openapi.json", "application/json"), ("/docs", "text/html; charset=utf-8")):
        first, second = [await client.get(path) for _ in range(2)]
        assert first.headers["content-type"] == kind
        assert first.content == second.content
        known = await client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
    assert made == 2
