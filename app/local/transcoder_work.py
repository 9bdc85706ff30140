"""One job from its source to its objects: probe, encode, upload while encoding, playlists last."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.clients import color
from app.clients.ffmpeg import FFmpegError
from app.clients.hls import average_bandwidth
from app.local import ffmpeg, ladder, objects, playlist
from app.local.ladder import SettingsError
from app.local.outputs import FrameGroup, HlsGroup

UPLOADS_AT_ONCE = 4
LOOK_SECONDS = 0.25
BASE_SECONDS, SECONDS_PER_SECOND = 600, 60
UNDECODABLE = ("Unknown decoder", "Decoder not found", "no decoder", "not currently supported", "unsupported")

Step = Callable[[str, float], None]


@dataclass
class Result:
    """The two views of what was made: GetJob's without paths, the event's with them."""

    details: list[dict[str, Any]] = field(default_factory=list)
    paths: list[dict[str, Any]] = field(default_factory=list)


async def work(
    settings: dict[str, Any],
    tools: ffmpeg.Tools,
    account: objects.Account,
    folder: Path,
    step: Step,
    on_source: Callable[[ffmpeg.Source], None],
) -> Result:
    """Do it. `step` hears (phase, percent). Raises SettingsError with MediaConvert's code."""
    address = ladder.read_input(settings)
    ladder.read_groups(settings, None)
    path = folder / "source"
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(objects.connect(account))
        source = await _open_source(client, tools, address, path)
        on_source(source)
        hls, frames = ladder.read_groups(settings, source)
        if hls.has_audio:
            source = _with_track(source, ladder.read_track(settings))
        step("TRANSCODING", 0)
        out, stills = folder / "hls", folder / "stills"
        out.mkdir()
        stills.mkdir()
        try:
            return await _make(client, tools, source, path, hls, frames, out, stills, step)
        except ExceptionGroup as group:
            raise _failure(_first(group)) from group


async def _open_source(client: Any, tools: ffmpeg.Tools, address: str, path: Path) -> ffmpeg.Source:
    try:
        await objects.fetch(client, address, path)
        source = await ffmpeg.probe(tools, path)
    except objects.ObjectMissing:
        raise SettingsError(1404, f"{address} was not found") from None
    except objects.ObjectDenied:
        raise SettingsError(1401, f"access to {address} was denied") from None
    except ffmpeg.Undecodable as error:
        raise SettingsError(1030, str(error)) from error
    except FFmpegError as error:
        raise SettingsError(1010, f"the input cannot be read: {str(error)[-300:]}") from error
    if not source.has_video:
        raise SettingsError(1020, "the input has no video")
    return source


def _with_track(source: ffmpeg.Source, track: int | None) -> ffmpeg.Source:
    if source.sound is None or (track or 1) > len(source.sounds):
        raise SettingsError(1021, "the input has no such audio")
    return replace(source, sound=source.sounds[track - 1]) if track else source


async def _make(
    client: Any,
    tools: ffmpeg.Tools,
    source: ffmpeg.Source,
    path: Path,
    hls: HlsGroup,
    frames: FrameGroup | None,
    out: Path,
    stills: Path,
    step: Step,
) -> Result:
    most = BASE_SECONDS + SECONDS_PER_SECOND * source.duration_seconds
    table = await asyncio.to_thread(color.write_table, source.color, out.with_name("tones.cube"))
    outbox = Outbox(client, out, lambda name: _segment_address(hls, name))
    pictures = Outbox(client, stills, lambda name: _still_address(frames, name))
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(outbox.follow("*.ts"))
        encoding = group.create_task(
            ffmpeg.run(
                tools,
                ladder.hls_command(tools, source, path, hls, out, table),
                seconds=most,
                on_line=lambda line: _tell(step, line, source.duration_seconds),
            )
        )
        await encoding
        looking.cancel()
        if frames:
            smallest = min(range(len(hls.rungs)), key=lambda index: hls.rungs[index].height)
            small = await asyncio.to_thread(_join, out, smallest)
            command = ladder.frame_command(tools, small, frames, hls.gop_seconds, stills)
            group.create_task(_capture(tools, command, most, pictures))
    step("UPLOADING", 10)
    await outbox.finish("*.ts")
    step("UPLOADING", 60)
    renditions = await asyncio.to_thread(_renditions, hls, source, out)
    await _store_playlists(client, hls, renditions, out)
    step("UPLOADING", 100)
    return _describe(hls, renditions, frames, len(pictures.seen))


def _join(out: Path, rung: int) -> Path:
    """The segments of a rendition as one file: transport streams may simply stand one behind the other."""
    joined = out / "joined.mpegts"
    with joined.open("wb") as target:
        for segment in sorted(out.glob(f"r{rung}_*.ts")):
            with segment.open("rb") as piece:
                shutil.copyfileobj(piece, target)
    return joined


async def _capture(tools: ffmpeg.Tools, command: list[str], seconds: float, pictures: "Outbox") -> None:
    await ffmpeg.run(tools, command, seconds=seconds)
    await pictures.finish("*.jpg")


class Outbox:
    """Stores each file once, a few at a time."""

    def __init__(self, client: Any, folder: Path, address: Callable[[str], str]) -> None:
        self.client, self.folder, self.address = client, folder, address
        self.seen: set[str] = set()

    async def follow(self, pattern: str) -> None:
        """Store files as they appear, until cancelled; FFmpeg renames each when it is whole."""
        while True:
            await self.finish(pattern)
            await asyncio.sleep(LOOK_SECONDS)

    async def finish(self, pattern: str) -> None:
        """Store what is there now and was not stored yet."""
        fresh = sorted(path for path in self.folder.glob(pattern) if path.name not in self.seen)
        gate = asyncio.Semaphore(UPLOADS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for path in fresh:
                group.create_task(self._store(path, gate))

    async def _store(self, path: Path, gate: asyncio.Semaphore) -> None:
        async with gate:
            await objects.store(self.client, path, self.address(path.name))
        self.seen.add(path.name)


def _tell(step: Step, line: bytes, duration: float) -> None:
    """`out_time_us` may be N/A, and passes the end of a file whose header lies."""
    name, _, value = line.decode().strip().partition("=")
    if name == "out_time_us" and value.isdigit() and duration > 0:
        step("TRANSCODING", min(99.0, int(value) / 10_000 / duration))


def _segment_address(hls: HlsGroup, name: str) -> str:
    rung, number = name.split("_", 1)
    return f"{hls.destination}{hls.rungs[int(rung[1:])].modifier}_{number}"


def _still_address(frames: FrameGroup | None, name: str) -> str:
    return f"{frames.destination}.{name.split('.')[1]}.jpg" if frames else name


def _renditions(hls: HlsGroup, source: ffmpeg.Source, out: Path) -> list[playlist.Rendition]:
    base = hls.destination.rsplit("/", 1)[1]
    made = []
    for index, rung in enumerate(hls.rungs):
        segments = playlist.read_segments(out / f"r{index}.m3u8")
        codecs = playlist.codecs_of(out / segments[0].name, hls.has_audio)
        named = [replace(s, name=_segment_address(hls, s.name).rsplit("/", 1)[1]) for s in segments]
        name = f"{base}{rung.modifier}.m3u8"
        made.append(playlist.Rendition(name, rung.width, rung.height, source.fps, codecs, named))
    return made


async def _store_playlists(client: Any, hls: HlsGroup, renditions: list[playlist.Rendition], out: Path) -> None:
    target = playlist.target_seconds(renditions)
    folder = hls.destination.rsplit("/", 1)[0]
    texts = {r.playlist: playlist.media_playlist(r, target) for r in renditions}
    for name, text in texts.items():
        await _store_text(client, out / f"final-{name}", text, f"{folder}/{name}")
    best_first = sorted(renditions, key=lambda r: r.width * r.height, reverse=True)
    text = playlist.multivariant_playlist(best_first, target)
    await _store_text(client, out / "final.m3u8", text, f"{hls.destination}.m3u8")


async def _store_text(client: Any, path: Path, text: str, address: str) -> None:
    await asyncio.to_thread(path.write_text, text)
    await objects.store(client, path, address)


def _describe(hls: HlsGroup, renditions: list[playlist.Rendition], frames: FrameGroup | None, pictures: int) -> Result:
    result = Result()
    outputs, paths = [], []
    for rendition, rung in zip(renditions, hls.rungs, strict=True):
        size = {"widthInPx": rung.width, "heightInPx": rung.height}
        length = round(1000 * sum(s.seconds for s in rendition.segments))
        outputs.append({"durationInMs": length, "videoDetails": size})
        rate = average_bandwidth(rendition.segments)
        video = size | {"averageBitrate": rate}
        name = f"{hls.destination}{rung.modifier}.m3u8"
        paths.append({"outputFilePaths": [name], "durationInMs": length, "videoDetails": video})
    master = [f"{hls.destination}.m3u8"]
    result.details.append({"outputDetails": outputs})
    result.paths.append({"type": "HLS_GROUP", "playlistFilePaths": master, "outputDetails": paths})
    if frames:
        size = {"widthInPx": frames.width, "heightInPx": frames.height}
        shown = {"durationInMs": round(1000 * pictures * frames.seconds_apart), "videoDetails": size}
        last = f"{frames.destination}.{max(0, pictures - 1):07d}.jpg"
        result.details.append({"outputDetails": [shown]})
        result.paths.append({"type": "FILE_GROUP", "outputDetails": [shown | {"outputFilePaths": [last]}]})
    return result


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _failure(error: Exception) -> Exception:
    if isinstance(error, objects.ObjectMissing | objects.ObjectDenied):
        return SettingsError(1401, "cannot write to the destination")
    if isinstance(error, FFmpegError):
        text = str(error)[-400:]
        return SettingsError(1030 if any(sign in text for sign in UNDECODABLE) else 1076, text)
    return error
