"""S3 that is away, slow or hangs up (fault F15): tried again while it may pass, then a state people see."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import Settings
from app.errors import AppError
from app.jobs import cleanup, probe
from tests import processing
from tests.jobs import clips
from tests.processing import job
from tests.proxy import Proxy, proxy_to
from tests.servers import S3Server, TranscoderServer
from tests.studio import Studio, open_studio


@pytest.fixture
async def proxy(s3: S3Server) -> AsyncIterator[Proxy]:
    async with proxy_to(int(s3.endpoint.rpartition(":")[2])) as running:
        yield running


@pytest.fixture
async def shaky(settings: Settings, s3: S3Server, transcoder: TranscoderServer, proxy: Proxy) -> AsyncIterator[Studio]:
    """The service speaks to S3 through the proxy, browsers do not. No worker."""
    through = dataclasses.replace(s3, endpoint=proxy.url)
    changes = {"serve_worker": False, "s3_public_endpoint": s3.endpoint, "s3_deadline_seconds": 30.0}
    async with open_studio(settings, through, transcoder, **changes) as running:
        running.s3 = s3
        yield running


async def test_connections_that_are_cut_are_tried_again(shaky: Studio, proxy: Proxy) -> None:
    storage = shaky.deps.storage
    await storage.put(storage.media, "shaky/x", b"hello", content_type="text/plain")
    proxy.cut()
    proxy.is_away = False
    proxy.close_next = 2
    assert await storage.get(storage.media, "shaky/x") == b"hello"
    assert proxy.refused == 2
    await storage.delete_prefix(storage.media, "shaky/")


async def test_completing_while_storage_is_away_is_asked_again_later(shaky: Studio, proxy: Proxy) -> None:
    content = bytes(1000)
    upload = await shaky.start(content)
    await shaky.send(upload, content)
    path = f"/api/uploads/{upload['upload_id']}/complete"
    proxy.cut()
    answer = await shaky.call("POST", path, {}, 503)
    assert answer["error"] == "unavailable"
    assert (await shaky.video(upload["video_id"]))["status"] == "uploading"
    assert (await shaky.client.get(f"/api/uploads/{upload['upload_id']}", headers=shaky.headers)).status_code == 200
    proxy.is_away = False
    assert (await shaky.call("POST", path, {}, 202))["status"] == "queued"


async def test_a_source_that_cannot_be_read_for_long_becomes_a_visible_state(
    shaky: Studio, proxy: Proxy, tmp_path: Path
) -> None:
    video = await shaky.upload(clips.plain(tmp_path, "320x180"))
    number = await shaky.deps.db.fetchval("select id from videos")
    proxy.cut()
    with pytest.raises(AppError):
        await probe.run(job("probe", video_id=number, attempt=1), shaky.deps)
    assert (await shaky.video(video["id"]))["status"] == "probing", "it may pass: people see that it is worked on"
    with pytest.raises(AppError):
        await probe.run(job("probe", tries=8, video_id=number, attempt=1), shaky.deps)
    failed = await shaky.video(video["id"])
    assert (failed["status"], failed["reason"]) == ("failed", "service_unavailable")

    proxy.is_away = False
    await shaky.call("POST", f"/api/videos/{video['id']}/retry", {}, 202)
    await probe.run(job("probe", video_id=number, attempt=2), shaky.deps)
    again = await shaky.video(video["id"])
    assert (again["status"], again["is_playable"]) == ("transcoding", True)
    assert shaky.objects(f"vod/{video['id']}/2/").keys() == {"progressive.mp4", "poster.jpg"}


async def test_deleting_waits_for_storage(shaky: Studio, proxy: Proxy) -> None:
    content = bytes(1000)
    video = await shaky.upload(content)
    key = await shaky.deps.db.fetchval("select source_key from videos")
    s3, place = shaky.s3.client(), f"vod/{video['id']}/"
    for name in (place + "1/hls/a.ts", place + "captions/en-1.vtt", "vod/neighbour000/1/hls/a.ts"):
        s3.put_object(Bucket=shaky.deps.storage.media, Key=name, Body=b"x")
    await shaky.call("DELETE", f"/api/videos/{video['id']}", status=204)
    proxy.cut()
    purge = job("purge_video", video_id=video["id"])
    with pytest.raises(AppError):
        await cleanup.purge_video(purge, shaky.deps)
    await shaky.call("GET", f"/api/videos/{video['id']}", status=404)
    proxy.is_away = False
    await cleanup.purge_video(purge, shaky.deps)
    assert await shaky.deps.db.fetchval("select count(*) from videos") == 0
    assert shaky.objects(key, shaky.deps.storage.uploads) == {}
    assert shaky.objects(place) == {}
    assert shaky.objects("vod/neighbour000/") != {}


async def test_output_that_is_not_whole_is_never_shown_as_ready(shaky: Studio) -> None:
    from app.jobs import finish
    from app.pg import media

    db = shaky.deps.db
    video = await processing.submitted(db, shaky.user.id)
    await media.apply_transcode_event(db, video.id, 1, "1-abcdef", "COMPLETE")
    with pytest.raises(AppError):
        await finish.run(job("finish", video_id=video.number, attempt=1), shaky.deps)
    assert (await shaky.video(video.id))["status"] == "transcoding"
    with pytest.raises(AppError):
        await finish.run(job("finish", tries=8, video_id=video.number, attempt=1), shaky.deps)
    failed = await shaky.video(video.id)
    assert (failed["status"], failed["reason"], failed["is_playable"]) == ("failed", "output_missing", False)


async def test_a_step_that_outlives_its_video_leaves_nothing_behind(shaky: Studio) -> None:
    """Deleted while job finish makes previews: what it stores after the purge's look goes with the next one."""
    from app.pg import media

    db = shaky.deps.db
    video = await processing.submitted(db, shaky.user.id)
    await media.apply_transcode_event(db, video.id, 1, "1-abcdef", "COMPLETE")
    await db.execute("update q.job set leased_by = 1 where kind = 'finish'")
    await shaky.call("DELETE", f"/api/videos/{video.id}", status=204)
    purge = job("purge_video", video_id=video.id)
    with pytest.raises(AppError) as caught:
        await cleanup.purge_video(purge, shaky.deps)
    assert "still running" in caught.value.message
    late = f"vod/{video.id}/1/thumbs/sprite_001.jpg"
    shaky.s3.client().put_object(Bucket=shaky.deps.storage.media, Key=late, Body=b"x")
    await db.execute("delete from q.job where kind = 'finish'")
    await cleanup.purge_video(purge, shaky.deps)
    assert shaky.objects(f"vod/{video.id}/") == {}
    assert await db.fetchval("select count(*) from videos") == 0
