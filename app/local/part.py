"""A part of the laptop's installation: a child that is started again when it ends by itself."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.local import children

# Whoever crashes again and again is back within ten seconds, its own recovery included.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
HEALTHY_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """`prepare` runs before every start, in a thread; `ready` returns once the part can be used."""

    name: str
    prepare: Callable[[], children.Spec]
    ready: Callable[[], Awaitable[None]]


class Part:
    """`start` returns when it is ready; from then on it is kept alive until `stop`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.restarts = 0
        self.process: asyncio.subprocess.Process | None = None
        self._spec: children.Spec | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises RuntimeError with the end of its log when it ends before it is ready."""
        await self._launch()
        ready = asyncio.ensure_future(self.plan.ready())
        ended = asyncio.create_task(self._ended())
        await asyncio.wait([ready, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not ready.done():
            ready.cancel()
            raise RuntimeError(f"{self.plan.name} ended at once:\n{self._last_words()}")
        await ready
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self.process and self._spec:
            await children.stop(self.process, self._spec)

    async def _launch(self) -> None:
        self._spec = await asyncio.to_thread(self.plan.prepare)
        self.process = await children.start(self._spec)

    async def _ended(self) -> int:
        if self.process is None:
            raise RuntimeError("not started")
        return await self.process.wait()

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            code = await self._ended()
            if time.monotonic() - since > HEALTHY_SECONDS:
                pause = FIRST_PAUSE
            self.restarts += 1
            print(f"trunkline: {self.plan.name} ended ({code}); starting it again in {pause:g} s", flush=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self._launch()
            except (OSError, RuntimeError) as error:
                print(f"trunkline: {self.plan.name} does not start: {error}", flush=True)

    def _last_words(self) -> str:
        log = self._spec.log if self._spec else None
        return log.read_text(errors="replace")[-2_000:] if log and log.exists() else ""
