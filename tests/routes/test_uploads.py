"""Uploads over the routes, with real S3: what a browser does, and what a browser must not do."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.clients.storage import Part, Storage
from app.config import Settings
from app.errors import AppError
from app.routes.uploads import joined_etag, ranges, title_of
from tests.factories import make_user, signed_in
from tests.servers import S3Server, TranscoderServer, heard
from tests.signals import SECONDS
from tests.studio import Studio, open_studio

PART = 5_242_880
BODY = hashlib.sha256(b"seed").digest() * (PART // 32 + 1000)  # two parts, the second short


@pytest.fixture
async def desk(settings: Settings, s3: S3Server, transcoder: TranscoderServer) -> AsyncIterator[Studio]:
    """The service without a worker: what is queued stays queued."""
    async with open_studio(settings, s3, transcoder, serve_worker=False) as running:
        yield running


async def jobs(desk: Studio, kind: str) -> int:
    return int(await desk.deps.db.fetchval("select count(*) from q.job where kind = $1", kind))


async def used(desk: Studio) -> int:
    return int((await desk.call("GET", "/api/auth/me", status=200))["storage_used_bytes"])


async def test_a_file_travels_in_parts_and_queues_its_video(desk: Studio) -> None:
    upload = await desk.start(BODY, "Ferien_2026.MP4")
    assert (upload["part_size"], upload["part_count"], upload["status"]) == (PART, 2, "open")
    assert upload["max_concurrency"] == 3
    video = await desk.video(upload["video_id"])
    assert (video["status"], video["title"], video["visibility"]) == ("uploading", "Ferien 2026", "private")
    assert await used(desk) == len(BODY)
    await desk.send(upload, BODY)
    # Another device sees what arrived.
    seen = await desk.call("GET", f"/api/uploads/{upload['upload_id']}", status=200)
    assert [(p["n"], p["size"]) for p in seen["parts"]] == [(1, PART), (2, len(BODY) - PART)]
    assert [u["upload_id"] for u in (await desk.call("GET", "/api/uploads", status=200))["items"]] == [
        upload["upload_id"]
    ]
    done = await desk.call("POST", f"/api/uploads/{upload['upload_id']}/complete", {}, 202)
    assert (done["id"], done["status"]) == (upload["video_id"], "queued")
    assert (await desk.call("GET", "/api/uploads", status=200))["items"] == []
    assert await jobs(desk, "probe") == 1
    key = await desk.deps.db.fetchval("select source_key from videos where public_id = $1", video["id"])
    assert key == f"uploads/u{desk.user.id}/{upload['upload_id']}/source"
    assert await desk.deps.storage.get(desk.deps.storage.uploads, key, limit=2 * PART) == BODY


async def test_completing_twice_at_once_is_completing_once(desk: Studio) -> None:
    upload = await desk.start(BODY)
    await desk.send(upload, BODY)
    path = f"/api/uploads/{upload['upload_id']}/complete"
    answers = await asyncio.gather(*(desk.call("POST", path, {}) for _ in range(4)))
    assert {answer.get("status") for answer in answers} == {"queued"}
    assert await jobs(desk, "probe") == 1
    assert [e["status"] for e in await desk.events()].count("queued") == 1


async def test_a_missing_part_is_named_and_a_lost_report_is_not_missing(desk: Studio) -> None:
    upload = await desk.start(BODY)
    path = f"/api/uploads/{upload['upload_id']}/complete"
    await desk.send(upload, BODY, 1, report=False)
    answer = await desk.call("POST", path, {}, 409)
    assert (answer["error"], answer["fields"]) == ("upload_incomplete", {"parts": "2"})
    assert await jobs(desk, "probe") == 0
    # The report of part 1 was lost, S3 has it all the same.
    seen = await desk.call("GET", f"/api/uploads/{upload['upload_id']}", status=200)
    assert [p["n"] for p in seen["parts"]] == [1]
    await desk.send(upload, BODY, 2, report=False)
    await desk.call("POST", path, {}, 202)


async def test_storage_refuses_a_part_of_another_size(desk: Studio) -> None:
    upload = await desk.start(BODY)
    path = f"/api/uploads/{upload['upload_id']}/parts"
    urls = (await desk.call("POST", path, {"numbers": [1, 2]}, 200))["urls"]
    other = urls["1"].replace("partNumber=1", "partNumber=2")
    async with httpx.AsyncClient(timeout=SECONDS) as browser:
        for url, size in ((urls["1"], PART + 1), (urls["1"], PART - 1), (other, PART)):
            refused = await heard(lambda url=url, size=size: browser.put(url, content=BODY[:size]))  # type: ignore[misc]
            assert refused.status_code == 403
    answer = await desk.call("PUT", f"{path}/1", {"etag": '"x"', "size": 5}, 422)
    assert "size" in answer["fields"]


async def kill_in_the_middle(desk: Studio, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Complete, but the process dies right after S3 (or just before our commit)."""
    from app.pg import media

    class Killed(BaseException):
        pass

    async def die(*_: Any) -> Any:
        raise Killed

    upload = await desk.start(BODY)
    await desk.send(upload, BODY)
    path = f"/api/uploads/{upload['upload_id']}/complete"
    with monkeypatch.context() as patch:
        patch.setattr(media if name == "complete_upload" else Storage, name, die)
        with pytest.raises(Killed):
            await desk.call("POST", path, {})
    row = await desk.deps.db.fetchrow("select status from uploads where public_id = $1", upload["upload_id"])
    assert row is not None
    assert row["status"] == "completing"
    assert await jobs(desk, "probe") == 0
    done = await desk.call("POST", path, {}, 202)
    assert done["status"] == "queued"
    assert await jobs(desk, "probe") == 1


@pytest.mark.parametrize("name", ["complete_multipart", "head", "complete_upload"])
async def test_completing_goes_on_after_a_crash_in_the_middle(
    desk: Studio, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await kill_in_the_middle(desk, monkeypatch, name)


@pytest.mark.parametrize("harm", ["gone", "shorter", "other"])
async def test_an_object_that_is_not_what_was_sent_queues_nothing(desk: Studio, harm: str) -> None:
    upload = await desk.start(BODY)
    await desk.send(upload, BODY)
    row = await desk.deps.db.fetchrow(
        "select storage_key, storage_upload_id from uploads where public_id = $1", upload["upload_id"]
    )
    assert row is not None
    s3, bucket, key = desk.s3.client(), desk.deps.storage.uploads, row["storage_key"]
    parts = [{"PartNumber": p["n"], "ETag": p["etag"]} for p in
             (await desk.call("GET", f"/api/uploads/{upload['upload_id']}", status=200))["parts"]]  # fmt: skip
    s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=row["storage_upload_id"], MultipartUpload={"Parts": parts}
    )
    if harm == "gone":
        s3.delete_object(Bucket=bucket, Key=key)
    else:
        s3.put_object(Bucket=bucket, Key=key, Body=BODY[:100] if harm == "shorter" else bytes(len(BODY)))
    answer = await desk.call("POST", f"/api/uploads/{upload['upload_id']}/complete", {}, 409)
    assert answer["error"] == "upload_mismatch"
    assert await jobs(desk, "probe") == 0
    assert (await desk.video(upload["video_id"]))["status"] == "uploading"


async def test_cancelling_frees_the_quota_and_the_parts(desk: Studio) -> None:
    from app.jobs.cleanup import purge_video
    from app.jobs.spec import Job

    upload = await desk.start(BODY)
    id = upload["upload_id"]
    await desk.send(upload, BODY, 1)
    await desk.call("DELETE", f"/api/uploads/{id}", status=204)
    await desk.call("DELETE", f"/api/uploads/{id}", status=204)
    assert await used(desk) == 0
    assert (await desk.call("POST", f"/api/uploads/{id}/complete", {}, 409))["error"] == "upload_closed"
    assert (await desk.call("POST", f"/api/uploads/{id}/parts", {"numbers": [1]}, 409))["error"] == "upload_closed"
    await desk.call("GET", f"/api/videos/{upload['video_id']}", status=404)
    await purge_video(Job(1, "default", "purge_video", {"video_id": upload["video_id"]}, 1, 5), desk.deps)
    key = f"uploads/u{desk.user.id}/{id}/source"
    open_ones = desk.s3.client().list_multipart_uploads(Bucket=desk.deps.storage.uploads, Prefix=key)
    assert open_ones.get("Uploads", []) == []
    await desk.call("GET", f"/api/uploads/{id}", status=404)


async def test_the_janitor_ends_what_nobody_completes(desk: Studio) -> None:
    from app.jobs.cleanup import expire_uploads
    from app.jobs.spec import Job

    upload = await desk.start(BODY)
    await desk.deps.db.execute("update uploads set expires_at = now() - interval '1 second'")
    await expire_uploads(Job(1, "default", "expire_uploads", {}, 1, 1), desk.deps)
    assert await used(desk) == 0
    row = await desk.deps.db.fetchval("select status from uploads where public_id = $1", upload["upload_id"])
    assert row == "expired"
    assert await jobs(desk, "purge_video") == 1


async def test_other_peoples_uploads_do_not_exist(desk: Studio) -> None:
    upload = await desk.start(BODY)
    desk.headers = await signed_in(desk.client, desk.deps.db, await make_user(desk.deps.db))
    path = f"/api/uploads/{upload['upload_id']}"
    await desk.call("GET", path, status=404)
    await desk.call("POST", f"{path}/parts", {"numbers": [1]}, 404)
    await desk.call("PUT", f"{path}/parts/1", {"etag": "x", "size": 1}, 404)
    await desk.call("POST", f"{path}/complete", {}, 404)
    await desk.call("DELETE", path, status=404)
    assert (await desk.call("GET", "/api/uploads", status=200))["items"] == []
    desk.headers = {}
    await desk.call("GET", path, status=401)


@pytest.mark.parametrize(
    ("wish", "error", "field"),
    [
        ({"filename": "a.exe"}, "unsupported_file", "filename"),
        ({"filename": "noending"}, "unsupported_file", "filename"),
        *(
            ({"content_type": odd}, "invalid", "content_type")
            for odd in (
                "video/x\r\nX: y",
                "video/x\ny",
                "video/\tx",
                "video/é",
                "video/",
                "/mp4",
                "video/mp4 x",
                "video",
            )
        ),
        ({"content_type": "text/html"}, "unsupported_file", "content_type"),
        ({"size": 0}, "invalid", "size"),
        ({"size": -5}, "invalid", "size"),
        ({"size": "many"}, "invalid", "size"),
        ({"size": 30 * 2**30}, "file_too_large", "size"),
        ({"filename": ""}, "invalid", "filename"),
        ({"filename": "a\x00.mp4"}, "invalid", "filename"),
        ({"filename": "x" * 300 + ".mp4"}, "invalid", "filename"),
        ({"key": "../../etc/passwd"}, "invalid", "key"),
    ],
)
async def test_what_cannot_become_a_video_is_refused_at_the_start(
    desk: Studio, wish: dict[str, Any], error: str, field: str
) -> None:
    body = {"filename": "a.mp4", "size": 100, "content_type": "video/mp4"} | wish
    answer = await desk.call("POST", "/api/uploads", body, 422)
    assert (answer["error"], list(answer["fields"])) == (error, [field])
    assert await used(desk) == 0


async def test_quota_and_open_uploads_are_bounded(desk: Studio) -> None:
    db = desk.deps.db
    await db.execute("update users set storage_quota_bytes = 1000 where id = $1", desk.user.id)
    answer = await desk.call(
        "POST", "/api/uploads", {"filename": "a.mp4", "size": 1001, "content_type": "video/mp4"}, 409
    )
    assert answer["error"] == "quota_exceeded"
    # Two at once cannot both take the last bytes.
    wish = {"filename": "a.mp4", "size": 600, "content_type": "video/mp4"}
    answers = await asyncio.gather(*(desk.call("POST", "/api/uploads", wish) for _ in range(3)))
    assert sorted(answer.get("error", "") for answer in answers) == ["", "quota_exceeded", "quota_exceeded"]
    await db.execute("update users set storage_quota_bytes = 1e9 where id = $1", desk.user.id)
    for _ in range(desk.deps.settings.upload_max_open - 1):
        await desk.start(b"x")
    answer = await desk.call("POST", "/api/uploads", wish, 409)
    assert answer["error"] == "too_many_uploads"


async def test_an_upload_that_storage_does_not_open_costs_nothing(
    desk: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> str:
        raise AppError("unavailable", retry_after=2)

    monkeypatch.setattr(Storage, "create_multipart", away)
    wish = {"filename": "a.mp4", "size": 600, "content_type": "video/mp4"}
    answer = await desk.call("POST", "/api/uploads", wish, 503)
    assert answer["error"] == "unavailable"
    assert await used(desk) == 0
    assert (await desk.call("GET", "/api/uploads", status=200))["items"] == []


@pytest.mark.parametrize("numbers", [[], [0], [3], [1] * 101, ["1"], None])
async def test_part_numbers_are_checked(desk: Studio, numbers: Any) -> None:
    upload = await desk.start(BODY)
    answer = await desk.call("POST", f"/api/uploads/{upload['upload_id']}/parts", {"numbers": numbers}, 422)
    assert answer["error"] == "invalid"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("my_clip.final.MP4", "my clip.final"),
        ("C:\\videos\\день.mov", "день"),
        ("../../etc/passwd.mp4", "passwd"),
        (".mp4", "Untitled"),
        ("假期 影片.mp4", "假期 影片"),
        ("x" * 250 + ".mp4", "x" * 150),
    ],
)
def test_titles_come_from_file_names(name: str, title: str) -> None:
    assert title_of(name) == title


def test_numbers_are_told_as_ranges() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"


def test_an_etag_that_is_no_digest_is_not_guessed() -> None:
    assert joined_etag([Part(1, '"not-hex"', 5)]) is None
    assert joined_etag([Part(1, '"' + "0" * 32 + '"', 5)]) == '"4ae71336e44bf9bf79d2752e234818a5-1"'
