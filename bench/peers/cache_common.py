"""How the caches are driven: 32 callers at once, values of 300 bytes, 10,000 keys. Used by both sides."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable

CALLERS = 32
KEYS = 10_000
VALUE = json.dumps({"id": 1, "title": "t" * 100, "text": "x" * 160}).encode()


def key(n: int) -> str:
    return f"bench:{n % KEYS}"


async def drive(call: Callable[[str], Awaitable[object]], seconds: float) -> dict[str, float]:
    """{"rate", "p50", "p99"}: calls a second, milliseconds."""
    taken: list[float] = []
    started = time.perf_counter()

    async def one(seed: int) -> None:
        rng = random.Random(seed)
        while (now := time.perf_counter()) - started < seconds:
            await call(key(rng.randrange(KEYS)))
            taken.append(time.perf_counter() - now)

    await asyncio.gather(*(one(seed) for seed in range(CALLERS)))
    rate = len(taken) / (time.perf_counter() - started)
    taken.sort()
    return {"rate": rate, "p50": taken[len(taken) // 2] * 1000, "p99": taken[len(taken) * 99 // 100] * 1000}


async def fill(call: Callable[[str], Awaitable[object]]) -> None:
    """Every key once."""
    for start in range(0, KEYS, 500):
        await asyncio.gather(*(call(key(n)) for n in range(start, start + 500)))
