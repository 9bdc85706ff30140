"""Frames that ask nothing, pings and parts of messages, cost what operations cost; a wrong one is no fault of ours."""

from __future__ import annotations

import logging

import pytest
from websockets.exceptions import ConnectionClosed

from tests.realtime.site import Site
from tests.signals import soon

# A masked frame of a client: first byte, length, key; nothing in it.
PING, PONG, PART, REST = (bytes([first, 0x80, 0, 0, 0, 0]) for first in (0x89, 0x8A, 0x01, 0x00))


@pytest.mark.parametrize("frames", [PING * 20_000, PONG * 20_000, PART + REST * 20_000])
async def test_a_flood_of_frames_that_ask_nothing_ends_the_socket(site: Site, frames: bytes) -> None:
    async with site.socket() as browser, site.socket() as other:
        transport = browser.connection.transport
        while not transport.is_closing():
            transport.write(frames)
            try:
                await soon(browser.connection.recv())
            except ConnectionClosed:
                break
        assert await browser.closed() == 4008
        assert (await other.ask(op="ping"))["ok"] == {}


async def test_a_few_of_them_are_answered(site: Site) -> None:
    async with site.socket() as browser:
        for _ in range(5):
            await soon(await browser.connection.ping())
        await browser.connection.send(['{"id":', "1,", "", '"op":"ping"}'])
        assert (await browser.answer(1))["ok"] == {}


async def test_bytes_that_are_no_text_close_the_socket_without_a_trace(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with site.socket() as browser:
            browser.connection.transport.write(bytes([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28]))
            assert await browser.closed() == 1007
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
