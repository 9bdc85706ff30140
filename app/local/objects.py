"""The transcoder's side of S3: fetch a source to disk, store finished files with their headers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".jpg": "image/jpeg",
}
CHUNK = 1 << 20
TRIES = 5


@dataclass(frozen=True)
class Account:
    """Which S3 and who we are there; an empty endpoint means AWS."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"


class ObjectMissing(Exception):
    """No such bucket or key."""


class ObjectDenied(Exception):
    """The keys may not do this."""


@asynccontextmanager
async def connect(account: Account) -> AsyncIterator[Any]:
    """An S3 client for one job. Imported late: idle, the transcoder needs no AWS library."""
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session

    config = AioConfig(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        retries={"mode": "standard", "max_attempts": TRIES},
        max_pool_connections=8,
    )
    async with get_session().create_client(
        "s3",
        region_name=account.region,
        endpoint_url=account.endpoint or None,
        aws_access_key_id=account.access_key or None,
        aws_secret_access_key=account.secret_key or None,
        config=config,
    ) as client:
        yield client


async def fetch(client: Any, address: str, path: Path) -> None:
    """Copy `s3://bucket/key` to a file. Raises ObjectMissing, ObjectDenied."""
    bucket, key = split(address)
    with _translated():
        answer = await client.get_object(Bucket=bucket, Key=key)
        with path.open("wb") as file:
            async with answer["Body"] as body:
                while chunk := await body.read(CHUNK):
                    await asyncio.to_thread(file.write, chunk)


async def store(client: Any, path: Path, address: str) -> None:
    """Copy a file to `s3://bucket/key`, with its type, and immutable: these names are never reused."""
    bucket, key = split(address)
    body = await asyncio.to_thread(path.read_bytes)
    with _translated():
        await client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=TYPES[path.suffix], CacheControl=FOREVER)


def split(address: str) -> tuple[str, str]:
    """`s3://bucket/a/b` → (`bucket`, `a/b`)."""
    parts = urlsplit(address, allow_fragments=False)
    return parts.netloc, address.removeprefix(f"s3://{parts.netloc}/")


class _translated:
    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        answer = getattr(error, "response", None)
        code = str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
        if code in {"NoSuchKey", "NoSuchBucket", "404"}:
            raise ObjectMissing(code) from error
        if code in {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403"}:
            raise ObjectDenied(code) from error
