"""A process that asks for a transcode once and is killed on the way: `python -m tests.jobs.dying`.

stdin has one JSON object, {"settings": those of the service, "video": number, "point": one of POINTS}.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import app.main
from app.clients.transcoder import Transcoder
from app.config import Settings
from app.jobs import transcode
from app.pg import media
from tests.processing import job


async def die_before(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(call: Any) -> Any:
    async def wrapped(*args: Any, **kwargs: Any) -> None:
        await call(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return wrapped


def dying_before(call: Any) -> Any:
    return die_before


# (where it is looked up, name, what takes its place)
POINTS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "before the intent": (media, "start_transcode", dying_before),
    "after the intent": (media, "start_transcode", dying_after),
    "before CreateJob": (Transcoder, "create_job", dying_before),
    "after CreateJob": (Transcoder, "create_job", dying_after),
    "before the id is noted": (media, "save_transcode", dying_before),
    "after the id is noted": (media, "save_transcode", dying_after),
}


async def die(settings: Settings, video: int, point: str) -> int:
    """The process's exit code: the negative number of the signal that ended it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.dying", stdin=asyncio.subprocess.PIPE
    )
    order = {"settings": dataclasses.asdict(settings), "video": video, "point": point}
    await process.communicate(json.dumps(order).encode())
    assert process.returncode is not None
    return process.returncode


async def main() -> None:
    order = json.load(sys.stdin)
    owner, name, how = POINTS[order["point"]]
    setattr(owner, name, how(getattr(owner, name)))
    # No chores: they are not what dies here.
    app.main.SCHEDULES = []  # type: ignore[attr-defined]
    # JSON knows no tuples.
    settings: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in order["settings"].items()}
    async with app.main.open_deps(Settings(**settings)) as deps:
        await transcode.run(job("transcode", video_id=order["video"], attempt=1), deps)


if __name__ == "__main__":
    asyncio.run(main())
