"""Captions: only WebVTT, only by the owner, sent back as nothing but text."""

from __future__ import annotations

import re

import httpx
import pytest

from app.config import Settings
from app.errors import AppError
from app.pg.pool import Database
from app.routes import captions_file, webvtt
from tests.factories import make_user, signed_in
from tests.house.files import ROOT
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
    captions = read(text.encode())
    assert (captions.text.startswith("WEBVTT"), captions.left_out) == (True, 0)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "begin"),
        (b"WEBVTTX\n\n00:00.000 --> 00:01.000\nx", "begin"),
        (b"<html><script>alert(1)</script>", "begin"),
        (b"WEBVTT\n", "no captions"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\xff\xfe", "UTF-8"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\x00", "control"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "line 3"),
        (b"WEBVTT\n\n00:61.000 --> 00:70.000\nx", "line 3"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script>", "line 4"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n<img src=x onerror=y>", "line 4"),
        (b"WEBVTT\n\nno time here\n", "line 3"),
        ("\n\n".join(["WEBVTT", *["00:00.000 --> 00:01.000\nx"] * 20_001]).encode(), "20000"),
    ],
)
def test_bad_files(raw: bytes, says: str) -> None:
    with pytest.raises(AppError) as raised:
        read(raw)
    assert raised.value.status == 422
    assert raised.value.fields
    assert says in raised.value.fields["body"]


# file: what is shown of it, and how many cues are left out
ODD = {
    "arrow-nospace": (["hi"], 0),
    "comma": (["hi"], 0),
    "cp949": (["안녕하세요"], 0),
    "font": (["yellow"], 0),
    "lt3": (["I &lt;3 you"], 0),
    "space-line-middle": (["line one\n \nline three"], 0),
    "srt-renamed": (["hi"], 0),
    "style-escape-url": (["hi"], 0),
    "zero-length": (["hi", "last"], 1),
    "youtube-auto": (
        [
            " \nwhat's<00:00:00.719><c> up</c><00:00:00.930><c> there</c>",
            "what's up there\n ",
            "what's up there\nfriends<00:00:06.000><c> now</c>",
        ],
        0,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_files_people_have_are_taken_cue_by_cue(name: str) -> None:
    captions = read((ROOT / f"tests/media/odd/captions-{name}.vtt").read_bytes())
    assert (texts(captions.text), captions.left_out) == ODD[name]
    assert not re.search(r"url|75rl", captions.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b and c > d", "a &lt; b and c > d"),
        ("<I>Yes</I> {\\an8}", "<i>Yes</i> {\\an8}"),
        ("x<script>alert(1)</script>y", "xy"),
        ("x <img src=x onerror=y>", "x "),
        ("x<scr<script>z</script>ipt>y", "xy"),
        ("x--<font>>y", "x--&gt;y"),
        ("x\n<font>\n</font>\ny", "x\ny"),
        ("<<b>script>x", "&lt;<b>script>x"),
        ("한글".encode().decode(), "한글"),
    ],
)
def test_markup_is_put_right_and_never_made(text: str, shown: str) -> None:
    assert texts(read(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{text}\n".encode()).text) == [shown]


@pytest.mark.parametrize(
    ("blocks", "left_out"),
    [
        ("STYLE\n::cue { background: url(http://x) }", 0),
        ("STYLE\n::cue { background: u\\72l(http://x) }", 0),
        ("STYLE\n@import 'x'", 0),
        ("NOTE <script>", 0),
        ("no time here", 1),
        ("00:05.000 --> 00:04.000\nbackwards", 1),
        ("NOTE two\nlines\n99:99.000 --> 99:99.000\nx", 1),
    ],
)
def test_a_block_that_cannot_be_kept_costs_nothing_else(blocks: str, left_out: int) -> None:
    captions = read(f"WEBVTT\n\n{blocks}\n\n00:00.000 --> 00:01.000\nhi\n".encode())
    assert (texts(captions.text), captions.cues, captions.left_out) == (["hi"], 1, left_out)
    assert not re.search(r"url|@|72l|<script|99:99", captions.text)


SUBRIP = """1
00:00:01,000 --> 00:00:02,500 X1:10 X2:20
<font color="#fff">하나</font> {\\an8}

2
0:00:03,5 --> 0:00:04
둘
\x20
셋

00:00:05,000 --> 00:00:06,000
2026

4
00:00:07,000 --> 00:00:07,000
none
"""


def test_subrip_becomes_webvtt() -> None:
    captions = read(SUBRIP.encode())
    assert captions.left_out == 1
    assert captions.text == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n하나 \n\n00:00:03.500 --> 00:00:04.000\n둘\n셋\n\n"
        "00:00:05.000 --> 00:00:06.000\n2026\n"
    )


KOREAN = "1\r\n00:00:01,000 --> 00:00:02,000\r\n그는 천천히 고개를 들었다. 똠방각하!\r\n"
TAIWANESE = "1\n00:00:01,000 --> 00:00:02,000\n大家好，今天天氣很好。我們一起去爬山好嗎？\n"
JAPANESE = "1\n00:00:01,000 --> 00:00:02,000\n皆さん、こんにちは。今日は天気がいいですね。\n"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (KOREAN, "utf-8", "utf-8"),
        (KOREAN, "utf-16", "utf-16"),
        (TAIWANESE, "utf-16-le", "utf-16"),
        (TAIWANESE, "utf-16-be", "utf-16"),
        (KOREAN, "cp949", "euc-kr"),
        (TAIWANESE, "cp950", "big5"),
        (TAIWANESE, "gb18030", "gb18030"),
        (JAPANESE, "cp932", "shift_jis"),
    ],
)
def test_encodings_are_told_from_the_letters(text: str, codec: str, name: str) -> None:
    assert captions_file.decode(text.encode(codec)) == (text, name)


def test_an_encoding_that_cannot_be_told_is_asked_for() -> None:
    raw = "Où étiez-vous hier à la fête d'été ?".encode("cp1252")
    with pytest.raises(AppError) as raised:
        captions_file.decode(raw)
    assert raised.value.fields
    assert raised.value.fields["body"].code == "captions_encoding"
    assert captions_file.decode(raw, "windows-1252")[0] == "Où étiez-vous hier à la fête d'été ?"
    with pytest.raises(AppError):
        captions_file.decode(b"\x81\x20", "euc-kr")


def read(raw: bytes) -> webvtt.Captions:
    return webvtt.read(captions_file.decode(raw)[0])


def texts(file: str) -> list[str]:
    """What is shown, cue by cue."""
    return [block.partition("\n")[2] for block in re.split(r"\n\n(?=\S* ?-->|[\d:.]+ -->)", file.rstrip("\n"))[1:]]


async def test_the_answer_says_what_was_left_out_and_converted(
    client: httpx.AsyncClient, db: Database, s3: S3Server
) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    video = await make_video(db, owner.id)
    url = f"/api/videos/{video.id}/captions/ko"
    raw = (SUBRIP + "\n5\n00:00:08,000 --> 00:00:09,000\n안녕하세요\n").encode("cp949")
    answer = await client.put(url, content=raw, headers=mine | {"content-type": "application/x-subrip"})
    assert answer.json() == {"lang": "ko", "label": "ko", "left_out": 1, "encoding": "euc-kr"}
    track = (await client.get(f"/api/videos/{video.id}/playback")).json()["captions"][0]
    assert "안녕하세요" in (await client.get(track["url"])).text
    unsure = "1\n00:00:01,000 --> 00:00:02,000\nfête\n".encode("cp1252")
    refused = await client.put(url, content=unsure, headers=mine | VTT)
    assert refused.json()["field_codes"] == {"body": {"code": "captions_encoding", "params": {}}}
    said = await client.put(f"{url}?encoding=windows-1252", content=unsure, headers=mine | VTT)
    assert said.json()["encoding"] == "windows-1252"
    assert (await client.put(f"{url}?encoding=rot13", content=unsure, headers=mine | VTT)).status_code == 422


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


async def test_captions_count_to_their_owner_s_storage(client: httpx.AsyncClient, db: Database, s3: S3Server) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    video = await make_video(db, owner.id)
    base = f"/api/videos/{video.id}/captions"
    size, longer = len(GOOD.encode()), GOOD.replace("Hello", "Hello again")

    async def used() -> int:
        me = (await client.get("/api/auth/me", headers=mine)).json()
        return int(me["storage_used_bytes"])

    before = await used()
    await client.put(f"{base}/en", content=GOOD.encode(), headers=mine | VTT)
    await client.put(f"{base}/ko", content=GOOD.encode(), headers=mine | VTT)
    assert await used() == before + 2 * size
    await client.put(f"{base}/ko", content=longer.encode(), headers=mine | VTT)
    assert await used() == before + 2 * size + len(" again")
    assert (await client.delete(f"{base}/ko", headers=mine)).status_code == 204
    assert await used() == before + size
    await db.execute("update users set storage_quota_bytes = $2 where id = $1", owner.id, before + size + 10)
    full = await client.put(f"{base}/de", content=GOOD.encode(), headers=mine | VTT)
    assert (full.status_code, full.json()["error"]) == (409, "quota_exceeded")
    # Refused whole: no row, no file, nothing counted.
    assert await used() == before + size
    assert s3.client().list_objects_v2(Bucket=MEDIA, Prefix=f"vod/{video.id}/captions/")["KeyCount"] == 1
    # With the video goes what its captions took.
    await db.execute("select media.delete_video($1, $2)", video.id, owner.id)
    for _ in range(2):
        await db.fetchval("select media.start_purge($1)", video.id)
        assert await used() == before
