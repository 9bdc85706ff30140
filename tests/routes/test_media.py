"""The media proxy: who may fetch what, in which parts, and what a broken or hostile request gets."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from starlette.applications import Starlette

from app.auth import media_token
from app.config import Settings
from app.pg import videos
from app.pg.pool import Database
from tests.conftest import running_app
from tests.factories import make_user, signed_in
from tests.servers import MEDIA, S3Server, connected
from tests.videos import MadeVideo, make_video

BODY = bytes(range(256)) * 4000
PLAYLIST = b"#EXTM3U\n#EXT-X-ENDLIST\n"


@pytest.fixture
def settings(settings: Settings, s3: S3Server) -> Settings:
    return connected(settings, s3)


def put(s3: S3Server, video: MadeVideo, path: str, body: bytes) -> None:
    s3.client().put_object(Bucket=MEDIA, Key=f"vod/{video.id}/{path}", Body=body)


@pytest.fixture
async def public(db: Database, s3: S3Server) -> MadeVideo:
    video = await make_video(db, (await make_user(db)).id)
    put(s3, video, "1/hls/a.ts", BODY)
    put(s3, video, "1/hls/master.m3u8", PLAYLIST)
    put(s3, video, "captions/en-1.vtt", b"WEBVTT\n")
    return video


async def test_a_public_videos_files(client: httpx.AsyncClient, public: MadeVideo) -> None:
    answer = await client.get(f"/media/-/{public.id}/1/hls/a.ts")
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "video/mp2t"
    assert answer.headers["content-length"] == str(len(BODY))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("x-amz")]
    playlist = await client.get(f"/media/-/{public.id}/1/hls/master.m3u8")
    assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert playlist.headers["cache-control"] == "no-cache"
    captions = await client.get(f"/media/-/{public.id}/captions/en-1.vtt")
    assert captions.headers["content-type"] == "text/vtt; charset=utf-8"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=1000-", 1000, len(BODY)), ("bytes=-10", len(BODY) - 10, len(BODY)),
     ("bytes=0-99999999", 0, len(BODY))],
)  # fmt: skip
async def test_parts(client: httpx.AsyncClient, public: MadeVideo, wanted: str, start: int, end: int) -> None:
    answer = await client.get(f"/media/-/{public.id}/1/hls/a.ts", headers={"range": wanted})
    assert (answer.status_code, answer.content) == (206, BODY[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"


async def test_what_the_browser_has_already_and_heads(client: httpx.AsyncClient, public: MadeVideo) -> None:
    url = f"/media/-/{public.id}/1/hls/a.ts"
    etag = (await client.get(url)).headers["etag"]
    again = await client.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert (head.headers["content-length"], head.headers["etag"]) == (str(len(BODY)), etag)
    same = await client.get(url, headers={"range": "bytes=0-1", "if-range": etag})
    assert (same.status_code, same.content) == (206, BODY[:2])
    other = await client.get(url, headers={"range": "bytes=0-1", "if-range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, len(BODY))


@pytest.mark.parametrize(
    "wanted",
    ["bytes=" + ",".join("0-1" for _ in range(10_000)), "bytes=0-1,2-3", "bytes=a-b", "lines=0-1", "bytes=5",
     f"bytes={len(BODY)}-", "bytes=" + "9" * 4000 + "-"],
)  # fmt: skip
async def test_ranges_nobody_should_ask_for(client: httpx.AsyncClient, public: MadeVideo, wanted: str) -> None:
    url = f"/media/-/{public.id}/1/hls/a.ts"
    await client.head(url)  # the first request to S3 loads its client
    spent = []
    for _ in range(5):
        started = time.process_time()
        answer = await client.get(url, headers={"range": wanted})
        spent.append(time.process_time() - started)
        assert (answer.status_code, answer.content) == (416, b"")
    # The best of them: other threads and the collection of garbage count, too.
    assert min(spent) < 0.2


async def status_of(app: Starlette, raw_path: str) -> int:
    """As a server hands it on: nothing tidied, escapes undone in `path` only."""
    statuses = []
    never = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await never.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope_of(raw_path), receive, send)
    return int(statuses[0])


def scope_of(raw_path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost:8080")],
        "client": ("127.0.0.1", 1),
        "scheme": "http",
        "server": ("localhost", 8080),
        "http_version": "1.1",
        "root_path": "",
    }


@pytest.mark.parametrize("odd", [b"\xe9", b"x\ty", b'"' + b"x" * 5000 + b'"', b'"a", \xff', b'W/"\xc3\xa9"'])
async def test_what_no_etag_is_is_not_passed_on(client: httpx.AsyncClient, public: MadeVideo, odd: bytes) -> None:
    answer = await client.get(f"/media/-/{public.id}/1/hls/a.ts", headers=[(b"if-none-match", odd)])
    assert (answer.status_code, answer.content) == (200, BODY)


async def test_odd_paths_are_404(app: Starlette, public: MadeVideo) -> None:
    assert await status_of(app, f"/media/-/{public.id}/1/hls/a.ts") == 200
    for path in (
        "1/hls/../hls/a.ts", "1/hls/%2e%2e/hls/a.ts", "1%2fhls%2fa.ts", "..%5ca.ts", "1/hls/a.ts%00", "/1/hls/a.ts",
        "1//hls/a.ts", "1/hls/", ".hidden/a.ts", "x" * 300 + ".ts", "1/hls/a.exe", "1/hls/a", "a/b/c/d/e/f/g.ts",
        "1/hls/missing.ts", "1/hls/%61.ts", "1/hls/a.ts%0a", "1/hls/a..ts", "../../uploads/x.ts",
    ):  # fmt: skip
        assert await status_of(app, f"/media/-/{public.id}/{path}") == 404, path
    for video in ("AAAAAAAAAAAA", "..", "%2e%2e", "x" * 300):
        assert await status_of(app, f"/media/-/{video}/1/hls/a.ts") == 404, video
    assert await status_of(app, f"/media/avatars/../vod/{public.id}/1/hls/a.ts") == 404


async def test_a_private_video_needs_a_fresh_token(
    client: httpx.AsyncClient, db: Database, s3: S3Server, settings: Settings
) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    private = await make_video(db, owner.id, visibility="private")
    other = await make_video(db, owner.id, visibility="private")
    for path in ("1/hls/master.m3u8", "1/poster.jpg", "1/thumbs/thumbs.vtt", "1/hls/a.ts"):
        put(s3, private, path, PLAYLIST)
    playback = (await client.get(f"/api/videos/{private.id}/playback", headers=mine)).json()
    for url in (playback["hls_url"], playback["poster_url"], playback["sprite_vtt_url"]):
        answer = await client.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["cache-control"].startswith("private")
    token = playback["hls_url"].split("/")[2]
    assert (await client.get(f"/media/{token}/{private.id}/1/hls/a.ts")).status_code == 200
    secret, soon = settings.secret_key, int(time.time()) + 60
    for wrong in (
        "-",
        "",
        "x",
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        media_token.issue(secret, other.id, soon),
        media_token.issue(secret, private.id, soon - 61),
        media_token.issue("another secret", private.id, soon),
        f"{soon:08x}." + "A" * 43,
        # The same token in another form is none.
        f"0{token}",
        f" {token}",
        token.upper(),
        f"{token}=",
    ):
        assert (await client.get(f"/media/{wrong}/{private.id}/1/hls/a.ts")).status_code == 404, wrong


async def test_a_suspended_owner_s_private_files_are_out_of_reach(
    client: httpx.AsyncClient, app: Starlette, db: Database, s3: S3Server, settings: Settings
) -> None:
    """Their public videos stay until a moderator takes them away; what was shared in private ends with the account."""
    owner = await make_user(db)
    private = await make_video(db, owner.id, visibility="private")
    put(s3, private, "1/hls/a.ts", BODY)
    now = 1000.0
    app.state.deps.open_videos.clock = lambda: now
    url = f"/media/{media_token.issue(settings.secret_key, private.id, int(time.time()) + 60)}/{private.id}/1/hls/a.ts"
    assert (await client.get(url)).status_code == 200
    await db.execute("select ops.ban_user($1, 'spam')", owner.username)
    now += 2
    assert (await client.get(url)).status_code == 404
    await db.execute("select ops.unban_user($1)", owner.username)
    now += 2
    assert (await client.get(url)).status_code == 200
    await videos.delete_video(db, private.id, owner.id)
    now += 2
    assert (await client.get(url)).status_code == 404


async def test_making_a_video_private_takes_effect_within_two_seconds(
    client: httpx.AsyncClient, app: Starlette, db: Database, s3: S3Server
) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id)
    put(s3, video, "1/hls/a.ts", BODY)
    now = 1000.0
    app.state.deps.open_videos.clock = lambda: now
    url = f"/media/-/{video.id}/1/hls/a.ts"
    assert (await client.get(url)).status_code == 200
    await videos.update_video(db, video.id, owner.id, None, None, None, "private")
    now += 2
    assert (await client.get(url)).status_code == 404
    await videos.update_video(db, video.id, owner.id, None, None, None, "unlisted")
    now += 2
    assert (await client.get(url)).status_code == 200
    await videos.delete_video(db, video.id, owner.id)
    now += 2
    assert (await client.get(url)).status_code == 404


async def test_many_requests_ask_the_database_once(
    client: httpx.AsyncClient, app: Starlette, public: MadeVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    real = videos.is_open
    # An answer is remembered for a moment, which is not over in here.
    app.state.deps.open_videos.clock = lambda: 1000.0

    async def counted(db: Database, video: str) -> bool | None:
        nonlocal asked
        asked += 1
        return await real(db, video)

    monkeypatch.setattr(videos, "is_open", counted)
    answers = await asyncio.gather(*(client.get(f"/media/-/{public.id}/1/hls/master.m3u8") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert asked == 1


async def test_s3_away_is_503(settings: Settings, db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    away = dataclasses.replace(settings, s3_endpoint="http://127.0.0.1:9", s3_attempts=1)
    async with running_app(away) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            answer = await client.get(f"/media/-/{video.id}/1/hls/a.ts")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_nothing_more_is_read_for_a_browser_that_left(app: Starlette, public: MadeVideo, s3: S3Server) -> None:
    put(s3, public, "1/progressive.mp4", bytes(20_000_000))
    received = 0
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal received
        received += len(message.get("body", b""))
        if received:
            gone.set()
            # A round of the loop, as a real socket takes.
            await asyncio.sleep(0)

    await app(scope_of(f"/media/-/{public.id}/1/progressive.mp4"), receive, send)
    assert 0 < received < 5_000_000


async def test_avatars(client: httpx.AsyncClient, s3: S3Server) -> None:
    store = s3.client()
    store.put_object(Bucket=MEDIA, Key="avatars/7/abc", Body=b"png", ContentType="image/png")
    store.put_object(Bucket=MEDIA, Key="avatars/7/page", Body=b"<script>", ContentType="text/html")
    picture = await client.get("/media/avatars/7/abc")
    assert (picture.content, picture.headers["content-type"]) == (b"png", "image/png")
    assert (await client.get("/media/avatars/7/page")).headers["content-type"] == "application/octet-stream"
    assert (await client.get("/media/avatars/7/nothing")).status_code == 404
