"""The stand-ins' own HTTP answers programs on this machine, and no page that is open in a browser."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.config import Settings
from app.local import wiring
from tests.servers import Background, serving

SECONDS = 60


@pytest.fixture
def desk(background: Background, tmp_path: Path) -> Iterator[str]:
    """As `make run` opens it: mail catcher and transcoder."""
    stack = contextlib.AsyncExitStack()
    names = ("S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "MEDIACONVERT_WEBHOOK_KEY")
    env = dict.fromkeys(names, "http://127.0.0.1:1")
    app = background.run(wiring.open_desk(stack, Settings(), tmp_path, env, {"smtp": 0}))
    with serving(app, background) as url:
        yield url
    background.run(stack.aclose())


@pytest.mark.parametrize("path", ["/messages", "/2017-08-29/jobs", "/_control", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:80"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_no_page_reads_mails_or_gives_work(desk: str, path: str, headers: dict[str, str]) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert httpx.request(method, desk + path, headers=headers, timeout=SECONDS).status_code == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_programs_and_who_types_the_address_get_answers(desk: str, name: str) -> None:
    headers = {"Host": f"{name}:{desk.rpartition(':')[2]}", "Sec-Fetch-Site": "none"}
    assert httpx.get(f"{desk}/messages", headers=headers, timeout=SECONDS).json() == {"items": []}
    # No key, so no work; but it is the transcoder that says so.
    assert "Authentication" in httpx.get(f"{desk}/2017-08-29/jobs", timeout=SECONDS).json()["message"]
