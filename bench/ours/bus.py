"""The bus at work, one process: `publish` at a rate into 100 rooms, or `watch` them all.

argv: what, address, messages a second, seconds. Prints {"n", "seconds"} at the end; `ready` comes first.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence

import uvloop

from app import config
from app.deps import Deps
from app.main import open_deps
from app.pg.stream import Event

ROOMS = 100
BODY = "x" * 200
TURN_SECONDS = 0.005
BEHIND = 1000  # more unanswered publishes than this: the rate is too much


async def publish(deps: Deps, rate: float, seconds: float) -> int:
    print("ready", flush=True)
    sent = 0
    waiting: set[asyncio.Task[int]] = set()
    started = time.perf_counter()
    while (now := time.perf_counter() - started) < seconds:
        while sent < now * rate and len(waiting) < BEHIND:
            task = asyncio.create_task(deps.streams.publish(f"bench:{sent % ROOMS}", "bench:line", {"text": BODY}))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            sent += 1
        await asyncio.sleep(TURN_SECONDS)
    await asyncio.gather(*waiting)
    return sent


async def watch(deps: Deps, rate: float, seconds: float) -> int:
    heard = 0

    def deliver(channel: str, events: Sequence[Event]) -> None:
        nonlocal heard
        heard += len(events)

    deps.streams.deliver = deliver
    for n in range(ROOMS):
        await deps.streams.watch(f"bench:{n}")
    print("ready", flush=True)
    await asyncio.sleep(seconds)
    return heard


async def main(what: str, dsn: str, rate: float, seconds: float) -> None:
    settings = config.load({**os.environ, "DATABASE_URL": dsn, "LOG_LEVEL": "warning"})
    async with open_deps(settings) as deps:
        started = time.perf_counter()
        n = await {"publish": publish, "watch": watch}[what](deps, rate, seconds)
        print(json.dumps({"n": n, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
