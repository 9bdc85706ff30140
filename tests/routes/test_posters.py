"""The picture of a video: chosen among those made of it, or sent by its owner, decoded, written anew and swept."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.clients import ffmpeg, pictures
from app.config import Settings
from app.crew import Share
from app.jobs import JOBS
from app.pg.pool import Database
from app.worker import Worker
from tests.factories import User, log_in, make_user, signed_in
from tests.servers import MEDIA, S3Server, connected
from tests.videos import MadeVideo, make_video

FRAMES = ["1/poster.jpg", "1/frames/1.jpg", "1/frames/2.jpg"]
WEBP = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
Headers = dict[str, str]


@pytest.fixture
def settings(settings: Settings, s3: S3Server) -> Settings:
    return connected(settings, s3)


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


@pytest.fixture
async def headers(client: httpx.AsyncClient, owner: User) -> Headers:
    return await log_in(client, owner.username)


@pytest.fixture
async def video(db: Database, owner: User) -> MadeVideo:
    return await make_video(db, owner.id, frame_paths=FRAMES)


def picture(tmp_path: Path, size: str = "640x360") -> bytes:
    path = tmp_path / "sent.jpg"
    tool = ffmpeg.find(Settings()).ffmpeg
    command = [tool, "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc=size={size}:duration=1,format=yuvj420p"]
    subprocess.run([*command, "-frames:v", "1", "-update", "1", str(path)], check=True)
    # A comment, as cameras write where they were.
    return path.read_bytes()[:2] + b"\xff\xfe\x00\x08secret" + path.read_bytes()[2:]


def measure(tmp_path: Path, data: bytes) -> str:
    (tmp_path / "shown.jpg").write_bytes(data)
    probe = [ffmpeg.find(Settings()).ffprobe, "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0"]
    return subprocess.check_output([*probe, str(tmp_path / "shown.jpg")], text=True).strip()


async def send(client: httpx.AsyncClient, headers: Headers, id: str, body: bytes) -> httpx.Response:
    return await client.put(f"/api/videos/{id}/poster", content=body, headers=headers | {"content-type": "image/jpeg"})


async def drain(app: Starlette) -> None:
    await app.state.deps.instance.joined.wait()
    worker = Worker(app.state.deps, JOBS, {"default": Share(1)})
    await worker.drain()
    await worker.stop(1)


def stored(s3: S3Server, id: str) -> list[str]:
    listed = s3.client().list_objects_v2(Bucket=MEDIA, Prefix=f"vod/{id}/poster/")
    return [item["Key"].partition(f"{id}/")[2] for item in listed.get("Contents", [])]


async def test_an_owner_chooses_among_the_pictures_made_and_all_pages_follow(
    client: httpx.AsyncClient, headers: Headers, video: MadeVideo
) -> None:
    shown = (await client.get(f"/api/videos/{video.id}", headers=headers)).json()
    assert shown["frame_urls"] == [f"/media/-/{video.id}/{path}" for path in FRAMES]
    # In the caches of guests before the change.
    for path in ("/api/videos?sort=newest", f"/api/videos/{video.id}", f"/videos/{video.id}"):
        assert "1/poster.jpg" in (await client.get(path)).text
    answer = await client.post(f"/api/videos/{video.id}/poster", json={"frame": 2}, headers=headers)
    assert (answer.status_code, answer.json()["poster_url"]) == (200, f"/media/-/{video.id}/1/frames/2.jpg")
    for path in ("/api/videos?sort=newest", f"/api/videos/{video.id}", f"/videos/{video.id}"):
        text = (await client.get(path)).text
        assert "1/frames/2.jpg" in text
        assert "1/poster.jpg" not in text
    assert (await client.get(f"/api/videos/{video.id}")).json()["frame_urls"] == []
    playback = await client.get(f"/api/videos/{video.id}/playback")
    assert playback.json()["poster_url"].endswith("1/frames/2.jpg")


async def test_pictures_of_a_private_video_need_its_token(
    client: httpx.AsyncClient, db: Database, headers: Headers, owner: User
) -> None:
    video = await make_video(db, owner.id, visibility="private", frame_paths=FRAMES)
    shown = (await client.get(f"/api/videos/{video.id}", headers=headers)).json()
    assert all("*" not in url and "/-/" not in url for url in shown["frame_urls"])
    assert shown["poster_url"] == shown["frame_urls"][0]


async def test_nobody_else_chooses_and_what_is_not_there_is_not_found(
    client: httpx.AsyncClient, db: Database, headers: Headers, video: MadeVideo, tmp_path: Path
) -> None:
    path = f"/api/videos/{video.id}/poster"
    assert (await client.post(path, json={"frame": 3}, headers=headers)).status_code == 404
    assert (await client.post(path, json={"frame": -1}, headers=headers)).status_code == 422
    stranger = await signed_in(client, db)
    assert (await client.post(path, json={"frame": 1}, headers=stranger)).status_code == 404
    assert (await send(client, stranger, video.id, picture(tmp_path))).status_code == 404


async def test_a_picture_of_ones_own_is_written_anew_and_the_one_before_swept(
    app: Starlette, client: httpx.AsyncClient, db: Database, s3: S3Server, headers: Headers, video: MadeVideo,
    tmp_path: Path,
) -> None:  # fmt: skip
    sent = picture(tmp_path, "2560x1000")
    first = (await send(client, headers, video.id, sent)).json()["poster_url"]
    shown = await client.get(first)
    assert (shown.status_code, pictures.kind_of(shown.content)) == (200, "image/jpeg")
    assert b"secret" not in shown.content
    assert measure(tmp_path, shown.content) == "1280,500"
    second = (await send(client, headers, video.id, sent)).json()["poster_url"]
    assert second != first
    await drain(app)
    assert stored(s3, video.id) == [second.partition(f"{video.id}/")[2]]
    # Back to the automatic one; the own one goes.
    await client.post(f"/api/videos/{video.id}/poster", json={"frame": 0}, headers=headers)
    await drain(app)
    assert stored(s3, video.id) == []


async def test_what_was_stored_and_never_shown_is_swept(
    app: Starlette, db: Database, s3: S3Server, owner: User, video: MadeVideo
) -> None:
    """As when the service dies between storing and showing."""
    path = f"poster/{'a' * 24}.jpg"
    await db.fetchval("select media.plan_poster($1, $2, $3, 1)", video.id, owner.id, path)
    s3.client().put_object(Bucket=MEDIA, Key=f"vod/{video.id}/{path}", Body=b"x")
    await drain(app)
    assert stored(s3, video.id) == [path]
    # An hour later, by the database's clock.
    assert await db.fetchval("select n from q.promote(p_now => now() + interval '61 minutes')") == 1
    await drain(app)
    assert stored(s3, video.id) == []


@pytest.mark.parametrize("body", [b"<svg onload=alert(1)>", b"GIF89a" + bytes(50), b"\xff\xd8\xff" + bytes(50)])
async def test_what_only_calls_itself_a_picture_is_refused(
    client: httpx.AsyncClient, s3: S3Server, headers: Headers, video: MadeVideo, body: bytes
) -> None:
    answer = await send(client, headers, video.id, body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["poster"])
    assert stored(s3, video.id) == []


async def test_size_and_shape_have_limits(
    client: httpx.AsyncClient, headers: Headers, video: MadeVideo, tmp_path: Path
) -> None:
    answer = await send(client, headers, video.id, picture(tmp_path) + bytes(1_000_000))
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["poster"])
    assert (await send(client, headers, video.id, b"")).status_code == 422
    # 46 megapixels in some kilobytes.
    assert (await send(client, headers, video.id, picture(tmp_path, "9600x4800"))).status_code == 422


async def test_webp_and_the_smallest_of_pictures_are_taken(
    client: httpx.AsyncClient, headers: Headers, video: MadeVideo
) -> None:
    assert (await send(client, headers, video.id, base64.b64decode(WEBP))).status_code == 200


async def test_a_picture_sent_before_the_video_is_looked_at_stays(
    client: httpx.AsyncClient, db: Database, owner: User, headers: Headers, tmp_path: Path
) -> None:
    video = await make_video(db, owner.id, status="probing", hls_path=None, poster_path=None)
    own = (await send(client, headers, video.id, picture(tmp_path))).json()["poster_url"]
    await db.fetchval("select media.save_paths($1, null, '1/poster.jpg')", video.number)
    await db.execute("update videos set status = 'transcoding' where id = $1", video.number)
    await db.fetchval(
        "select media.finish_video($1, 1, '[]', '1/hls/master.m3u8', null, null, 5, $2)", video.number, FRAMES[1:]
    )
    shown = (await client.get(f"/api/videos/{video.id}", headers=headers)).json()
    assert shown["poster_url"] == own
    assert shown["frame_urls"] == [f"/media/-/{video.id}/{path}" for path in FRAMES]
