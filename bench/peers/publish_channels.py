"""channels_postgres: one stored message a send, to 100 channels, with 64 senders on a pool of 16.

argv: address, writers, channels, seconds. Prints {"rate", "p50", "p99"}: sends a second, milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings

BODY = "x" * 200


def configure(dsn: str) -> dict[str, object]:
    parts = urlsplit(dsn)
    database: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": parts.port,
    }
    settings.configure(
        DATABASES={"default": database, "channels_postgres": database},
        INSTALLED_APPS=["channels_postgres"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return database


async def measure(database: dict[str, object], writers: int, channels: int, seconds: float) -> None:
    from channels_postgres.core import PostgresChannelLayer

    layer = PostgresChannelLayer(**{**database, "TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False,
                                    "OPTIONS": {}, "PSYCOPG_OPTIONS": {"min_size": 16, "max_size": 16}})  # fmt: skip
    taken: list[float] = []

    async def write(writer: int, until: float) -> None:
        n = writer
        while (now := time.perf_counter()) < until:
            await layer.send(f"bench.{n % channels}", {"type": "bench.line", "text": BODY, "n": n})
            taken.append(time.perf_counter() - now)
            n += writers

    for part in (0.5, seconds):
        taken.clear()
        started = time.perf_counter()
        await asyncio.gather(*(write(n, started + part) for n in range(writers)))
        rate = len(taken) / (time.perf_counter() - started)
    taken.sort()
    p50, p99 = (taken[int(len(taken) * share)] * 1000 for share in (0.5, 0.99))
    print(json.dumps({"rate": rate, "p50": p50, "p99": p99}), flush=True)


if __name__ == "__main__":
    address, *numbers = sys.argv[1:]
    asyncio.run(measure(configure(address), int(numbers[0]), int(numbers[1]), float(numbers[2])))
