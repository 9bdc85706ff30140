"""Buckets are made and verified on the real local S3, twice with the same outcome."""

from __future__ import annotations

import dataclasses
import uuid

import httpx
import pytest

from app.clients import cloud_setup
from app.config import Settings
from tests.servers import S3Server, connected


@pytest.fixture
def settings(s3: S3Server) -> Settings:
    name = uuid.uuid4().hex[:8]
    return dataclasses.replace(
        connected(Settings(), s3),
        s3_upload_bucket=f"up-{name}",
        s3_media_bucket=f"media-{name}",
        allowed_origins=("https://second.example",),
    )


def test_makes_verifies_and_may_be_repeated(settings: Settings, s3: S3Server) -> None:
    first, second = list(cloud_setup.set_up(settings)), list(cloud_setup.set_up(settings))
    assert any("made" in line for line in first)
    assert any("is there" in line for line in second)
    for bucket in (settings.s3_upload_bucket, settings.s3_media_bucket):
        rules = s3.client().get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert [rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] for rule in rules] == [1]


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost:8080", 200), ("https://second.example", 200), ("https://evil.example", 403)],
)
def test_only_our_pages_may_upload(settings: Settings, s3: S3Server, origin: str, status: int) -> None:
    list(cloud_setup.set_up(settings))
    asked = {"origin": origin, "access-control-request-method": "PUT"}
    answer = httpx.options(f"{s3.endpoint}/{settings.s3_upload_bucket}/uploads/a", headers=asked, timeout=60)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["access-control-allow-origin"] == origin
        key = {"Bucket": settings.s3_upload_bucket, "Key": "uploads/a"}
        url = s3.client().generate_presigned_url("put_object", Params=key)
        put = httpx.put(url, content=b"x", headers={"origin": origin}, timeout=60)
        assert "etag" in put.headers["access-control-expose-headers"].lower()


def test_objects_are_private(settings: Settings, s3: S3Server) -> None:
    list(cloud_setup.set_up(settings))
    s3.client().put_object(Bucket=settings.s3_media_bucket, Key="vod/a", Body=b"x")
    assert httpx.get(f"{s3.endpoint}/{settings.s3_media_bucket}/vod/a", timeout=60).status_code == 403
