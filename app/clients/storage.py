"""S3, spoken by its own protocol: objects, multipart uploads, presigned addresses.

Every method names the bucket first. Raises AppError("unavailable") while S3 is away, busy or slower than the
deadline; a missing object is None (head) or AppError("not_found"); other refusals are botocore's ClientError.
Shapes: https://docs.aws.amazon.com/AmazonS3/latest/API/
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from app.clients.aws import error_code, make_config, make_session, status_of, translated
from app.clients.slots import Slots
from app.config import Settings
from app.errors import AppError

MISSING = {"404", "NoSuchKey", "NotFound"}
DELETE_BATCH = 1000  # DeleteObjects takes no more keys
CHUNK_BYTES = 262_144


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Object:
    """What HEAD or a listing says. `etag` keeps its quotes."""

    key: str
    size: int
    etag: str
    modified_at: datetime
    content_type: str = ""
    is_kms: bool = False  # ETags of KMS-encrypted objects are not digests


@dataclass(frozen=True)
class Part:
    n: int
    etag: str
    size: int


@dataclass
class Reply:
    """A GET's answer for passing on: status 200, 206, 304 or 416, S3's headers in lower case, the body in chunks.

    It holds a connection until it is closed, which may be in the middle.
    """

    status: int
    headers: dict[str, str]
    chunks: AsyncGenerator[bytes, None]
    on_close: Callable[[], None] = nothing
    is_closed: bool = False

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.on_close()

    async def whole(self) -> bytes:
        """All of it, and closed."""
        try:
            return b"".join([chunk async for chunk in self.chunks])
        finally:
            self.close()


class Storage:
    """The S3 client of one process for one use, which none of the others waits for; connects at first use."""

    def __init__(self, settings: Settings, connections: int | None = None) -> None:
        self.settings = settings
        self.slots = Slots(connections or settings.s3_request_connections)
        self.uploads = settings.s3_upload_bucket
        self.media = settings.s3_media_bucket
        self._stack = contextlib.AsyncExitStack()
        self._opening = asyncio.Lock()
        self._clients: tuple[Any, Any] | None = None

    async def close(self) -> None:
        self._clients = None
        await self._stack.aclose()

    async def clients(self) -> tuple[Any, Any]:
        """(talks to S3, signs for browsers). A signature covers the host, so browsers' needs the public one."""
        async with self._opening:
            if self._clients is None:
                s = self.settings
                session = make_session(s.s3_access_key_id, s.s3_secret_access_key)
                # Reading the service model takes 100 ms of CPU: not in the event loop.
                await asyncio.to_thread(session.get_component("data_loader").load_service_model, "s3", "service-2")
                config = make_config(
                    attempts=s.s3_attempts,
                    connect_seconds=3,
                    read_seconds=s.s3_deadline_seconds,
                    signature_version="s3v4",
                    s3={"addressing_style": "path" if s.s3_endpoint else "auto"},
                    max_pool_connections=self.slots.count,
                )

                async def make(endpoint: str) -> Any:
                    return await self._stack.enter_async_context(
                        session.create_client(
                            "s3", region_name=s.s3_region, endpoint_url=endpoint or None, config=config
                        )
                    )

                inside = await make(s.s3_endpoint)
                outside = await make(s.s3_public_endpoint) if s.s3_public_endpoint else inside
                self._clients = inside, outside
            return self._clients

    async def call(self, operation: str, **params: Any) -> Any:
        client, _ = await self.clients()
        async with translated(self.settings.s3_deadline_seconds), self.slots:
            return await getattr(client, operation)(**params)

    # Objects

    async def head(self, bucket: str, key: str) -> Object | None:
        try:
            found = await self.call("head_object", Bucket=bucket, Key=key)
        except ClientError as error:
            if error_code(error) in MISSING:
                return None
            raise
        return Object(
            key,
            found["ContentLength"],
            found["ETag"],
            found["LastModified"],
            found.get("ContentType", ""),
            str(found.get("ServerSideEncryption", "")).startswith("aws:kms"),
        )

    async def open_range(
        self, bucket: str, key: str, *, range: str | None = None, if_none_match: str | None = None
    ) -> Reply:
        """An object or a part of it (`range` as in HTTP: "bytes=0-99"), to be closed. Raises not_found.

        The deadline counts to the first byte; a stalled body ends by the read timeout.
        """
        params = {"Bucket": bucket, "Key": key, "Range": range, "IfNoneMatch": if_none_match}
        client, _ = await self.clients()
        async with contextlib.AsyncExitStack() as held:
            try:
                async with translated(self.settings.s3_deadline_seconds):
                    await held.enter_async_context(self.slots)
                    answer = await client.get_object(**{k: v for k, v in params.items() if v})
            except ClientError as error:
                if error_code(error) in MISSING:
                    raise AppError("not_found") from error
                if status_of(error) in (304, 416):
                    headers = dict(error.response["ResponseMetadata"].get("HTTPHeaders", {}))
                    return Reply(status_of(error), headers, no_chunks())
                raise
            # The slot is held on, until the body is done with.
            held.pop_all()
        meta, body = answer["ResponseMetadata"], answer["Body"]

        def close() -> None:
            body.close()
            self.slots.give_back()

        return Reply(meta["HTTPStatusCode"], dict(meta["HTTPHeaders"]), chunks_of(body), close)

    @contextlib.asynccontextmanager
    async def get_range(
        self, bucket: str, key: str, *, range: str | None = None, if_none_match: str | None = None
    ) -> AsyncIterator[Reply]:
        """As `open_range`, closed at the end of the block."""
        reply = await self.open_range(bucket, key, range=range, if_none_match=if_none_match)
        try:
            yield reply
        finally:
            reply.close()

    async def get(self, bucket: str, key: str, *, limit: int = 8_388_608) -> bytes:
        """A small object whole, or its first `limit` bytes. Raises not_found."""
        # An empty object satisfies no range: 416 then, and no bytes are its bytes.
        async with self.get_range(bucket, key, range=f"bytes=0-{limit - 1}") as reply:
            parts = [chunk async for chunk in reply.chunks]
        return b"".join(parts)

    async def download(self, bucket: str, key: str, path: Path) -> None:
        """An object into a file. Raises not_found."""
        async with self.get_range(bucket, key) as reply:
            with path.open("wb") as file:
                async for chunk in reply.chunks:
                    file.write(chunk)

    async def put(
        self, bucket: str, key: str, body: bytes | Path, *, content_type: str, cache_control: str = ""
    ) -> None:
        """Write an object: bytes or a file of up to 5 GB."""
        more = {"ContentType": content_type} | ({"CacheControl": cache_control} if cache_control else {})
        if isinstance(body, bytes):
            await self.call("put_object", Bucket=bucket, Key=key, Body=body, **more)
            return
        client, _ = await self.clients()
        with body.open("rb") as file:
            # No deadline on the whole: a large file takes its time; a stall ends by the read timeout.
            async with translated(), self.slots:
                await client.put_object(Bucket=bucket, Key=key, Body=file, **more)

    async def copy(
        self, source_bucket: str, source_key: str, bucket: str, key: str, *, content_type: str, cache_control: str = ""
    ) -> None:
        """Copy within S3, up to 5 GB. Raises not_found."""
        more = {"CacheControl": cache_control} if cache_control else {}
        try:
            await self.call(
                "copy_object",
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": source_bucket, "Key": source_key},
                ContentType=content_type,
                MetadataDirective="REPLACE",
                **more,
            )
        except ClientError as error:
            if error_code(error) in MISSING:
                raise AppError("not_found") from error
            raise

    async def list_prefix(self, bucket: str, prefix: str) -> AsyncIterator[Object]:
        """Every object under a prefix, page by page."""
        token: str | None = None
        while True:
            more = {"ContinuationToken": token} if token else {}
            page = await self.call("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
            for item in page.get("Contents", []):
                yield Object(item["Key"], item["Size"], item["ETag"], item["LastModified"])
            token = page.get("NextContinuationToken")
            if not token:
                return

    async def delete_many(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects; those already gone are fine."""
        todo = list(keys)
        for start in range(0, len(todo), DELETE_BATCH):
            batch = [{"Key": key} for key in todo[start : start + DELETE_BATCH]]
            answer = await self.call("delete_objects", Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            left = [e for e in answer.get("Errors", []) if e.get("Code") not in MISSING]
            if left:
                raise AppError("unavailable", f"S3 kept {len(left)} objects")

    async def delete_prefix(self, bucket: str, prefix: str) -> int:
        """Delete everything under a prefix, which must end with "/"; returns how many objects."""
        if not prefix.strip("/") or not prefix.endswith("/"):
            raise ValueError(f"refusing to delete under {prefix!r}")
        keys = [item.key async for item in self.list_prefix(bucket, prefix)]
        await self.delete_many(bucket, keys)
        return len(keys)

    # Multipart uploads

    async def create_multipart(self, bucket: str, key: str, content_type: str) -> str:
        """Open a multipart upload; returns S3's upload id."""
        answer = await self.call("create_multipart_upload", Bucket=bucket, Key=key, ContentType=content_type)
        return str(answer["UploadId"])

    async def sign_part(self, bucket: str, key: str, upload_id: str, n: int, size: int, seconds: int) -> str:
        """Address for one PUT of exactly `size` bytes; S3 refuses any other length."""
        params = {"Bucket": bucket, "Key": key, "UploadId": upload_id, "PartNumber": n, "ContentLength": size}
        return await self.presign("upload_part", params, seconds)

    async def list_parts(self, bucket: str, key: str, upload_id: str) -> list[Part] | None:
        """The parts S3 holds, or None when the upload is unknown (completed or aborted).

        SeaweedFS names a part that was sent twice twice; the later one counts, as everywhere else.
        """
        found: list[dict[str, Any]] = []
        marker = 0
        while True:
            try:
                page = await self.call(
                    "list_parts", Bucket=bucket, Key=key, UploadId=upload_id, PartNumberMarker=marker
                )
            except ClientError as error:
                if error_code(error) in {"NoSuchUpload", *MISSING}:
                    return None
                raise
            found += page.get("Parts", [])
            if not page.get("IsTruncated"):
                latest = {p["PartNumber"]: p for p in sorted(found, key=lambda p: p["LastModified"])}
                return [Part(n, latest[n]["ETag"], latest[n]["Size"]) for n in sorted(latest)]
            marker = page["NextPartNumberMarker"]

    async def complete_multipart(self, bucket: str, key: str, upload_id: str, parts: Sequence[Part]) -> str | None:
        """Join the parts; returns the ETag, or None when the upload is unknown (look with head).

        Raises upload_incomplete when a part changed since it was listed.
        """
        listed = [{"PartNumber": part.n, "ETag": part.etag} for part in parts]
        try:
            answer = await self.call(
                "complete_multipart_upload",
                Bucket=bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": listed},
            )
        except ClientError as error:
            if error_code(error) == "NoSuchUpload":
                return None
            if error_code(error) in {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}:
                raise AppError("upload_incomplete") from error
            raise
        return str(answer["ETag"])

    async def abort_multipart(self, bucket: str, key: str, upload_id: str) -> None:
        """Throw the parts away; an upload that is gone is fine."""
        try:
            await self.call("abort_multipart_upload", Bucket=bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error_code(error) not in {"NoSuchUpload", *MISSING}:
                raise

    # Addresses

    async def presign(self, operation: str, params: dict[str, Any], seconds: int, *, is_inside: bool = False) -> str:
        inside, outside = await self.clients()
        url: str = await (inside if is_inside else outside).generate_presigned_url(operation, params, seconds)
        return url

    async def presign_get(self, bucket: str, key: str, seconds: int, *, is_inside: bool = False) -> str:
        """Address for one GET; `is_inside` for our own programs (FFmpeg), else for browsers."""
        return await self.presign("get_object", {"Bucket": bucket, "Key": key}, seconds, is_inside=is_inside)

    async def presign_post(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int
    ) -> tuple[str, dict[str, str]]:
        """(url, fields) of a form upload of exactly this key and type, at most `max_bytes`."""
        _, outside = await self.clients()
        answer = await outside.generate_presigned_post(
            bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
        return answer["url"], answer["fields"]


async def chunks_of(body: Any) -> AsyncGenerator[bytes, None]:
    async with translated():
        async for chunk in body.iter_chunks(CHUNK_BYTES):
            yield chunk


async def no_chunks() -> AsyncGenerator[bytes, None]:
    return
    yield b""
