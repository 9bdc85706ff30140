"""The S3 client against a real S3: what callers rely on."""

from __future__ import annotations

import socket
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.clients.storage import Storage
from app.config import Settings
from app.errors import AppError
from tests.proxy import proxy_to
from tests.servers import S3Server, connected
from tests.signals import soon


@pytest.fixture
async def storage(s3: S3Server) -> AsyncIterator[Storage]:
    running = Storage(connected(Settings(), s3))
    yield running
    await running.close()


@pytest.fixture
def prefix() -> str:
    return f"tests/{uuid.uuid4().hex}/"


async def test_an_object_comes_back_whole_in_part_or_unchanged(storage: Storage, prefix: str) -> None:
    key = f"{prefix}a ü+%.txt"
    assert await storage.head(storage.media, key) is None
    await storage.put(storage.media, key, b"hello world", content_type="text/plain", cache_control="no-cache")
    found = await storage.head(storage.media, key)
    assert found is not None
    assert (found.size, found.content_type) == (11, "text/plain")
    assert await storage.get(storage.media, key) == b"hello world"
    assert await storage.get(storage.media, key, limit=5) == b"hello"
    async with storage.get_range(storage.media, key, range="bytes=6-") as reply:
        assert (reply.status, reply.headers["content-range"]) == (206, "bytes 6-10/11")
        assert b"".join([chunk async for chunk in reply.chunks]) == b"world"
    async with storage.get_range(storage.media, key, if_none_match=found.etag) as reply:
        assert (reply.status, [chunk async for chunk in reply.chunks]) == (304, [])
    async with storage.get_range(storage.media, key, range="bytes=100-") as reply:
        assert reply.status == 416
    with pytest.raises(AppError, match="not_found"):
        await storage.get(storage.media, f"{prefix}nothing")


async def test_an_empty_object_has_no_bytes(storage: Storage, prefix: str) -> None:
    await storage.put(storage.media, f"{prefix}empty", b"", content_type="text/plain")
    assert await storage.get(storage.media, f"{prefix}empty") == b""


async def test_files_go_and_come(storage: Storage, prefix: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.write_bytes(bytes(range(256)) * 4096)
    await storage.put(storage.media, f"{prefix}file", here, content_type="video/mp4")
    await storage.copy(storage.media, f"{prefix}file", storage.media, f"{prefix}copy", content_type="video/webm")
    await storage.download(storage.media, f"{prefix}copy", there)
    assert there.read_bytes() == here.read_bytes()
    found = await storage.head(storage.media, f"{prefix}copy")
    assert found is not None
    assert found.content_type == "video/webm"
    with pytest.raises(AppError, match="not_found"):
        await storage.copy(storage.media, f"{prefix}no", storage.media, f"{prefix}copy", content_type="x/y")


async def test_deleting_a_prefix_takes_what_is_under_it_and_nothing_else(storage: Storage, prefix: str) -> None:
    for name in ("a/1", "a/2", "ab"):
        await storage.put(storage.media, prefix + name, b"x", content_type="text/plain")
    assert await storage.delete_prefix(storage.media, f"{prefix}a/") == 2
    assert [o.key async for o in storage.list_prefix(storage.media, prefix)] == [f"{prefix}ab"]
    assert await storage.delete_prefix(storage.media, f"{prefix}a/") == 0
    for careless in ("", "/", "vod"):
        with pytest.raises(ValueError, match="refusing"):
            await storage.delete_prefix(storage.media, careless)


async def test_multipart_is_joined_once_and_unknown_ones_are_none(storage: Storage, prefix: str) -> None:
    key = f"{prefix}source"
    opened = await storage.create_multipart(storage.uploads, key, "video/mp4")
    assert await storage.list_parts(storage.uploads, key, opened) == []
    url = await storage.sign_part(storage.uploads, key, opened, 1, 100, 60)
    async with httpx.AsyncClient(timeout=60) as browser:
        assert (await browser.put(url, content=bytes(100))).status_code == 200
    parts = await storage.list_parts(storage.uploads, key, opened)
    assert parts is not None
    etag = await storage.complete_multipart(storage.uploads, key, opened, parts)
    assert etag is not None
    assert await storage.list_parts(storage.uploads, key, opened) is None
    assert await storage.complete_multipart(storage.uploads, key, opened, parts) in (etag, None)
    await storage.abort_multipart(storage.uploads, key, opened)
    await storage.abort_multipart(storage.uploads, key, "0" * 40)
    found = await storage.head(storage.uploads, key)
    assert found is not None
    assert (found.size, found.etag) == (100, etag)


async def test_a_part_that_was_sent_twice_counts_once(storage: Storage, prefix: str) -> None:
    key = f"{prefix}twice"
    opened = await storage.create_multipart(storage.uploads, key, "video/mp4")
    async with httpx.AsyncClient(timeout=60) as browser:
        for _ in range(2):
            url = await storage.sign_part(storage.uploads, key, opened, 1, 100, 60)
            assert (await browser.put(url, content=b"a" * 100)).status_code == 200
    parts = await storage.list_parts(storage.uploads, key, opened)
    assert parts is not None
    assert [part.n for part in parts] == [1]
    await storage.complete_multipart(storage.uploads, key, opened, parts)
    assert await storage.get(storage.uploads, key) == b"a" * 100


async def test_a_form_takes_its_key_type_and_size_only(storage: Storage, prefix: str) -> None:
    url, fields = await storage.presign_post(
        storage.media, f"{prefix}p.png", content_type="image/png", max_bytes=50, seconds=60
    )
    async with httpx.AsyncClient(timeout=60) as browser:

        async def send(size: int, **changes: str) -> int:
            answer = await browser.post(url, data=fields | changes, files={"file": ("x", bytes(size))})
            return answer.status_code

        assert await send(51) == 400
        assert await send(10, key=f"{prefix}other.png") == 403
        assert await send(10, **{"Content-Type": "text/html"}) == 403
        assert await send(50) in (201, 204)


async def test_signed_addresses_carry_the_public_host(s3: S3Server, prefix: str) -> None:
    settings = connected(Settings(), s3)
    public = s3.endpoint.replace("127.0.0.1", "localhost")
    storage = Storage(Settings(**{**vars(settings), "s3_public_endpoint": public}))
    try:
        await storage.put(storage.media, f"{prefix}x", b"hello", content_type="text/plain")
        outside = await storage.presign_get(storage.media, f"{prefix}x", 60)
        inside = await storage.presign_get(storage.media, f"{prefix}x", 60, is_inside=True)
        assert outside.startswith(public)
        assert inside.startswith(s3.endpoint)
        async with httpx.AsyncClient(timeout=60) as browser:
            assert [(await browser.get(url)).content for url in (outside, inside)] == [b"hello", b"hello"]
            assert (await browser.get(outside.replace("X-Amz-Expires=60", "X-Amz-Expires=99"))).status_code == 403
    finally:
        await storage.close()


async def test_a_body_that_breaks_off_is_told(s3: S3Server, prefix: str, tmp_path: Path) -> None:
    async with proxy_to(int(s3.endpoint.rpartition(":")[2])) as proxy:
        settings = connected(Settings(), s3)
        storage = Storage(Settings(**{**vars(settings), "s3_endpoint": proxy.url, "s3_attempts": 1}))

        async def read() -> None:
            async with storage.get_range(storage.media, f"{prefix}large") as reply:
                async for _ in reply.chunks:
                    proxy.cut()

        try:
            await storage.put(storage.media, f"{prefix}large", bytes(20_000_000), content_type="video/mp4")
            with pytest.raises(AppError, match="unavailable"):
                await read()
        finally:
            await storage.close()


async def test_storage_that_is_away_is_told_within_the_deadline() -> None:
    # Bound and not listening: refused, and nobody else can take the port.
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = Settings(
            s3_endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}",
            s3_access_key_id="a",
            s3_secret_access_key="b",
            s3_deadline_seconds=2.0,
            # Hours of tries, were it not for the deadline.
            s3_attempts=1000,
        )
        storage = Storage(settings)
        with pytest.raises(AppError, match="unavailable"):
            await soon(storage.head(storage.media, "x"))
        await storage.close()
