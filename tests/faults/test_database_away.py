"""The database goes and comes back under a running service: 503 meanwhile, and nobody has to restart anything."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import subprocess
from pathlib import Path

import httpx

from app.config import Settings
from app.pg.migrate import migrate
from app.pg.pool import Database
from tests.cluster import Cluster, run_as, start_cluster
from tests.conftest import running_app
from tests.factories import make_user, signed_in
from tests.videos import make_video


def control(cluster: Cluster, *words: str) -> None:
    options = f"-p {cluster.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    # Stopped gently: the tests' servers run without fsync and would lose their last writes.
    command = [cluster.bin / "pg_ctl", "-D", cluster.data, "-w", "-l", cluster.data / "log", "-o", options, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **run_as())  # type: ignore[call-overload]


async def until_ready(client: httpx.AsyncClient) -> None:
    pause = asyncio.Event()
    async with asyncio.timeout(60):
        while (await client.get("/ready")).status_code != 200:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pause.wait(), 0.05)


async def test_the_service_outlives_its_database(tmp_path: Path) -> None:
    with start_cluster(tmp_path) as cluster:
        dsn = cluster.dsn("postgres")
        migrate(dsn)
        settings = dataclasses.replace(Settings(), database_url=dsn, log_level="warning", db_acquire_seconds=1.0)
        async with running_app(settings) as app:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
                db: Database = app.state.deps.db
                owner = await make_user(db)
                video = await make_video(db, owner.id)
                headers = await signed_in(client, db, owner)
                await until_ready(client)

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
                await until_ready(client)
                answer = await client.get(f"/api/videos/{video.id}", headers=headers)
                assert answer.status_code == 200
                assert (await client.put(f"/api/videos/{video.id}/like", headers=headers)).json()["like_count"] == 1


async def test_the_service_starts_without_its_database(settings: Settings) -> None:
    away = dataclasses.replace(settings, database_url="postgresql://postgres@127.0.0.1:9/none")
    async with running_app(away) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=away.public_url) as client:
            assert (await client.get("/health")).status_code == 200
            ready = await client.get("/ready")
            assert ready.status_code == 503
            assert ready.json()["reasons"] == {"database": "PostgreSQL does not answer."}
