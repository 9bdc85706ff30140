"""Buckets as the service needs them, on any S3: made, configured, read back.

Each step may be repeated. A store that lacks a feature (SeaweedFS: public access block) is told of, not an
error, except CORS, without which no browser can upload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.config import Settings

PREFLIGHT_SECONDS = 3000
LACKING = {"NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "501", "405"}
OWNED = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}

Step = Callable[[Any, str, Settings], None]


class SetupError(Exception):
    """The store does not hold what it was told; the text says which part of which bucket."""


def set_up(settings: Settings) -> Iterator[str]:
    """Do everything, yielding a line per step done and verified. Raises SetupError, botocore's ClientError."""
    client = connect(settings)
    for bucket in (settings.s3_upload_bucket, settings.s3_media_bucket):
        yield f"{bucket}: {create(client, bucket, settings.s3_region)}"
        # Where our pages come from: nobody else's script may use the buckets.
        set_cors(client, bucket, list(settings.origins))
        yield f"{bucket}: browsers at {', '.join(settings.origins)} may use it, ETag exposed"
        set_lifecycle(client, bucket)
        yield f"{bucket}: incomplete uploads end after 1 day"
        yield f"{bucket}: {block_public(client, bucket)}"


def connect(settings: Settings) -> Any:
    """A synchronous client: this runs once, from the command line."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        region_name=settings.s3_region,
        endpoint_url=settings.s3_endpoint or None,
        aws_access_key_id=settings.s3_access_key_id or None,
        aws_secret_access_key=settings.s3_secret_access_key or None,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path" if settings.s3_endpoint else "auto"}),
    )


def create(client: Any, bucket: str, region: str) -> str:
    """Tells whether it was made or there."""
    from botocore.exceptions import ClientError

    # us-east-1 is the one region that may not be named.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        client.create_bucket(Bucket=bucket, **where)
        done = "made"
    except ClientError as error:
        if _code(error) not in OWNED:
            raise
        done = "is there"
    client.head_bucket(Bucket=bucket)
    return done


def set_cors(client: Any, bucket: str, allowed: list[str]) -> None:
    """Browsers PUT parts, POST small files, GET media; without ETag exposed they could not complete an upload."""
    rule = {
        "AllowedOrigins": allowed,
        "AllowedMethods": ["PUT", "POST", "GET", "HEAD"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": PREFLIGHT_SECONDS,
    }
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    held = client.get_bucket_cors(Bucket=bucket)["CORSRules"]
    if len(held) != 1 or any(sorted(_words(held[0].get(k))) != sorted(_words(v)) for k, v in rule.items()):
        raise SetupError(f"{bucket}: CORS was not stored as given: {held}")


def set_lifecycle(client: Any, bucket: str) -> None:
    """PUT replaces the whole rule set, so all rules go at once."""
    rule = {
        "ID": "abort-incomplete-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    held = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    if [r.get("AbortIncompleteMultipartUpload") for r in held] != [rule["AbortIncompleteMultipartUpload"]]:
        raise SetupError(f"{bucket}: the lifecycle was not stored as given: {held}")


def block_public(client: Any, bucket: str) -> str:
    """Nothing here is public by a bucket rule: media leave through the service or a signed CDN."""
    from botocore.exceptions import ClientError

    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    try:
        client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
        held = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if _code(error) not in LACKING:
            raise
        return "no public access block on this store; its objects are private by default"
    if held != block:
        raise SetupError(f"{bucket}: the public access block was not stored as given: {held}")
    return "public access blocked"


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _words(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
