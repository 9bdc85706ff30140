"""Clips and job settings for the transcoder's tests."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from pathlib import Path
from typing import Any

from app.local import ffmpeg
from tests.house.files import ROOT
from tests.servers import MEDIA, UPLOADS, S3Server, TranscoderServer

BUNNY = ROOT / "tests/media/bigbuckbunny.mp4"


def make(path: Path, *arguments: str, source: str = "testsrc2=s=640x360:r=30:d=4", tone: bool = True) -> Path:
    """A clip of moving test picture and a tone, encoded as the arguments say."""
    command = [ffmpeg.find().ffmpeg, "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    seconds = source.rsplit("d=", 1)[1]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=44100:d={seconds}"] if tone else []
    subprocess.run([*command, *arguments, "-t", seconds, str(path)], check=True, timeout=180)
    return path


def upload(s3: S3Server, path: Path) -> str:
    """Its address in the uploads bucket."""
    key = f"uploads/{uuid.uuid4().hex}/source"
    s3.client().upload_file(str(path), UPLOADS, key)
    return f"s3://{UPLOADS}/{key}"


def job(source: str, rungs: list[dict[str, Any]], *, audio: bool = True, **more: Any) -> tuple[str, dict[str, Any]]:
    """(destination folder, CreateJob arguments); a rung is {modifier, width?, height?, bitrate}."""
    folder = f"vod/{uuid.uuid4().hex[:12]}/1"
    outputs = []
    for rung in rungs:
        size = {name: rung[name] for name in ("width", "height") if name in rung}
        h264 = {
            "rateControlMode": "QVBR",
            "maxBitrate": rung.get("bitrate", 800_000),
            "gopSize": 2.0,
            "gopSizeUnits": "SECONDS",
        }
        output: dict[str, Any] = {
            "nameModifier": rung["modifier"],
            "containerSettings": {"container": "M3U8", "m3u8Settings": {}},
            "videoDescription": size | {"codecSettings": {"codec": "H_264", "h264Settings": h264}},
        }
        if audio:
            aac = {"bitrate": 128000, "codingMode": "CODING_MODE_2_0", "sampleRate": 48000}
            output["audioDescriptions"] = [
                {"audioSourceName": "Audio Selector 1", "codecSettings": {"codec": "AAC", "aacSettings": aac}}
            ]
        outputs.append(output)
    hls = {"destination": f"s3://{MEDIA}/{folder}/hls/master", "segmentLength": 6, "minSegmentLength": 0}
    capture = {"framerateNumerator": 1, "framerateDenominator": 2, "maxCaptures": 100, "quality": 80}
    still = {
        "containerSettings": {"container": "RAW"},
        "extension": "jpg",
        "videoDescription": {
            "width": 320,
            "height": 180,
            "codecSettings": {"codec": "FRAME_CAPTURE", "frameCaptureSettings": capture},
        },
    }
    frames = {"destination": f"s3://{MEDIA}/{folder}/thumbs/frame"}
    groups = [
        {"outputGroupSettings": {"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": hls}, "outputs": outputs},
        {"outputGroupSettings": {"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": frames}, "outputs": [still]},
    ]
    wish = {
        "Role": "arn:aws:iam::000000000000:role/MediaConvertRole",
        "Settings": {"Inputs": [{"FileInput": source}], "OutputGroups": groups},
        "UserMetadata": {"video_id": folder.split("/")[1], "attempt": "1"},
    }
    return folder, _pascal_settings(wish) | more


def client(transcoder: TranscoderServer, secret: str | None = None) -> Any:
    """The official client, pointed at the stand-in."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "mediaconvert",
        endpoint_url=transcoder.endpoint,
        region_name="us-east-1",
        aws_access_key_id=transcoder.access_key,
        aws_secret_access_key=secret or transcoder.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


async def finished(mediaconvert: Any, name: str, seconds: float = 180) -> dict[str, Any]:
    """The job once it is COMPLETE, ERROR or CANCELED."""
    async with asyncio.timeout(seconds):
        while True:
            job: dict[str, Any] = (await asyncio.to_thread(mediaconvert.get_job, Id=name))["Job"]
            if job["Status"] in {"COMPLETE", "ERROR", "CANCELED"}:
                return job
            await asyncio.sleep(0.1)


def download(s3: S3Server, folder: str, to: Path) -> dict[str, dict[str, Any]]:
    """Every object below `folder`, saved flat by last name part; its headers by that name."""
    found: dict[str, dict[str, Any]] = {}
    s3_client = s3.client()
    for page in s3_client.get_paginator("list_objects_v2").paginate(Bucket=MEDIA, Prefix=folder + "/"):
        for entry in page.get("Contents", []):
            name = entry["Key"].rsplit("/", 1)[1]
            answer = s3_client.get_object(Bucket=MEDIA, Key=entry["Key"])
            (to / name).write_bytes(answer["Body"].read())
            found[name] = answer | {"Key": entry["Key"]}
    return found


def _pascal_settings(value: Any) -> Any:
    """boto3 spells members in PascalCase; the wire form is camelCase."""
    if isinstance(value, dict):
        return {
            name[0].upper() + name[1:] if name not in {"video_id", "attempt"} else name: _pascal_settings(inner)
            for name, inner in value.items()
        }
    return [_pascal_settings(item) for item in value] if isinstance(value, list) else value
