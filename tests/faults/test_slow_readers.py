"""Readers that take their files slowly or not at all: they wait for themselves, and nobody waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.attacks.lines import Line, line, lines_of
from tests.factories import make_user
from tests.faults.size import IS_FULL, size
from tests.realtime.site import Site, open_site, person
from tests.servers import MEDIA, S3Server, connected
from tests.signals import soon, until
from tests.videos import MadeVideo, make_video

READERS = size(24, 200)
# More than the kernel takes off our hands for a reader that does not read.
FILE = bytes(range(256)) * 50_000
PLAYLIST = b"#EXTM3U\n#EXT-X-ENDLIST\n"


@pytest.fixture
def settings(settings: Settings, s3: S3Server) -> Settings:
    """Far fewer connections to S3 than there are readers."""
    few = dataclasses.replace(settings, s3_media_connections=size(4, 64), download_patience_seconds=0.05)
    return connected(few, s3)


@pytest.fixture
async def video(db: Database, s3: S3Server) -> MadeVideo:
    made = await make_video(db, (await make_user(db)).id)
    for path, body in (("1/progressive.mp4", FILE), ("1/hls/master.m3u8", PLAYLIST)):
        s3.client().put_object(Bucket=MEDIA, Key=f"vod/{made.id}/{path}", Body=body)
    return made


@contextlib.asynccontextmanager
async def stuck(site: Site, video: MadeVideo, *headers: str) -> AsyncIterator[Line]:
    """A reader that asks for the file and takes nothing of it."""
    async with line(site, receive_bytes=4096) as opened:
        opened.writer.transport.pause_reading()  # type: ignore[attr-defined]
        lines = [f"GET /media/-/{video.id}/1/progressive.mp4 HTTP/1.1", "Host: localhost:8080", *headers, "", ""]
        await opened.send("\r\n".join(lines).encode())
        yield opened


async def is_let_go(site: Site) -> bool:
    return site.deps.media_storage.slots.taken == 0


async def are_sending(site: Site, count: int) -> bool:
    return site.deps.downloads.taken == count


async def ask(http: httpx.AsyncClient, video: MadeVideo) -> float:
    started = time.perf_counter()
    answer = await http.get(f"/media/-/{video.id}/1/hls/master.m3u8")
    assert (answer.status_code, answer.content) == (200, PLAYLIST)
    return time.perf_counter() - started


async def reasons(http: httpx.AsyncClient) -> set[str]:
    """What is exhausted. Whether LISTEN is proven yet is another matter."""
    return set((await http.get("/ready")).json()["reasons"]) - {"listener"}


async def test_those_that_read_nothing_are_in_nobody_s_way_and_cut(
    settings: Settings, db: Database, video: MadeVideo
) -> None:
    limits = dataclasses.replace(
        settings,
        http_stall_seconds=size(1.0, 30.0),
        download_max_per_address=READERS + 10,
        download_patience_seconds=size(0.05, 1.0),
    )
    async with open_site(limits) as site, site.http() as http, contextlib.AsyncExitStack() as stack:
        uploader = await person(site, db)
        await ask(http, video)
        calm = sorted([await ask(http, video) for _ in range(size(1, 500))])
        lines = [await stack.enter_async_context(stuck(site, video)) for _ in range(READERS)]
        await until(lambda: are_sending(site, READERS))
        # Each had its turn at S3, although none of them reads.
        await until(lambda: is_let_go(site))
        busy = sorted([await ask(http, video) for _ in range(size(1, 500))])
        body = {"filename": "a.mp4", "size": 6_000_000, "content_type": "video/mp4"}
        assert (await http.post("/api/uploads", json=body, headers=uploader.headers)).status_code == 201
        assert not await reasons(http)
        await until(lambda: are_sending(site, 0), 120)
        for one in lines:
            one.writer.transport.resume_reading()  # type: ignore[attr-defined]
            assert len(await one.ended()) < len(FILE)
        text = (await http.get("/metrics")).text
        assert f'trunkline_http_closed_total{{reason="stalled"}} {READERS}.0' in text
    before, during = (times[int(len(times) * 0.99)] for times in (calm, busy))
    print(
        f"p99 of others {before * 1000:.1f} ms without, {during * 1000:.1f} ms with {READERS} readers that do not read"
    )
    if IS_FULL:
        assert during <= 2 * before


@pytest.mark.parametrize(("headers", "start"), [((), 0), (("Range: bytes=1000001-",), 1_000_001)])
async def test_a_slow_one_gets_all_of_its_file(
    settings: Settings, video: MadeVideo, headers: tuple[str, ...], start: int
) -> None:
    """It reads again only when S3 was let go; then for a while as fast as it can, then slowly again."""
    async with open_site(settings) as site, stuck(site, video, *headers, "Connection: close") as reader:
        await until(lambda: are_sending(site, 1))
        got = bytearray()
        for enough in (300_000, 800_000, 5_000_000, len(FILE) * 2):
            await until(lambda: is_let_go(site))
            reader.writer.transport.resume_reading()  # type: ignore[attr-defined]
            while len(got) < enough and (chunk := await soon(reader.reader.read(65_536))):
                got += chunk
            reader.writer.transport.pause_reading()  # type: ignore[attr-defined]
        head, _, body = bytes(got).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 206 " if headers else b"HTTP/1.1 200 ")
        assert body == FILE[start:]


async def test_an_address_has_its_share(settings: Settings, video: MadeVideo) -> None:
    limits = dataclasses.replace(
        settings, download_max_per_address=2, s3_deadline_seconds=3.0, trusted_proxies=("127.0.0.1",)
    )
    async with open_site(limits) as site, site.http() as http, contextlib.AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(stuck(site, video, "X-Forwarded-For: 192.0.2.1"))
        await until(lambda: are_sending(site, 2))
        url = f"/media/-/{video.id}/1/hls/master.m3u8"
        refused, other = await asyncio.gather(
            *(http.get(url, headers={"X-Forwarded-For": address}) for address in ("192.0.2.1", "192.0.2.2"))
        )
        assert other.status_code == 200
        assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
        assert "retry-after" in refused.headers


async def test_exhaustion_is_told(settings: Settings, video: MadeVideo) -> None:
    patient = dataclasses.replace(settings, download_max=1, s3_media_connections=1, download_patience_seconds=600.0)
    async with open_site(patient) as site, site.http() as http:
        assert not await reasons(http)
        async with stuck(site, video):
            await until(lambda: are_sending(site, 1))
            head = asyncio.create_task(http.head(f"/media/-/{video.id}/1/progressive.mp4"))

            async def waits() -> bool:
                return site.deps.media_storage.slots.waiting == 1

            await until(waits)
            assert await reasons(http) == {"downloads", "storage"}
            text = (await http.get("/metrics")).text
            assert 'trunkline_s3_connections{use="media"} 1.0' in text
            assert 'trunkline_s3_waiting{use="media"} 1.0' in text
            assert "trunkline_downloads 1.0" in text
        assert (await head).status_code == 200
        await until(lambda: are_sending(site, 0))
        assert not lines_of(site).is_full
