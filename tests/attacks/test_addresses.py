"""Whose request it is, behind proxies and with made-up headers."""

from __future__ import annotations

import dataclasses

import pytest
from starlette.requests import HTTPConnection

from app.addresses import client_ip, parse_networks
from app.config import ConfigError, Settings, load
from app.key_rules import REQUIRED_SECRETS
from tests.browser import browser
from tests.conftest import running_app

PRODUCTION = {
    **{name.upper(): "a test's secret, long enough for production" for name in REQUIRED_SECRETS},
    "TRUNKLINE_ENV": "production",
    "PUBLIC_URL": "https://video.example.com",
}


def seen(peer: str, proxies: str, *lines: str) -> str:
    headers = [(b"x-forwarded-for", line.encode()) for line in lines]
    asked = HTTPConnection({"type": "http", "headers": headers, "client": (peer, 1)})
    return client_ip(asked, load({"TRUSTED_PROXIES": proxies}).proxies)


@pytest.mark.parametrize(
    ("peer", "proxies", "lines", "address"),
    [
        # The line the client wrote stands before the one its proxy added.
        ("127.0.0.1", "127.0.0.1", ["6.6.6.6", "2.2.2.2"], "2.2.2.2"),
        ("127.0.0.1", "127.0.0.1", ["6.6.6.6, 2.2.2.2"], "2.2.2.2"),
        ("10.0.3.4", "10.0.0.0/16, 192.0.2.0/24", ["6.6.6.6", "2.2.2.2, 192.0.2.7", "10.0.200.1"], "2.2.2.2"),
        ("10.1.3.4", "10.0.0.0/16", ["2.2.2.2"], "10.1.3.4"),
        ("10.0.0.1", "", ["2.2.2.2"], "10.0.0.1"),
        # Proxies all the way: the one farthest out asks for itself.
        ("10.0.0.1", "10.0.0.0/8", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", "10.0.0.0/8", [], "10.0.0.1"),
        # What is no address ends the walk at the proxy that passed it on.
        ("127.0.0.1", "127.0.0.1", ["2.2.2.2, <script>"], "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", ["2.2.2.2:1234"], "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", ["2.2.2.2", ""], "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", ["fe80::1%<script>"], "127.0.0.1"),
        ("127.0.0.1", "127.0.0.0/8", ["2.2.2.2, unknown, 127.0.0.9"], "127.0.0.9"),
        # An IPv4 peer of a socket for both, and IPv6 in its many spellings.
        ("::ffff:10.0.0.1", "10.0.0.0/8", ["2.2.2.2"], "2.2.2.2"),
        ("fd00::1", "fd00::/8", ["2001:DB8:0::1"], "2001:db8::1"),
        ("testclient", "10.0.0.0/8", ["2.2.2.2"], "testclient"),
    ],
)
def test_read_from_the_right_by_proxies_of_ours(peer: str, proxies: str, lines: list[str], address: str) -> None:
    assert seen(peer, proxies, *lines) == address


async def test_a_first_line_of_ones_own_does_not_escape_a_limit(settings: Settings) -> None:
    behind = dataclasses.replace(settings, limit_login="2/900000", trusted_proxies=("127.0.0.0/8",))
    async with running_app(behind) as app, browser(app, "127.0.0.1") as proxy:
        answers = []
        for n in range(3):
            lines = [("X-Forwarded-For", f"6.6.6.{n}"), ("X-Forwarded-For", "2.2.2.2")]
            body = {"login": f"user_{n}", "password": "wrong words here"}
            answers.append((await proxy.post("/api/auth/login", json=body, headers=lines)).status_code)
        assert answers == [401, 401, 429]
        answer = await proxy.post("/api/auth/login", json=body, headers={"X-Forwarded-For": "2.2.2.3"})
        assert answer.status_code == 401


@pytest.mark.parametrize("wrong", ["proxy.example.com", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.1:80"])
def test_what_names_no_proxy_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ConfigError, match="TRUSTED_PROXIES must be addresses or networks"):
        load({"TRUSTED_PROXIES": wrong})


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0", "10.0.0.1, 0.0.0.0/1, 128.0.0.0/1"])
def test_production_does_not_believe_everybody(everybody: str) -> None:
    with pytest.raises(ConfigError, match="must not take in everybody"):
        load(PRODUCTION | {"TRUSTED_PROXIES": everybody})
    assert load(PRODUCTION | {"TRUSTED_PROXIES": "10.0.0.0/8"}).proxies == parse_networks(("10.0.0.0/8",))
