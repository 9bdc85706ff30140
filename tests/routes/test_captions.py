"""Captions: only WebVTT, only by the owner, sent back as nothing but text."""

from __future__ import annotations

import httpx
import pytest

from app.config import Settings
from app.errors import AppError
from app.pg.pool import Database
from app.routes import webvtt
from tests.factories import make_user, signed_in
from tests.servers import MEDIA, S3Server, connected
from tests.videos import make_video

GOOD = """WEBVTT - 字幕

NOTE by hand

1
00:00.000 --> 00:02.500 align:start
<v Ann>Hello</v> <i>you</i>

01:00:00.000 --> 01:00:01.000
안녕 & 你好
"""
VTT = {"content-type": "text/vtt"}


@pytest.fixture
def settings(settings: Settings, s3: S3Server) -> Settings:
    return connected(settings, s3)


@pytest.mark.parametrize(
    "text", [GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), "WEBVTT\n\n00:00.000 --> 00:01.000\n"]
)
def test_good_files(text: str) -> None:
    assert webvtt.validate(text.encode()).startswith("WEBVTT")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "begin"),
        (b"WEBVTTX\n\n00:00.000 --> 00:01.000\nx", "begin"),
        (b"<html><script>alert(1)</script>", "begin"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nsrt", "begin"),
        (b"WEBVTT\n", "no captions"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\xff\xfe", "UTF-8"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\x00", "control"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "line 3"),
        (b"WEBVTT\n\n00:61.000 --> 00:70.000\nx", "line 3"),
        (b"WEBVTT\n\n00:00,000 --> 00:01,000\nx", "line 3"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script>", "line 4"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n<img src=x onerror=y>", "line 4"),
        (b"WEBVTT\n\nSTYLE\n::cue { background: url(http://x) }\n\n00:00.000 --> 00:01.000\nx", "not allowed"),
        (b"WEBVTT\n\nno time here\n\n00:00.000 --> 00:01.000\nx", "line 3"),
    ],
)
def test_bad_files(raw: bytes, says: str) -> None:
    with pytest.raises(AppError) as raised:
        webvtt.validate(raw)
    assert raised.value.status == 422
    assert raised.value.fields
    assert says in raised.value.fields["body"]


async def test_put_play_replace_delete(client: httpx.AsyncClient, db: Database, s3: S3Server) -> None:
    owner = await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db)
    video = await make_video(db, owner.id)
    url = f"/api/videos/{video.id}/captions/zh-TW"
    assert (await client.put(url, content=GOOD.encode(), headers=theirs | VTT)).status_code == 404
    assert (await client.put(url, content=GOOD.encode(), headers=VTT)).status_code == 401
    answer = await client.put(f"{url}?label=中文", content=GOOD.encode(), headers=mine | VTT)
    assert answer.json() == {"lang": "zh-TW", "label": "中文"}
    track = (await client.get(f"/api/videos/{video.id}/playback")).json()["captions"][0]
    assert track["label"] == "中文"
    sent = await client.get(track["url"])
    assert sent.text == GOOD
    assert sent.headers["content-type"] == "text/vtt; charset=utf-8"
    await client.put(url, content=GOOD.replace("Hello", "Bye").encode(), headers=mine | VTT)
    later = (await client.get(f"/api/videos/{video.id}/playback")).json()["captions"]
    assert [t["lang"] for t in later] == ["zh-TW"]
    assert "Bye" in (await client.get(later[0]["url"])).text
    assert (await client.get(track["url"])).status_code == 404
    assert (await client.delete(url, headers=theirs)).status_code == 404
    assert (await client.delete(url, headers=mine)).status_code == 204
    assert (await client.delete(url, headers=mine)).status_code == 404
    left = s3.client().list_objects_v2(Bucket=MEDIA, Prefix=f"vod/{video.id}/captions/")
    assert left["KeyCount"] == 0


async def test_refusals(client: httpx.AsyncClient, db: Database, s3: S3Server) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    video = await make_video(db, owner.id)
    base = f"/api/videos/{video.id}/captions"
    for lang in ("e", "english!", "../x", "en-" + "x" * 9):
        answer = await client.put(f"{base}/{lang}", content=GOOD.encode(), headers=mine | VTT)
        assert answer.status_code in (404, 422), lang
    big = GOOD.encode() + b"x" * 1_100_000
    assert (await client.put(f"{base}/en", content=big, headers=mine | VTT)).status_code == 413
    json = mine | {"content-type": "application/json"}
    assert (await client.put(f"{base}/en", content=GOOD.encode(), headers=json)).status_code == 415
    await db.execute(
        "insert into video_captions select $1, 'q' || chr(96 + n), 'x', 'captions/x.vtt' from generate_series(1, 20) n",
        video.number,
    )
    answer = await client.put(f"{base}/en", content=GOOD.encode(), headers=mine | VTT)
    assert (answer.status_code, answer.json()["error"]) == (409, "too_many_captions")
    # What was refused does not stay in S3, where it would count to nobody's quota.
    left = s3.client().list_objects_v2(Bucket=MEDIA, Prefix=f"vod/{video.id}/captions/")
    assert left["KeyCount"] == 0
