"""A21, A22: other sites' pages and what carries a cookie."""

from __future__ import annotations

import dataclasses

import httpx
import pytest

from app.auth.origin import is_own_origin
from app.config import ConfigError, Settings, load
from app.pg.pool import Database
from app.routes import ENDPOINTS
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import PASSWORD, signed_in

HEADER = {"X-Requested-With": "trunkline"}
OWN = "http://localhost:8080"


@pytest.mark.parametrize("url", ["/api/auth/refresh", "/api/auth/logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": OWN},
        HEADER,
        {**HEADER, "Sec-Fetch-Site": "cross-site"},
        {**HEADER, "Sec-Fetch-Site": "same-site"},
        {**HEADER, "Sec-Fetch-Site": "none"},
        {**HEADER, "Origin": "null"},
        {**HEADER, "Origin": "http://localhost:8081"},
        {**HEADER, "Origin": "http://localhost:8080.evil.example"},
        {**HEADER, "Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {**HEADER, "Origin": OWN, "Sec-Fetch-Site": "cross-site", "Host": "localhost:9"},
        {**HEADER, "Referer": OWN + "/"},
        {"X-Requested-With": "XMLHttpRequest", "Origin": OWN},
    ],
)
async def test_other_pages_are_refused(
    client: httpx.AsyncClient, db: Database, url: str, headers: dict[str, str]
) -> None:
    await signed_in(client, db)
    if headers.get("Host"):
        headers = {**headers, "Origin": "http://localhost:1"}
    answer = await client.post(url, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "wrong_origin")
    assert await db.fetchval("select generation from sessions where revoked_at is null") == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OWN},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": OWN, "Sec-Fetch-Site": "same-origin"},
        # An address of the same machine that is not the one in PUBLIC_URL.
        {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080"},
    ],
)
async def test_own_pages_pass(client: httpx.AsyncClient, db: Database, headers: dict[str, str]) -> None:
    await signed_in(client, db)
    cookie = f"rt={client.cookies['rt']}"
    client.cookies.clear()
    answer = await client.post("/api/auth/refresh", headers={**HEADER, **headers, "Cookie": cookie})
    assert answer.status_code == 200, answer.text


async def test_a_further_origin_passes_when_it_is_named(settings: Settings, db: Database) -> None:
    settings = dataclasses.replace(settings, allowed_origins=("https://app.example.com", "https://b.example.com/"))
    async with running_app(settings) as app, browser(app) as client:
        await signed_in(client, db)
        for origin, status in (
            ("https://app.example.com", 200),
            ("https://b.example.com", 200),
            ("https://app.example.com.evil.example", 403),
        ):
            answer = await client.post("/api/auth/refresh", headers={**HEADER, "Origin": origin})
            assert answer.status_code == status, origin


async def test_a_plain_page_of_the_same_name_is_none_of_ours_where_ours_is_https(settings: Settings) -> None:
    settings = dataclasses.replace(settings, public_url="https://video.example.com/")
    async with running_app(settings) as app, browser(app, base_url="https://video.example.com") as client:
        for origin, code in (
            ("http://video.example.com", "wrong_origin"),
            ("http://video.example.com:443", "wrong_origin"),
            ("https://video.example.com", "not_signed_in"),
        ):
            answer = await client.post("/api/auth/refresh", headers={**HEADER, "Origin": origin})
            assert answer.json()["error"] == code, origin


OTHERS = ["null", "", "http://evil.example", "http://localhost:8080.evil.example", "http://localhost:8081"]


@pytest.mark.parametrize("origin", OTHERS)
def test_sockets_and_cookies_have_one_rule_of_origins(settings: Settings, origin: str) -> None:
    assert not is_own_origin(origin, "localhost:8080", settings)
    for own in (OWN, "http://127.0.0.1:8080", "http://[::1]:8080"):
        assert is_own_origin(own, "localhost:8080", settings)
    # Through a tunnel: what the browser calls us is one of our names, or the request would not have come this far.
    assert is_own_origin("http://localhost:9000", "localhost:9000", settings)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://Video.Example.org/", "https://video.example.org"),
        ("https://video.example.org:443", "https://video.example.org"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_addresses_of_ours_are_kept_as_browsers_write_them(given: str, meant: str) -> None:
    assert load({"PUBLIC_URL": given}).public_url == meant
    assert load({"ALLOWED_ORIGINS": f"{given}, https://b.example"}).allowed_origins == (meant, "https://b.example")


@pytest.mark.parametrize(
    "url", ["https://example.org/video", "example.org", "ftp://example.org", "https://a@b.org", "*"]
)
@pytest.mark.parametrize("name", ["PUBLIC_URL", "ALLOWED_ORIGINS"])
def test_an_address_that_cannot_be_one_of_pages_is_named(name: str, url: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be http"):
        load({name: url})


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_what_a_form_can_send_is_no_json(client: httpx.AsyncClient, content_type: str) -> None:
    body = b'{"username": "mallory", "email": "m@example.com", "password": "%s"}' % PASSWORD.encode()
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await client.post("/api/auth/register", content=body, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost:8080.evil.example", OWN])
async def test_no_other_origin_may_read_answers(client: httpx.AsyncClient, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = await client.request(method, "/api/auth/me", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_reading_changes_nothing() -> None:
    """No GET has a body; each that is listed was looked at."""
    assert [e.path for e in ENDPOINTS if e.method == "GET" and e.body is not None] == []
