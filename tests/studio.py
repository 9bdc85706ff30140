"""The service with its worker, real S3 and the real local transcoder sending its news: from file to ready video."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.deps import Deps
from app.local import desk
from tests.conftest import running_app
from tests.factories import User, make_user, signed_in
from tests.servers import S3Server, TranscoderServer, connected

# Only what fails waits so long.
SECONDS = 180
WEBHOOK_KEY = "a webhook key of the tests, long enough"
Json = dict[str, Any]


@dataclass
class Studio:
    deps: Deps
    client: httpx.AsyncClient
    s3: S3Server
    transcoder: TranscoderServer
    user: User
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, status: int | None = None) -> Json:
        kind = {} if body is None else {"json": body}
        answer = await self.client.request(method, path, headers=self.headers, **kind)
        if status is not None:
            assert answer.status_code == status, answer.text
        return answer.json() if answer.content else {}

    async def start(self, content: bytes, filename: str = "clip.mp4", content_type: str = "video/mp4") -> Json:
        wish = {"filename": filename, "size": len(content), "content_type": content_type}
        return await self.call("POST", "/api/uploads", wish, 201)

    async def send(self, upload: Json, content: bytes, *numbers: int, report: bool = True) -> None:
        """PUT parts as a browser does: all of them unless told which."""
        wanted = list(numbers or range(1, upload["part_count"] + 1))
        path = f"/api/uploads/{upload['upload_id']}/parts"
        urls = (await self.call("POST", path, {"numbers": wanted}, 200))["urls"]
        async with httpx.AsyncClient(timeout=60) as browser:
            for n in wanted:
                piece = content[(n - 1) * upload["part_size"] : n * upload["part_size"]]
                answer = await browser.put(urls[str(n)], content=piece)
                assert answer.status_code == 200, answer.text
                if report:
                    await self.call("PUT", f"{path}/{n}", {"etag": answer.headers["etag"], "size": len(piece)}, 204)

    async def upload(self, content: bytes, filename: str = "clip.mp4", content_type: str = "video/mp4") -> Json:
        """The whole way of a file; returns the video as answered."""
        upload = await self.start(content, filename, content_type)
        await self.send(upload, content)
        return await self.call("POST", f"/api/uploads/{upload['upload_id']}/complete", {}, 202)

    async def video(self, id: str) -> Json:
        return await self.call("GET", f"/api/videos/{id}", status=200)

    async def events(self) -> list[Json]:
        """What the owner's browsers were told, in order."""
        rows = await self.deps.db.fetch(
            "select type, data from rt.event where channel = $1 order by seq", f"user:{self.user.id}"
        )
        return [{"type": row["type"], **row["data"]} for row in rows]

    async def until(self, id: str, *statuses: str, seconds: float = SECONDS) -> Json:
        """The video once it is in one of these states, by the events its owner gets."""
        await self.heard(lambda event: event["video_id"] == id and event["status"] in statuses, seconds)
        return await self.video(id)

    async def eventually(self, sql: str, *args: Any, seconds: float = SECONDS) -> None:
        """Returns once the question is answered with true."""
        pause = asyncio.Event()
        async with asyncio.timeout(seconds):
            for _ in itertools.count():
                if await self.deps.db.fetchval(sql, *args):
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(pause.wait(), 0.05)

    async def heard(self, is_it: Any, seconds: float = SECONDS) -> Json:
        """The first event of the owner's channel for which `is_it` holds."""
        rung = asyncio.Event()
        self.deps.bell.hear(lambda _: rung.set())
        async with asyncio.timeout(seconds):
            while True:
                rung.clear()
                for event in await self.events():
                    if is_it(event):
                        return event
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), 0.2)

    def objects(self, prefix: str, bucket: str | None = None) -> dict[str, int]:
        """Names behind the prefix, with sizes."""
        found = self.s3.client().list_objects_v2(Bucket=bucket or self.deps.storage.media, Prefix=prefix)
        return {o["Key"].removeprefix(prefix): o["Size"] for o in found.get("Contents", [])}


@contextlib.asynccontextmanager
async def open_studio(
    settings: Settings, s3: S3Server, transcoder: TranscoderServer, **changes: Any
) -> AsyncIterator[Studio]:
    changed: dict[str, Any] = {
        "serve_worker": True,
        "mediaconvert_webhook_key": WEBHOOK_KEY,
        "upload_part_bytes": 5_242_880,
    }
    settings = dataclasses.replace(connected(settings, s3, transcoder), **(changed | changes))
    async with running_app(settings) as app:
        door = desk.Server(app, 0)
        await door.start()
        transcoder.control(webhook_url=f"http://127.0.0.1:{door.port}/hooks/mediaconvert", webhook_key=WEBHOOK_KEY)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
                deps: Deps = app.state.deps
                user = await make_user(deps.db)
                yield Studio(deps, client, s3, transcoder, user, await signed_in(client, deps.db, user))
        finally:
            transcoder.control(webhook_url="")
            await door.stop()


@pytest.fixture
async def studio(settings: Settings, s3: S3Server, transcoder: TranscoderServer) -> AsyncIterator[Studio]:
    async with open_studio(settings, s3, transcoder) as running:
        yield running
