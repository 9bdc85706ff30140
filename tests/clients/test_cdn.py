"""CloudFront's addresses without CloudFront: our own signature, checked with the public key."""

from __future__ import annotations

import base64
import dataclasses
import fnmatch
import json
import re
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.clients.cdn import Cdn
from app.config import ConfigError, Settings
from app.pg.pool import Database
from tests.factories import make_user, signed_in
from tests.servers import MEDIA, S3Server, connected
from tests.videos import make_video

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
ORIGIN = "https://cdn.example.net"
SERVICE = "http://localhost:8080"
MASTER = """#EXTM3U
#EXT-X-VERSION:4
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=1000000,RESOLUTION=1280x720,CODECS="avc1.64001f,mp4a.40.2"
master_720p.m3u8
"""
MEDIA_PLAYLIST = """#EXTM3U\r
#EXT-X-MAP:URI="init.mp4",BYTERANGE="720@0"\r
#EXTINF:6.0,\r
master_720p_00001.ts\r
#EXTINF:6.0,\r
../hls/master_720p_00002.ts\r
#EXT-X-ENDLIST\r
"""
PREVIEWS = """WEBVTT

00:00.000 --> 00:05.000
sprite_001.jpg#xywh=0,0,160,90

00:05.000 --> 00:10.000
sprite_001.jpg#xywh=160,0,160,90
"""


@pytest.fixture
def settings(settings: Settings, s3: S3Server) -> Settings:
    return dataclasses.replace(
        connected(settings, s3),
        media_delivery="cloudfront",
        cdn_url=ORIGIN + "/",
        cdn_key_pair_id="K123",
        cdn_private_key=PEM.replace("\n", "\\n"),
    )


def decode(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"))


def assert_signed(url: str, video: str) -> int:
    """A valid signature whose policy covers this very address; returns its end."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert set(query) == {"Policy", "Signature", "Key-Pair-Id"}
    assert query["Key-Pair-Id"] == "K123"
    policy = decode(query["Policy"])
    KEY.public_key().verify(decode(query["Signature"]), policy, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    statement = json.loads(policy)["Statement"][0]
    assert statement["Resource"] == f"{ORIGIN}/vod/{video}/*"
    assert fnmatch.fnmatchcase(f"{parts.scheme}://{parts.netloc}{parts.path}", statement["Resource"])
    assert b" " not in policy
    return int(statement["Condition"]["DateLessThan"]["AWS:EpochTime"])


def addresses(text: str) -> list[str]:
    """Every file a playlist or a list of previews names."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#") and "-->" not in line]
    return [line for line in lines if line != "WEBVTT"] + re.findall(r'URI="([^"]*)"', text)


async def test_every_address_carries_the_signature(client: httpx.AsyncClient, db: Database, s3: S3Server) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    video = await make_video(db, owner.id, visibility="private", progressive_path="1/progressive.mp4")
    files = {"1/hls/master.m3u8": MASTER, "1/hls/master_720p.m3u8": MEDIA_PLAYLIST, "1/thumbs/thumbs.vtt": PREVIEWS}
    for path, text in files.items():
        s3.client().put_object(Bucket=MEDIA, Key=f"vod/{video.id}/{path}", Body=text.encode())
    playback = (await client.get(f"/api/videos/{video.id}/playback", headers=mine)).json()

    master = await client.get(playback["hls_url"])
    variants = addresses(master.text)
    assert variants == ["master_720p.m3u8"]
    media = await client.get(urljoin(SERVICE + playback["hls_url"], variants[0]))
    previews = await client.get(playback["sprite_vtt_url"])
    assert previews.headers["cache-control"] == "private, no-store"
    signed = addresses(media.text) + addresses(previews.text)
    assert len(signed) == 5
    assert signed[0].startswith(f"{ORIGIN}/vod/{video.id}/1/hls/master_720p_00001.ts?")
    assert signed[1].startswith(f"{ORIGIN}/vod/{video.id}/1/hls/master_720p_00002.ts?")
    assert signed[3].endswith("#xywh=0,0,160,90")
    for name in ("poster_url", "progressive_url"):
        answer = await client.get(playback[name])
        assert answer.status_code == 302
        signed.append(answer.headers["location"])
    ends = {assert_signed(url, video.id) for url in signed}
    assert len(ends) == 1
    assert ends.pop() > time.time() + 3600
    other = await make_video(db, owner.id, visibility="private")
    stolen = playback["poster_url"].replace(video.id, other.id)
    assert (await client.get(stolen)).status_code == 404
    assert (await client.get(f"/media/-/{video.id}/1/poster.jpg")).status_code == 404


def test_a_signature_is_made_once_for_a_video(settings: Settings) -> None:
    cdn = Cdn(settings)
    assert cdn.query("AAAAAAAAAAAA", 2_000_000_000) is cdn.query("AAAAAAAAAAAA", 2_000_000_000)
    assert_signed(cdn.url("AAAAAAAAAAAA", "1/hls/a.ts", 2_000_000_000), "AAAAAAAAAAAA")


@pytest.mark.parametrize("uri", ["../../../other/1/hls/a.ts", "/etc/a.ts", "https://evil.example/a.ts"])
def test_a_playlist_cannot_lead_out_of_its_video(settings: Settings, uri: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        Cdn(settings).rewrite(f"#EXTM3U\n{uri}\n", "AAAAAAAAAAAA", "1/hls/master_720p.m3u8", 2_000_000_000)


@pytest.mark.parametrize("change", [{"cdn_private_key": "rubbish"}, {"cdn_key_pair_id": ""}, {"cdn_url": ""}])
def test_a_half_configured_cdn_is_refused(settings: Settings, change: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Cdn(dataclasses.replace(settings, **change))  # type: ignore[arg-type]
