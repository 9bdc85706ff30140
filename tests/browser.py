"""A second browser on the same service: its own cookies, its own address."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette


@contextlib.asynccontextmanager
async def browser(
    app: Starlette, ip: str = "127.0.0.1", base_url: str = "http://localhost:8080"
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(ip, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as opened:
        yield opened
