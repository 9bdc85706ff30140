"""A20, A23: what every answer carries, and forged hosts."""

from __future__ import annotations

import dataclasses

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.config import Settings
from app.key_rules import REQUIRED_SECRETS
from app.middleware import media_origins, security_headers
from app.pg.pool import Database
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import SAME_ORIGIN, signed_in

PRODUCTION = {
    **dict.fromkeys(REQUIRED_SECRETS, "a test's secret, long enough for production"),
    "trunkline_env": "production",
    "public_url": "https://video.example.com",
}


def check_headers(answer: httpx.Response) -> None:
    csp = {d.split()[0]: d.split()[1:] for d in answer.headers["content-security-policy"].split("; ")}
    for name, value in (("object-src", "'none'"), ("base-uri", "'none'"), ("frame-ancestors", "'none'")):
        assert csp[name] == [value]
    assert csp["script-src"] == ["'self'"]
    # 'self' is also our own socket (CSP 3, 6.7.2.8); a bare ws: would be everybody's.
    assert not {"ws:", "wss:", "http:", "https:"} & {source for sources in csp.values() for source in sources}
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & {*csp["default-src"], *csp["style-src"]}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers


async def test_every_kind_of_answer_carries_them(app: Starlette, client: httpx.AsyncClient, db: Database) -> None:
    async def broken(request: Request) -> Response:
        raise ZeroDivisionError

    app.router.routes.insert(0, Route("/broken", broken))
    headers = await signed_in(client, db)
    asked = [
        ("GET", "/health", 200, None),
        ("GET", "/api/auth/me", 200, None),
        ("POST", "/api/auth/logout", 403, None),
        ("POST", "/api/auth/login", 422, None),
        ("POST", "/api/auth/login", 413, b"x" * 1_100_000),
        ("GET", "/api/nothing/here", 404, None),
        ("TRACE", "/api/auth/me", 405, None),
        ("GET", "/broken", 500, None),
    ]
    for method, url, status, body in asked:
        sent = {**headers, "Content-Type": "application/json"} if body else headers
        answer = await client.request(method, url, content=body, headers=sent)
        assert answer.status_code == status, (url, answer.text)
        check_headers(answer)
        if status >= 400:
            assert answer.json()["request_id"] == answer.headers["x-request-id"]
        assert "Traceback" not in answer.text
        assert "ZeroDivision" not in answer.text


async def test_no_cache_keeps_what_one_person_may_see(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    for url in ("/api/auth/me", "/api/videos", "/api/lives", "/api/users/me/videos", "/api/uploads", "/api/no/such"):
        answer = await client.get(url, headers=headers)
        assert answer.headers["cache-control"] == "no-store", url
    assert (await client.get("/api/auth/me")).headers["cache-control"] == "no-store"


def test_hsts_on_https_only() -> None:
    assert "strict-transport-security" in security_headers(True, "")
    assert "strict-transport-security" not in security_headers(False, "")


def test_the_policy_names_the_storage_of_the_settings() -> None:
    local = Settings(s3_endpoint="http://10.0.0.1:8333", s3_public_endpoint="https://s3.example.com/")
    assert media_origins(local) == "https://s3.example.com"
    assert "https://trunkline-uploads.s3.us-east-1.amazonaws.com" in media_origins(Settings()).split()


@pytest.mark.parametrize(
    "host", ["a/?x=", "evil.example/", "a b", "user@evil.example", "x:port", "", "[::1", "a\tb", "x" * 300, "a,b"]
)
async def test_a_malformed_host_is_refused_everywhere(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/api/auth/me", headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


async def test_two_hosts_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 400


async def test_production_answers_for_its_own_host_only(settings: Settings) -> None:
    settings = dataclasses.replace(settings, **PRODUCTION)  # type: ignore[arg-type]
    async with running_app(settings) as app, browser(app, base_url=settings.public_url) as client:
        for host, status in (
            ("video.example.com", 401),
            ("VIDEO.example.com:443", 401),
            ("video.example.com.evil.example", 400),
            ("evil.example", 400),
            ("127.0.0.1", 400),
        ):
            answer = await client.get("/api/auth/me", headers={"Host": host})
            assert answer.status_code == status, host
        assert (await client.get("/health", headers={"Host": "10.0.0.7:8080"})).status_code == 200


FOREIGN = [
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.localhost:8080",
]
OWN = ["localhost", "localhost:8080", "LOCALHOST:9", "127.0.0.1:8080", "[::1]:8080"]


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_laptop_answers_under_no_foreign_name(client: httpx.AsyncClient, host: str) -> None:
    """A page that had its own name resolved to this machine would be taken for ours (DNS rebinding)."""
    for path in ("/", "/dev/mail", "/api/videos", "/docs"):
        answer = await client.get(path, headers={"Host": host})
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_request"), path


async def test_a_laptop_answers_under_its_own_names_and_those_it_is_given(settings: Settings) -> None:
    settings = dataclasses.replace(
        settings, public_url="http://studio.lan:8080", allowed_origins=("https://tunnel.example",), host="192.0.2.7"
    )
    async with running_app(settings) as app, browser(app) as client:
        for host in [*OWN, "studio.lan:8080", "tunnel.example", "192.0.2.7:8080"]:
            assert (await client.get("/api/limits", headers={"Host": host})).status_code == 200, host
        for host in FOREIGN:
            assert (await client.get("/api/limits", headers={"Host": host})).status_code == 400, host


async def test_a_path_that_is_none_is_refused(app: Starlette) -> None:
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "@evil.example",
        "raw_path": b"@evil.example",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8080),
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 400


async def test_a_poisoned_host_changes_no_cookie_and_no_refusal(client: httpx.AsyncClient, db: Database) -> None:
    await signed_in(client, db)
    headers = {**SAME_ORIGIN, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = await client.post("/api/auth/refresh", headers=headers)
    assert answer.status_code == 200
    assert "evil" not in answer.text + answer.headers["set-cookie"]
