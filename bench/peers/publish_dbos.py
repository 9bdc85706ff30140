"""DBOS streams: as many workflows as writers, each writing to its stream from within a step.

argv: address, writers, rooms (each writer's own streams), seconds. Prints {"rate", "p50", "p99"}: milliseconds.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time

from dbos import DBOS

BODY = "x" * 200
taken: list[float] = []
lock = threading.Lock()


@DBOS.step()
def write(writer: int, rooms: int, until: float) -> None:
    own: list[float] = []
    n = writer
    while (now := time.perf_counter()) < until:
        DBOS.write_stream(f"room{n % rooms}", {"text": BODY, "n": n})
        own.append(time.perf_counter() - now)
        n += 64
    with lock:
        taken.extend(own)


@DBOS.workflow()
def writing(writer: int, rooms: int, until: float) -> None:
    write(writer, rooms, until)


def measure(dsn: str, writers: int, rooms: int, seconds: float) -> None:
    engine = {"pool_size": 20, "max_overflow": 0}
    DBOS(config={"name": "bench", "system_database_url": dsn, "run_admin_server": False, "db_engine_kwargs": engine})
    DBOS.logger.setLevel(logging.CRITICAL)
    DBOS.launch()
    for part in (0.5, seconds):
        taken.clear()
        started = time.perf_counter()
        handles = [DBOS.start_workflow(writing, n, rooms, started + part) for n in range(writers)]
        for handle in handles:
            handle.get_result()
        rate = len(taken) / (time.perf_counter() - started)
    taken.sort()
    p50, p99 = (taken[int(len(taken) * share)] * 1000 for share in (0.5, 0.99))
    print(json.dumps({"rate": rate, "p50": p50, "p99": p99}), flush=True)


if __name__ == "__main__":
    address, *numbers = sys.argv[1:]
    measure(address, int(numbers[0]), int(numbers[1]), float(numbers[2]))
    DBOS.destroy()
