"""A person with an account, as the measurements need one, over plain HTTP."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.config import Settings, load
from tests.e2e.product import Product


@dataclass
class Account:
    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.ask("POST", path, body or {})

    async def put(self, path: str, body: Any) -> Any:
        return await self.ask("PUT", path, body)

    async def get(self, path: str) -> Any:
        return await self.ask("GET", path)

    async def delete(self, path: str) -> Any:
        return await self.ask("DELETE", path)


async def sign_up(product: Product) -> Account:
    """Register somebody new and carry the access token."""
    name = f"bench_{secrets.token_hex(6)}"
    http = httpx.AsyncClient(base_url=product.url, timeout=60)
    account = Account(http)
    session = await account.post(
        "/api/auth/register",
        {"username": name, "email": f"{name}@example.org", "password": secrets.token_urlsafe(16)},
    )
    http.headers["authorization"] = f"Bearer {session['access_token']}"
    return account


def settings_of(product: Product) -> Settings:
    """The service's settings, read from its own environment."""
    environment = Path(f"/proc/{product.service().pid}/environ").read_bytes().split(b"\0")
    return load(dict(item.decode().split("=", 1) for item in environment if b"=" in item))
