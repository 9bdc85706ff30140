"""Eight processes write to one room at once: dense numbers, one order for all who listen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from app.config import Settings
from app.main import open_deps
from app.pg.pool import Database
from tests.faults.size import size
from tests.signals import Received, soon

PROCESSES, EVENTS = 8, 1000
# The processes and the readers share two processors with other tests, and any of them may stand still for seconds:
# then all that the second holds is late.
LATE_SECONDS = size(30.0, 5.0)


@pytest.fixture
def writers(dsn: str) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.faults.writer", dsn, str(EVENTS // PROCESSES)]
    with contextlib.ExitStack() as stack:
        running = []
        for _ in range(PROCESSES):
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            running.append(stack.enter_context(process))
            stack.callback(process.kill)
        yield running


def let_go(writers: list[subprocess.Popen[str]]) -> None:
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in writers:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


async def test_a_thousand_events_of_eight_processes_in_a_second(
    settings: Settings, db: Database, writers: list[subprocess.Popen[str]]
) -> None:
    async with open_deps(settings) as one, open_deps(settings) as other:
        heard = [Received(deps) for deps in (one, other)]
        for deps in (one, other):
            await deps.streams.watch("room:1")
        late: list[float] = []

        async def follow(received: Received) -> list[tuple[int, bytes]]:
            seen = []
            for _ in range(EVENTS):
                event = await soon(received.queue.get(), 120)
                assert event is not None
                late.append(time.monotonic() - json.loads(bytes(event.data))["at"])
                seen.append((event.seq, bytes(event.data)))
            return seen

        following = asyncio.gather(*(follow(received) for received in heard))
        await asyncio.to_thread(let_go, writers)
        seen = await following
    codes = [await asyncio.to_thread(process.wait, 30) for process in writers]
    assert codes == [0] * PROCESSES
    assert seen[0] == seen[1]
    assert [seq for seq, _ in seen[0]] == list(range(1, EVENTS + 1))
    assert len({data for _, data in seen[0]}) == EVENTS
    late.sort()
    p50, p99 = (late[int(len(late) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{EVENTS} events of {PROCESSES} processes in a second: heard by two more in one order, "
          f"p50 {p50:.0f} ms, p99 {p99:.0f} ms")  # fmt: skip
    assert late[int(len(late) * 0.99)] < LATE_SECONDS
