"""Connections that say too much, too little or nothing: bounded, ended, and in nobody else's way."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from app.config import ConfigError, Settings, load
from app.realtime.http_line import HttpLine
from app.realtime.lines import Lines
from tests.attacks.lines import Line, line, lines_of
from tests.realtime.site import Site, open_site
from tests.signals import soon, until

HOST = b"Host: localhost:8080\r\n"
GET = b"GET /health HTTP/1.1\r\n" + HOST
POST = b"POST /api/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: trunkline.v1\r\n"
)


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    async with open_site(settings) as opened:
        yield opened


@pytest.mark.parametrize(
    ("parts", "statuses"),
    [
        ([GET + b"X: " + b"x" * 40_000 + b"\r\n\r\n"], {431}),
        ([b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"], {431}),
        ([GET + b"X: y\r\n" * 100 + b"\r\n"], {431}),
        # Never ended: lines, one line, a name.
        ([GET, *[b"X: " + b"x" * 10_000 + b"\r\n"] * 1000], {431, 0}),
        ([GET + b"X: ", *[b"x" * 10_000] * 1000], {431, 0}),
        ([GET, *[b"x" * 10_000] * 1000], {431, 0}),
        # After the head: what stands between the parts of a body, and after its last.
        ([POST + b"Transfer-Encoding: chunked\r\n\r\n2;", *[b"x" * 10_000] * 1000], {0}),
        ([POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", *[b"X: y\r\n" * 1000] * 1000], {0}),
        ([UPGRADE + b"X: y\r\n" * 120 + b"\r\n"], {431}),
        # More than the WebSocket library reads in a line; it must be answered all the same.
        ([UPGRADE + b"X: " + b"x" * 10_000 + b"\r\n\r\n"], {400}),
    ],
)  # fmt: skip
async def test_a_head_without_measure_is_refused(site: Site, parts: list[bytes], statuses: set[int]) -> None:
    async with line(site) as attacker:
        sending = asyncio.create_task(attacker.send(*parts))
        assert await attacker.status() in statuses
        await attacker.ended()
        await soon(sending)

    async def is_gone() -> bool:
        return not lines_of(site).open

    await until(is_gone)


async def test_the_words_of_a_refusal_arrive(site: Site) -> None:
    async with line(site) as attacker:
        await attacker.send(GET + b"X: y\r\n" * 100 + b"\r\n")
        answer = await attacker.ended()
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b'"error":"head_too_large"' in answer


async def test_a_head_within_measure_is_served(site: Site) -> None:
    async with line(site) as browser:
        await browser.send(GET + b"X: " + b"x" * 250 + b"\r\n" + b"X: y\r\n" * 90 + b"\r\n")
        assert await browser.status() == 200
    async with line(site) as browser:
        await browser.send(GET + b"Cookie: " + b"x" * 30_000 + b"\r\nConnection: close\r\n\r\n")
        assert await browser.status() == 200
    async with line(site) as browser:
        await browser.send(UPGRADE + b"X: y\r\n" * 80 + b"\r\n")
        assert await browser.status() == 101


@pytest.mark.parametrize(
    "said",
    [b"", b"GET /hea", GET, GET + b"X: y\r\n", b"\r\n",
     POST + b"Content-Length: 100\r\n\r\n{", POST + b"Content-Length: 100\r\n\r\n",
     POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"],
)  # fmt: skip
async def test_half_requests_are_not_waited_for(settings: Settings, said: bytes) -> None:
    quick = dataclasses.replace(settings, http_head_seconds=0.1, http_body_seconds=0.1)
    async with open_site(quick) as site, line(site) as attacker:
        await attacker.send(said)
        await attacker.ended()
        async with site.http() as http:
            text = (await http.get("/metrics")).text
    what = "body" if b"\r\n\r\n" in said else "head"
    assert f'trunkline_http_closed_total{{reason="{what}"}} 1.0' in text


async def test_a_body_that_comes_in_parts_may_take_its_time(site: Site) -> None:
    """By a clock of the test's own: each part gives more time, but never more than the longest wait."""
    lines = lines_of(site)
    loop = asyncio.get_running_loop()
    wait = lines.settings.http_body_seconds
    async with line(site) as browser:
        await browser.send(POST + b"Content-Length: 20002\r\n\r\n")
        [open_line] = await until(lambda: opened(lines, "body"))
        for _ in range(2):
            due = open_line.due
            await browser.send(b" " * 10_000)

            async def is_later(due: float = due) -> bool:
                return bool(open_line.due > due)

            await until(is_later)
            assert open_line.due <= loop.time() + wait
            assert lines.run_once(loop.time() + wait / 2) == 0
        await browser.send(b"{}")
        assert await browser.status() == 422
    async with line(site) as attacker:
        await attacker.send(POST + b"Content-Length: 20002\r\n\r\n ")
        await until(lambda: opened(lines, "body"))
        assert lines.run_once(loop.time() + wait + 1) >= 1
        assert await attacker.ended() == b""


async def opened(lines: Lines, what: str) -> list[HttpLine]:
    return [one for one in lines.open if one.waits_for == what and one.due < float("inf")]


async def test_connections_are_counted(settings: Settings) -> None:
    few = dataclasses.replace(settings, http_max_per_address=2)
    async with open_site(few) as site, line(site) as first, line(site):
        lines = lines_of(site)

        async def are(count: int) -> bool:
            return len(lines.open) == count

        await until(lambda: are(2))
        async with line(site) as third:
            answer = await third.ended()
            assert answer.startswith(b"HTTP/1.1 429 ")
            assert b"retry-after: 1\r\n" in answer
        await until(lambda: are(2))
        # An open one goes on, and a place that is free again is somebody's.
        await first.send(GET + b"Connection: close\r\n\r\n")
        assert await first.status() == 200
        await first.ended()
        await until(lambda: are(1))
        async with line(site) as fourth:
            await fourth.send(GET + b"\r\n")
            assert await fourth.status() == 200


@pytest.mark.parametrize(
    ("limits", "status"),
    [({"http_max_per_address": 1, "trusted_proxies": ("127.0.0.0/8",)}, 200), ({"http_max_connections": 2}, 503)],
)
async def test_a_proxy_brings_many_and_a_process_takes_no_more_than_it_can(
    settings: Settings, limits: dict[str, object], status: int
) -> None:
    async with (
        open_site(dataclasses.replace(settings, **limits)) as site,  # type: ignore[arg-type]
        line(site) as first, line(site) as second, line(site) as third,
    ):  # fmt: skip
        for one in (first, second):
            await one.send(GET + b"\r\n")
            assert await one.status() == 200
        await third.send(GET + b"\r\n")
        assert await third.status() == status
        if status == 503:
            await third.ended()
            reasons = await soon(ready(first))
            assert b"All HTTP connections are taken" in reasons


async def ready(line: Line) -> bytes:
    while await line.reader.readline() != b"\r\n":
        pass
    await line.reader.read(18)
    await line.send(b"GET /ready HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    return await line.ended()


async def test_requests_without_end_and_nobody_who_reads_the_answers(settings: Settings) -> None:
    async with open_site(settings) as site, line(site, receive_bytes=4096) as attacker:
        sending = asyncio.create_task(attacker.send(*[(GET + b"\r\n") * 1000] * 100))
        await soon(sending)
        await attacker.ended()

        async def is_gone() -> bool:
            return not lines_of(site).open

        await until(is_gone)


async def test_an_answer_nobody_takes_is_not_kept(settings: Settings) -> None:
    async with open_site(dataclasses.replace(settings, http_stall_seconds=0.5)) as site:
        # One small enough to be written at once, and one that has to wait.
        for count in (1, 60):
            async with line(site, receive_bytes=4096) as attacker:
                attacker.writer.transport.pause_reading()  # type: ignore[attr-defined]
                ask = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
                await attacker.send(ask * count)

                async def is_gone() -> bool:
                    return not lines_of(site).open

                await until(is_gone)


def test_more_header_lines_than_can_be_read_are_no_setting() -> None:
    with pytest.raises(ConfigError, match="HTTP_HEAD_LINES"):
        load({"HTTP_HEAD_LINES": "127"})
