"""Talking in a chat as a page does."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.lives import MadeLive
from tests.realtime.site import Browser, Person, Site


@contextlib.asynccontextmanager
async def following(who: Person, *channels: str, at: Site | None = None) -> AsyncIterator[Browser]:
    async with (at or who.site).signed_in(who) as browser:
        for channel in channels:
            answer = await browser.ask(op="sub", ch=channel)
            assert "ok" in answer, answer
        yield browser


async def say(browser: Browser, live: MadeLive, text: str = "hi", **more: Any) -> dict[str, Any]:
    """The answer to one message; `cid` a new one unless given."""
    cid = str(more.pop("cid", uuid.uuid4()))
    return await browser.ask(op="pub", ch=live.channel, type="chat:message", cid=cid, data={"text": text, **more})


async def tell(browser: Browser, live: MadeLive, type: str, **data: Any) -> dict[str, Any]:
    return await browser.ask(op="pub", ch=live.channel, type=type, data=data)


async def next_events(browser: Browser, count: int, channel: str | None = None) -> list[tuple[str, Any]]:
    """(type, data) of the chat's next events, those that came before an answer first; of one channel if named."""
    seen: list[tuple[str, Any]] = []
    while len(seen) < count:
        frame = browser.frames.pop(0) if browser.frames else await browser.read()
        assert "ev" in frame, frame
        if channel in (None, frame["ch"]):
            seen += [(e["type"], e["data"]) for e in frame["ev"] if e["type"].startswith("chat:")]
    return seen


async def rest(who: Person, method: str, path: str, **body: Any) -> httpx.Response:
    async with who.site.http() as http:
        answer = await http.request(method, path, headers=who.headers, **({"json": body} if body else {}))  # type: ignore[arg-type]
        assert answer.status_code < 300, answer.text
        return answer
