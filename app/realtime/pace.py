"""How busy this process is, felt as how late its event loop wakes up, and how long frames wait for company then."""

from __future__ import annotations

import asyncio

TICK_SECONDS = 0.05
# A wake-up later than this means that work has to queue.
BUSY_SECONDS = 0.006


class Pace:
    """`window` seconds is what every room waits at least between two frames: 0 while there is time for each event.

    With many small rooms no single one sees a crowd, and yet a system call for each event and socket is what the
    process spends its time on. Waiting a little then makes two or three events share it.
    """

    def __init__(self, *, shortest: float, longest: float) -> None:
        self.window = 0.0
        self.shortest = shortest
        self.longest = longest

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self.feel(loop.time() - due)

    def feel(self, late: float) -> None:
        """The loop woke up so many seconds late."""
        if late > BUSY_SECONDS:
            self.window = min(self.longest, max(self.shortest, self.window * 1.5))
        else:
            self.window = self.window / 1.5 if self.window > self.shortest else 0.0
