"""From "upload complete" to playable: a 60 s 1080p clip beside the bare FFmpeg command for the same ladder.

The product's time holds everything a person waits for: check, submit, download, encode, upload of the segments,
event, previews, ready. The bare command reads and writes local files.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

from app.clients import ffmpeg
from app.config import Settings
from bench.client import Account, sign_up
from bench.result import Bar, Result, median
from bench.upload import put_file
from tests.e2e.product import Product, start_product
from tests.house.files import ROOT

CLIP = ROOT / "tests/media/bigbuckbunny.mp4"
ROUNDS = 3
FFMPEG = ffmpeg.find(Settings()).ffmpeg
LOOK_SECONDS = 0.1
# label, height, bit rate in kbit/s: the product's own ladder.
LADDER = [("1080p", 1080, 5000), ("720p", 720, 3000), ("480p", 480, 1500), ("360p", 360, 800)]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long = folder / "long.mp4"
        make_clip(long)
        with start_product(folder) as product:
            asyncio.run(measure(product, folder, long))


def make_clip(path: Path) -> None:
    """60 s of the real clip, looped and scaled to 1080p."""
    command = [FFMPEG, "-v", "error", "-y", "-stream_loop", "-1", "-i", str(CLIP), "-t", "60"]
    command += ["-vf", "scale=1920:1080", "-c:v", "libx264", "-preset", "veryfast", "-b:v", "8M", "-c:a", "aac"]
    subprocess.run([*command, str(path)], check=True)


async def measure(product: Product, folder: Path, long: Path) -> None:
    account = await sign_up(product)
    bare, ours, playable = [], [], []
    for _ in range(ROUNDS):
        bare.append(await asyncio.to_thread(bare_ladder, long, folder / "bare"))
        ours.append(await ready_seconds(account, long, "status", "ready"))
        playable.append(await ready_seconds(account, CLIP, "is_playable", True))
    limit = 1.15 * median(bare) + 2
    Result(
        id="1-pipeline",
        title="From a complete upload to a playable video",
        columns=["what", "median s"],
        rows=[
            ["bare FFmpeg, 4 rungs of a 60 s 1080p clip", f"{median(bare):.1f}"],
            ["the product, complete to HLS ready", f"{median(ours):.1f}"],
            ["the product, complete to playable as is (720p MP4)", f"{median(playable):.2f}"],
        ],
        bars=[
            Bar(
                f"HLS ready, seconds (1.15 × {median(bare):.1f} s + 2 s)",
                round(median(ours), 1),
                round(limit, 1),
                False,
            ),
            Bar("playable as is, seconds", round(median(playable), 2), 3, False),
        ],
        notes=[f"Median of {ROUNDS} alternating rounds, one encode at a time; previews and playlists included."],
    ).save()


def bare_ladder(source: Path, out: Path) -> float:
    out.mkdir(exist_ok=True)
    n = len(LADDER)
    split = f"[0:v]split={n}" + "".join(f"[s{i}]" for i in range(n))
    scale = ";".join(f"[s{i}]scale=-2:{height},format=yuv420p[v{i}]" for i, (_, height, _) in enumerate(LADDER))
    command = [
        ffmpeg.find(Settings()).ffmpeg,
        "-nostdin",
        "-v",
        "error",
        "-y",
        "-i",
        str(source),
        "-filter_complex",
        f"{split};{scale}",
    ]
    for i in range(n):
        command += ["-map", f"[v{i}]"]
    command += ["-map", "0:a:0"] * n
    command += ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-sc_threshold", "0"]
    command += [
        "-force_key_frames",
        "expr:gte(t,n_forced*2)",
        "-c:a",
        "aac",
        "-b:a",
        "128k",
        "-ac",
        "2",
        "-ar",
        "48000",
    ]
    for i, (_, _, rate) in enumerate(LADDER):
        command += [f"-b:v:{i}", f"{rate}k", f"-maxrate:v:{i}", f"{rate}k", f"-bufsize:v:{i}", f"{rate * 3 // 2}k"]
    streams = " ".join(f"v:{i},a:{i},name:{label}" for i, (label, _, _) in enumerate(LADDER))
    command += ["-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_list_size", "0"]
    command += ["-hls_segment_filename", str(out / "m_%v_%05d.ts"), "-var_stream_map", streams, str(out / "m_%v.m3u8")]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


async def ready_seconds(account: Account, source: Path, field: str, value: object) -> float:
    """Seconds from the answer-less start of "complete" until the video shows `value`; then it is deleted."""
    upload = await put_file(account, source)
    started = time.perf_counter()
    await account.post(f"/api/uploads/{upload['upload_id']}/complete")
    path = f"/api/videos/{upload['video_id']}"
    while True:
        video = await account.get(path)
        assert video["status"] != "failed", video
        if video[field] == value:
            break
        await asyncio.sleep(LOOK_SECONDS)
    seconds = time.perf_counter() - started
    while video["status"] != "ready":
        await asyncio.sleep(LOOK_SECONDS)
        video = await account.get(path)
    await account.delete(path)
    return seconds


if __name__ == "__main__":
    main()
