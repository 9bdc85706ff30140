"""What no frame of the doorbell can hold: long, not ASCII, NUL. Nothing is lost and the ringer rings on."""

from __future__ import annotations

import asyncio

import pytest

from app.config import Settings
from app.errors import AppError
from app.main import open_deps
from tests.signals import Received, soon, until

# More bytes than NOTIFY takes, in one, two, three and four bytes a character.
LONG = ["x" * 9000, "é" * 9000, "語" * 9000, "❤️🎉" * 3000, '"\\\n' * 4000]


async def test_long_foreign_and_forbidden_text_never_stops_the_ringer(settings: Settings) -> None:
    async with open_deps(settings) as one, open_deps(settings) as other:
        heard = [Received(deps) for deps in (one, other)]
        for deps in (one, other):
            await deps.streams.watch("room:1")

        async def are_live() -> bool:
            return one.bell.is_live and other.bell.is_live

        await until(are_live)
        nul = asyncio.create_task(one.streams.publish("room:1", "test:event", {"text": "nul \0"}))
        numbers = [await soon(one.streams.publish("room:1", "test:event", {"text": text})) for text in LONG]
        with pytest.raises(AppError, match="invalid"):
            await soon(nul)
        # Names that are no names: rung all the same, and understood by nobody.
        one.bell.ring(streams={"room:\0": 1, "語" * 9000: 2}, keys=["k\0", "\ud800", "x" * 9000])
        numbers.append(await soon(one.streams.publish("room:1", "test:event", {"text": "after"})))
        assert numbers == list(range(1, len(LONG) + 2))
        for received in heard:
            events = [await soon(received.queue.get()) for _ in numbers]
            assert [event.seq for event in events if event] == numbers
        rung: set[str] = set()
        other.bell.hear(lambda ring: rung.update(ring.keys))

        async def rings_on() -> bool:
            # Nothing but a ring carries keys. One that comes while the listener is away is lost, so again.
            one.bell.ring(keys=["after"])
            return "after" in rung

        await until(rings_on)
        await until(are_live)
    print(
        f"{len(LONG)} texts of 9,000 to 27,000 bytes heard by two processes, one with NUL refused, the ringer rings on"
    )
