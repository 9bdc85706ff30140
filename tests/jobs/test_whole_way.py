"""From a file to a video that plays: real S3, real FFmpeg behind the real MediaConvert protocol."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.clients import ffmpeg, hls
from app.config import Settings
from app.jobs import transcode_news
from app.jobs.rendered import list_output, read_ladder
from tests import processing
from tests.jobs import clips
from tests.local.clips import make
from tests.studio import SECONDS, Studio


def has_index_in_front(mp4: bytes) -> bool:
    return 0 < mp4.index(b"moov") < mp4.index(b"mdat")


def labels(video: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(q["label"], q["width"], q["height"]) for q in video["qualities"]]


async def test_the_real_clip_becomes_ready_and_is_playable_before(studio: Studio) -> None:
    studio.transcoder.control(hold=True)
    video = await studio.upload(clips.bunny(), "big_buck_bunny.mp4")
    id = video["id"]
    assert video["title"] == "big buck bunny"
    # The transcode has not begun; how soon that is, is measured in docs/benchmarks.md.
    early = await studio.heard(lambda e: e["video_id"] == id and e["is_playable"])
    assert early["status"] == "transcoding"
    studio.transcoder.control(hold=False)
    # Its index is at the end: browsers want it in front.
    head = await studio.deps.storage.get(studio.deps.storage.media, f"vod/{id}/1/progressive.mp4")
    assert has_index_in_front(head)
    assert not has_index_in_front(clips.bunny())

    ready = await studio.until(id, "ready", "failed")
    assert (ready["status"], ready["progress"], ready["reason"]) == ("ready", 100, None)
    assert labels(ready) == [("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)]
    assert all(q["status"] == "ready" and q["progress"] == 100 and q["bitrate"] > 0 for q in ready["qualities"])
    # Nobody else may see it yet: it gets its date when it is published.
    assert ready["published_at"] is None
    assert [url.rpartition(id)[2] for url in ready["frame_urls"]] == [
        "/1/poster.jpg",
        "/1/frames/1.jpg",
        "/1/frames/2.jpg",
    ]
    assert abs(ready["duration_seconds"] - 5.3) < 0.1

    events = [e for e in await studio.events() if e["video_id"] == id]
    assert [e["progress"] for e in events] == sorted(e["progress"] for e in events)
    assert [e["type"] for e in events].count("video:ready") == 1
    assert events[-1]["type"] == "video:ready"
    await look_at_objects(studio, id)


async def look_at_objects(studio: Studio, id: str) -> None:
    """The multivariant playlist is right, the previews match their WebVTT."""
    storage = studio.deps.storage
    output = await list_output(storage, f"vod/{id}/1")
    rungs = [{"label": label, "width": 0, "height": 0} for label in ("720p", "480p", "360p")]
    renditions = await read_ladder(storage, output, {"rungs": rungs, "probe": {"frame_rate": 25, "has_audio": True}})
    master = (await storage.get(storage.media, f"vod/{id}/1/hls/master.m3u8")).decode()
    assert hls.is_correct(master, renditions)
    for variant in hls.read_multivariant(master):
        assert re.fullmatch(r"avc1\.[0-9a-f]{6},mp4a\.40\.2", variant.attributes["CODECS"])
        assert variant.attributes["FRAME-RATE"] == "25.000"
    assert abs(renditions[0].duration - 5.3) < 0.3
    objects = studio.objects(f"vod/{id}/1/")
    assert objects["poster.jpg"] > 1000
    assert objects["thumbs/sprite_001.jpg"] > 1000
    vtt = (await storage.get(storage.media, f"vod/{id}/1/thumbs/thumbs.vtt")).decode()
    assert vtt.startswith("WEBVTT\n")
    assert vtt.count("-->") >= 5
    assert set(re.findall(r"(\S+)#xywh=", vtt)) == {"sprite_001.jpg"}


async def test_a_phone_clip_held_upright_stays_upright(studio: Studio, tmp_path: Path) -> None:
    flat = make(tmp_path / "flat.mp4", *clips.H264, *clips.AAC, source=clips.picture("854x480"))
    turned = tmp_path / "turned.mov"
    turn(flat, turned)
    video = await studio.upload(turned.read_bytes(), "IMG_0001.MOV", "video/quicktime")
    ready = await studio.until(video["id"], "ready", "failed")
    assert (ready["status"], ready["width"], ready["height"]) == ("ready", 480, 854)
    assert labels(ready) == [("480p", 480, 854), ("360p", 360, 640)]
    # QuickTime's own brand is rewritten as MP4 with the index in front, still turned.
    head = await studio.deps.storage.get(studio.deps.storage.media, f"vod/{video['id']}/1/progressive.mp4")
    assert has_index_in_front(head)


def turn(source: Path, target: Path) -> None:
    tools = ffmpeg.find(Settings())
    command = [tools.ffmpeg, "-v", "error", "-display_rotation", "90", "-i", str(source), "-c", "copy", str(target)]
    subprocess.run(command, check=True)


async def test_silent_tiny_odd_and_foreign_sources_become_ready(studio: Studio, tmp_path: Path) -> None:
    """Without sound, smaller than every rung, odd sizes in VP9 and HEVC, ProRes, variable frame rate."""
    vfr = ("-vf", "select='not(mod(n,3))+lt(n,20)'", "-fps_mode", "vfr")
    files = {
        "silent.mp4": clips.made(tmp_path / "a.mp4", *clips.H264, source=clips.picture("200x120"), tone=False),
        "odd.webm": clips.made(
            tmp_path / "b.webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus",
            source=clips.picture("403x365"),
        ),
        "hevc.mkv": clips.made(
            tmp_path / "c.mkv", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", *clips.AAC,
            source=clips.picture("642x362"),
        ),
        # As browsers record: no duration in the file.
        "live.webm": clips.made(
            tmp_path / "l.webm", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1",
            source=clips.picture("320x240"),
        ),
        "prores.mov": clips.made(tmp_path / "d.mov", "-c:v", "prores_ks", source=clips.picture("320x180", 1)),
        "vfr.mp4": clips.made(tmp_path / "e.mp4", *clips.H264, *clips.AAC, *vfr, source=clips.picture("480x360")),
    }  # fmt: skip
    made = {
        name: (await studio.upload(content, name, "application/octet-stream"))["id"] for name, content in files.items()
    }
    found = {name: await studio.until(id, "ready", "failed", seconds=300) for name, id in made.items()}
    assert {name: (video["status"], video["reason"]) for name, video in found.items()} == dict.fromkeys(
        files, ("ready", None)
    )
    assert labels(found["silent.mp4"]) == [("120p", 200, 120)]
    assert labels(found["odd.webm"]) == [("360p", 398, 360)]
    assert labels(found["hevc.mkv"]) == [("360p", 638, 360)]
    assert labels(found["live.webm"]) == [("240p", 320, 240)]
    assert found["live.webm"]["duration_seconds"] == pytest.approx(2, abs=0.2)
    assert labels(found["prores.mov"]) == [("180p", 320, 180)]
    assert labels(found["vfr.mp4"]) == [("360p", 480, 360)]
    master = await studio.deps.storage.get(studio.deps.storage.media, f"vod/{made['silent.mp4']}/1/hls/master.m3u8")
    assert b"mp4a" not in master


LYING: dict[str, tuple[bytes, str]] = {
    "page.mp4": (b"<!doctype html><html><script>alert(1)</script></html>" * 50, "not_a_video"),
    "list.ts": (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n", "not_a_video"),
    "concat.mkv": (b"ffconcat version 1.0\nfile /etc/passwd\n", "not_a_video"),
    "one.mp4": (b"\x00", "not_a_video"),
    "archive.mov": (b"PK\x03\x04" + bytes(2000), "not_a_video"),
}


async def test_lying_and_broken_files_fail_once_with_a_reason(studio: Studio, tmp_path: Path) -> None:
    good = clips.plain(tmp_path, fast=False)
    tone = clips.made(tmp_path / "tone.mp4", "-map", "1:a", "-t", "2", *clips.AAC, source=clips.picture("64x64"))
    files = LYING | {"cut.mp4": (good[: len(good) // 2], "broken_file"), "sound.mp4": (tone, "not_a_video")}
    ids = {name: (await studio.upload(content, name))["id"] for name, (content, _) in files.items()}
    found = {name: (await studio.until(id, "failed", "ready")) for name, id in ids.items()}
    assert {n: (v["status"], v["reason"]) for n, v in found.items()} == {
        n: ("failed", reason) for n, (_, reason) in files.items()
    }
    # The job itself is done: nothing waits to be tried again, nothing died, nobody asked the transcoder.
    db = studio.deps.db
    assert await db.fetchval("select count(*) from transcode_jobs") == 0
    assert await db.fetchval("select count(*) from q.dead") == 0
    assert await db.fetchval("select count(*) from q.scheduled where kind = 'probe'") == 0
    events = [e["type"] for e in await studio.events() if e["video_id"] == ids["page.mp4"]]
    assert events.count("video:failed") == 1


async def test_the_owner_tries_a_failed_video_again(studio: Studio, tmp_path: Path) -> None:
    studio.transcoder.control(fail_next=1030)
    video = await studio.upload(clips.plain(tmp_path, "320x180"))
    id = video["id"]
    failed = await studio.until(id, "failed")
    assert failed["reason"] == "unsupported_codec"
    # What plays as it is goes on playing, or becomes playable all the same.
    await studio.heard(lambda e: e["video_id"] == id and e["is_playable"])

    again = await studio.call("POST", f"/api/videos/{id}/retry", {}, 202)
    assert again["status"] != "failed"
    assert again["reason"] is None
    ready = await studio.until(id, "ready")
    assert ready["reason"] is None
    assert (await studio.call("POST", f"/api/videos/{id}/retry", {}, 409))["error"] == "video_not_failed"
    assert set(studio.objects(f"vod/{id}/2/hls/")) >= {"master.m3u8", "master_180p.m3u8"}
    assert studio.objects(f"vod/{id}/1/hls/") == {}


async def test_a_passing_error_of_the_transcoder_is_tried_once_more_unasked(studio: Studio, tmp_path: Path) -> None:
    studio.transcoder.control(fail_next=1999)
    video = await studio.upload(clips.plain(tmp_path, "320x180"))
    ready = await studio.until(video["id"], "ready", "failed")
    assert ready["status"] == "ready"
    attempts = await studio.deps.db.fetch("select status, is_retry from transcode_jobs order by attempt")
    assert [tuple(row) for row in attempts] == [("error", False), ("complete", True)]
    assert "video:failed" not in {e["type"] for e in await studio.events()}


async def test_without_any_event_the_sweeper_brings_the_video_home(studio: Studio, tmp_path: Path) -> None:
    """Every event is lost (fault F13)."""
    every = ["INPUT_INFORMATION", "PROGRESSING", "STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"]
    studio.transcoder.control(drop=every)
    video = await studio.upload(clips.plain(tmp_path, "320x180", fast=False))
    await studio.eventually("select exists (select from transcode_jobs where job_id is not null)")
    job = await studio.deps.db.fetchval("select job_id from transcode_jobs")
    await over(studio, job)
    await studio.deps.db.execute("update transcode_jobs set created_at = now() - interval '3 minutes'")
    await transcode_news.sweep(processing.job("sweep_transcodes"), studio.deps)
    ready = await studio.until(video["id"], "ready", "failed")
    assert ready["status"] == "ready"


async def test_events_late_repeated_and_shuffled_bring_the_video_home(studio: Studio, tmp_path: Path) -> None:
    studio.transcoder.control(shuffle=True, repeat=3, delay_seconds=0.2)
    video = await studio.upload(clips.plain(tmp_path, "320x180"))
    assert (await studio.until(video["id"], "ready", "failed"))["status"] == "ready"
    mine = [e for e in await studio.events() if e["video_id"] == video["id"]]
    assert [e["type"] for e in mine].count("video:ready") == 1
    assert [e["progress"] for e in mine] == sorted(e["progress"] for e in mine)


async def over(studio: Studio, job: str) -> None:
    """Returns once the transcoder says that this job has ended."""
    pause = asyncio.Event()
    async with asyncio.timeout(SECONDS):
        for _ in itertools.count():
            state = await studio.deps.transcoder.get_job(job)
            if state is not None and state.is_over:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pause.wait(), 0.2)


async def test_deleting_removes_objects_rows_and_the_quota_it_held(studio: Studio, tmp_path: Path) -> None:
    video = await studio.upload(clips.plain(tmp_path, "320x180"))
    id = video["id"]
    await studio.until(id, "ready")
    key = await studio.deps.db.fetchval("select source_key from videos where public_id = $1", id)
    await studio.call("DELETE", f"/api/videos/{id}", status=204)
    await gone(studio, id)
    assert studio.objects(f"vod/{id}/") == {}
    assert studio.objects(key, studio.deps.storage.uploads) == {}
    assert (await studio.call("GET", "/api/auth/me", status=200))["storage_used_bytes"] == 0


async def test_deleting_in_mid_transcode_cancels_it(studio: Studio, tmp_path: Path) -> None:
    studio.transcoder.control(hold=True)
    video = await studio.upload(clips.plain(tmp_path, "320x180"))
    id = video["id"]
    await studio.eventually("select exists (select from transcode_jobs where job_id is not null)")
    job = await studio.deps.db.fetchval("select job_id from transcode_jobs")
    await studio.call("DELETE", f"/api/videos/{id}", status=204)
    await gone(studio, id)
    state = await studio.deps.transcoder.get_job(job)
    assert state is not None
    assert state.status == "CANCELED"
    assert studio.objects(f"vod/{id}/") == {}


async def gone(studio: Studio, id: str) -> None:
    """Returns once the purge has removed the row."""
    await studio.eventually("select not exists (select from videos where public_id = $1)", id)
