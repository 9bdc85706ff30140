"""1 GB uploaded as the browser does it, beside boto3's upload_file straight to the same S3.

Both go to the same bucket of the same server in turn; the service's own CPU time and memory growth are read from
the operating system around our uploads.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
from botocore.config import Config

from bench.client import Account, settings_of, sign_up
from bench.result import Bar, Result, median
from tests.e2e.product import Product, start_product

SIZE = 1_000_000_000
ROUNDS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "clip.mp4"
        make_file(source)
        with start_product(folder) as product:
            asyncio.run(measure(product, source))


def make_file(path: Path) -> None:
    """Bytes that no layer can compress away; an MP4 by name is enough, since nothing is completed here."""
    block = os.urandom(10_000_000)
    with path.open("wb") as out:
        for _ in range(SIZE // len(block)):
            out.write(block)


async def measure(product: Product, source: Path) -> None:
    account = await sign_up(product)
    ours, theirs, cpu, growth = [], [], [], []
    for _ in range(ROUNDS):
        theirs.append(await asyncio.to_thread(boto_upload, product, source))
        before = usage(product)
        ours.append(await browser_upload(account, source))
        after = usage(product)
        cpu.append(after[0] - before[0])
        growth.append((after[1] - before[1]) / 2**20)
    ratio = median(theirs) / median(ours)
    Result(
        id="2-upload",
        title="Upload of 1 GB straight to S3",
        columns=["client", "median s", "MB/s"],
        rows=[
            ["boto3 upload_file", f"{median(theirs):.2f}", f"{SIZE / 1e6 / median(theirs):.0f}"],
            ["as the browser does", f"{median(ours):.2f}", f"{SIZE / 1e6 / median(ours):.0f}"],
        ],
        bars=[
            Bar("1 GB upload, speed ÷ boto3 upload_file", round(ratio, 2), 0.8, True),
            Bar("service CPU for 1 GB, seconds", round(median(cpu), 2), 0.5, False),
            Bar("service memory growth for 1 GB, MB", round(max(growth), 1), 20, False),
        ],
        notes=[f"Median of {ROUNDS} alternating rounds; three parts in flight, each part reported to the service."],
    ).save()


def usage(product: Product) -> tuple[float, float]:
    """CPU seconds and resident bytes of the service."""
    process: psutil.Process = product.service()
    times = process.cpu_times()
    return times.user + times.system, process.memory_info().rss


def boto_upload(product: Product, source: Path) -> float:
    s3 = settings_of(product)
    client = boto3.client(
        "s3",
        endpoint_url=s3.s3_endpoint,
        aws_access_key_id=s3.s3_access_key_id,
        aws_secret_access_key=s3.s3_secret_access_key,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    started = time.perf_counter()
    client.upload_file(str(source), s3.s3_upload_bucket, "bench/boto3")
    seconds = time.perf_counter() - started
    client.delete_object(Bucket=s3.s3_upload_bucket, Key="bench/boto3")
    return seconds


async def browser_upload(account: Account, source: Path) -> float:
    """Seconds of the upload itself; the cancel at the end is not timed."""
    started = time.perf_counter()
    upload = await put_file(account, source)
    seconds = time.perf_counter() - started
    await account.delete(f"/api/uploads/{upload['upload_id']}")
    return seconds


async def put_file(account: Account, source: Path) -> dict[str, Any]:
    """Start an upload and bring all parts to S3, three in flight, each reported; completing is the caller's."""
    size = source.stat().st_size
    upload = await account.post("/api/uploads", {"filename": "clip.mp4", "size": size, "content_type": "video/mp4"})
    numbers = iter(range(1, upload["part_count"] + 1))
    path = f"/api/uploads/{upload['upload_id']}"
    async with httpx.AsyncClient(timeout=60) as s3:

        async def lane() -> None:
            for n in numbers:
                url = (await account.post(f"{path}/parts", {"numbers": [n]}))["urls"][str(n)]
                data = await asyncio.to_thread(read_part, source, n, upload["part_size"])
                answer = await s3.put(url, content=data)
                answer.raise_for_status()
                await account.put(f"{path}/parts/{n}", {"etag": answer.headers["etag"], "size": len(data)})

        await asyncio.gather(*(lane() for _ in range(upload["max_concurrency"])))
    return dict(upload)


def read_part(source: Path, n: int, size: int) -> bytes:
    with source.open("rb") as file:
        file.seek((n - 1) * size)
        return file.read(size)


if __name__ == "__main__":
    main()
