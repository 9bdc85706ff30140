"""A command that works a queue to its end works it to its end, also where the process stood still in between."""

from __future__ import annotations

from app.crew import Share
from app.deps import Deps
from app.pg.queue import enqueue
from app.worker import Worker
from tests.pg.stage import Stage


async def test_a_drain_that_is_late_with_its_lease_renews_it_and_goes_on(deps: Deps) -> None:
    stage = Stage()
    stage.go.set()
    worker = Worker(deps, [stage.spec()], {"default": Share(4)})
    await enqueue(deps.db, "default", "stage", {})
    deps.instance._renewed = -1e9
    assert await worker.drain() == 1
    assert not deps.instance.is_late
    await worker.stop(0)
