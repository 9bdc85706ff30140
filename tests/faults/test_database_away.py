"""The database goes and comes back under a running service: 503 meanwhile, and nobody has to restart anything."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import httpx

from app.config import Settings
from app.pg.loop import background
from app.pg.migrate import migrate
from app.pg.pool import Database
from tests.cluster import Cluster, run_as, start_cluster
from tests.conftest import running_app
from tests.factories import make_user, signed_in
from tests.signals import SECONDS, until
from tests.videos import make_video


def control(cluster: Cluster, *words: str) -> None:
    options = f"-p {cluster.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    # Stopped gently: the tests' servers run without fsync and would lose their last writes.
    command = [cluster.bin / "pg_ctl", "-D", cluster.data, "-w", "-l", cluster.data / "log", "-o", options, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **run_as())  # type: ignore[call-overload]


async def once_back(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """The first answer other than 503: one connection after the other finds the database again."""

    async def answered() -> httpx.Response | None:
        answer = await client.request(method, path, **more)
        return answer if answer.status_code != 503 else None

    answer: httpx.Response = await until(answered, 60)
    return answer


async def test_the_service_outlives_its_database(tmp_path: Path) -> None:
    with start_cluster(tmp_path) as cluster:
        dsn = cluster.dsn("postgres")
        migrate(dsn)
        settings = dataclasses.replace(Settings(), database_url=dsn, log_level="warning", db_acquire_seconds=30.0)
        async with running_app(settings) as app:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
                db: Database = app.state.deps.db
                owner = await make_user(db)
                video = await make_video(db, owner.id)
                headers = await signed_in(client, db, owner)
                assert (await once_back(client, "GET", "/ready")).status_code == 200

                await asyncio.to_thread(control, cluster, "-m", "fast", "stop")
                for method, path in (("GET", "/api/videos"), ("GET", f"/api/videos/{video.id}"),
                                     ("PUT", f"/api/videos/{video.id}/like"), ("GET", "/api/videos?q=walk"),
                                     ("GET", f"/media/-/{video.id}/1/hls/a.ts")):  # fmt: skip
                    answer = await client.request(method, path, headers=headers)
                    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable"), path
                    assert int(answer.headers["retry-after"]) > 0
                assert (await client.get("/health")).status_code == 200
                ready = await client.get("/ready")
                assert ready.status_code == 503
                assert ready.json()["reasons"] == {"database": "PostgreSQL does not answer."}
                page = await client.get(f"/videos/{video.id}")
                assert page.status_code == 503
                assert page.headers["content-type"].startswith("text/html")

                await asyncio.to_thread(control, cluster, "start")
                for path in ("/ready", f"/api/videos/{video.id}"):
                    assert (await once_back(client, "GET", path, headers=headers)).status_code == 200
                answer = await once_back(client, "PUT", f"/api/videos/{video.id}/like", headers=headers)
                assert answer.json()["like_count"] == 1


async def test_the_service_starts_without_its_database(settings: Settings) -> None:
    away = dataclasses.replace(settings, database_url="postgresql://postgres@127.0.0.1:9/none")
    async with running_app(away) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=away.public_url) as client:
            assert (await client.get("/health")).status_code == 200
            ready = await client.get("/ready")
            assert ready.status_code == 503
            assert ready.json()["reasons"] == {"database": "PostgreSQL does not answer."}


async def test_a_loop_whose_cancellation_was_lost_is_ended_all_the_same() -> None:
    """A connection that fails while it is given back raises that instead, and the loop goes on as after any fault."""
    lost: list[str] = []
    began = asyncio.Event()

    async def body() -> None:
        while True:
            began.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append("once")

    async with asyncio.timeout(SECONDS):
        async with background(body()):
            await began.wait()
    assert lost == ["once"]
