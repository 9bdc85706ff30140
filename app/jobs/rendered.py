"""What a transcode left in S3: whether it is whole, and plays as its playlists promise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.clients import hls, mpegts
from app.clients.hls import Segment
from app.clients.storage import Storage
from app.jobs.probe import IMMUTABLE

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
LOOKS_AT_ONCE = 16  # requests in flight
# Most segments show all their tracks so early; those that do not are read whole.
FIRST_LOOK_BYTES = 65_536


@dataclass(frozen=True)
class Output:
    """The objects of one attempt: `place` is their folder, `sizes` by the name behind it."""

    place: str
    sizes: dict[str, int]

    def under(self, prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): size for name, size in self.sizes.items() if name.startswith(prefix)}


async def list_output(storage: Storage, place: str) -> Output:
    prefix = f"{place}/"
    return Output(place, {o.key.removeprefix(prefix): o.size async for o in storage.list_prefix(storage.media, prefix)})


async def read_ladder(storage: Storage, output: Output, row: dict[str, Any]) -> list[hls.Rendition]:
    """Check every playlist and segment, and put the multivariant playlist right. Raises PlaylistError."""
    files = output.under("hls/")
    if "master.m3u8" not in files:
        raise hls.PlaylistError("no multivariant playlist")
    master = (await storage.get(storage.media, f"{output.place}/hls/master.m3u8")).decode(errors="replace")
    said = {variant.uri: variant.attributes for variant in hls.read_multivariant(master)}
    renditions = []
    for rung in row["rungs"]:
        uri = f"master_{rung['label']}.m3u8"
        if uri not in files:
            raise hls.PlaylistError(f"{uri} is missing")
        text = (await storage.get(storage.media, f"{output.place}/hls/{uri}")).decode(errors="replace")
        segments, target = hls.read_media(text, files)
        attributes = said.get(uri, {})
        codecs = attributes.get("CODECS") or await find_codecs(storage, output, segments[0], row)
        size = attributes.get("RESOLUTION", "").partition("x")
        is_told = size[0].isdigit() and size[2].isdigit()
        width, height = (int(size[0]), int(size[2])) if is_told else (rung["width"], rung["height"])
        frame_rate = float(attributes.get("FRAME-RATE") or min(row["probe"]["frame_rate"], 60))
        renditions.append(hls.Rendition(uri, width, height, frame_rate, codecs, segments, target))
    await check_tracks(storage, output, renditions)
    if not hls.is_correct(master, renditions):
        await storage.put(
            storage.media,
            f"{output.place}/hls/master.m3u8",
            hls.write_multivariant(renditions).encode(),
            content_type=PLAYLIST_TYPE,
            cache_control=IMMUTABLE,
        )
    return renditions


async def check_tracks(storage: Storage, output: Output, renditions: list[hls.Rendition]) -> None:
    """Every segment has the tracks its rendition promises: without one a player stands still. Raises PlaylistError."""
    left = ((rendition, segment) for rendition in renditions for segment in rendition.segments)
    try:
        found = await asyncio.gather(*(look_on(storage, output, left) for _ in range(LOOKS_AT_ONCE)))
    finally:
        left.close()  # when one of them fails, the others end as well
    if lacks := next(filter(None, found), ""):
        raise hls.PlaylistError(lacks)


async def look_on(storage: Storage, output: Output, left: Iterator[tuple[hls.Rendition, Segment]]) -> str:
    """Takes from what is left until a segment lacks something; returns what."""
    for rendition, segment in left:
        tracks = await tracks_of(storage, output, segment, rendition.codecs)
        if lacks := hls.missing(tracks, rendition.codecs):
            return f"{segment.name} has no {lacks}, which the playlist promises"
    return ""


async def tracks_of(storage: Storage, output: Output, segment: Segment, codecs: str) -> mpegts.Tracks:
    key = f"{output.place}/hls/{segment.name}"
    tracks = mpegts.look(await storage.get(storage.media, key, limit=FIRST_LOOK_BYTES))
    if hls.missing(tracks, codecs) and segment.size > FIRST_LOOK_BYTES:
        tracks = mpegts.look(await storage.get(storage.media, key, limit=segment.size))
    return tracks


async def find_codecs(storage: Storage, output: Output, segment: Segment, row: dict[str, Any]) -> str:
    """From the whole first segment: where few pictures meet much sound, the first picture is far behind its head."""
    whole = await storage.get(storage.media, f"{output.place}/hls/{segment.name}", limit=segment.size)
    return hls.codecs_of(mpegts.look(whole), row["probe"]["has_audio"])
