"""The peer of GET /api/videos: Starlette and asyncpg with the same SQL, and nothing else."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SQL = "select media.list_videos(null, 'newest', null, null, null, 24)"


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=0, max_size=10) as app.state.pool:
        yield


async def videos(request: Request) -> Response:
    text = await request.app.state.pool.fetchval(SQL)
    return Response(text, media_type="application/json")


if __name__ == "__main__":
    app = Starlette(routes=[Route("/api/videos", videos)], lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
