"""Playlists: what is whole, what is right, and what we write instead of what is not."""

from __future__ import annotations

import dataclasses

import pytest

from app.clients import hls
from app.clients.hls import PlaylistError, Rendition, Segment
from app.clients.mpegts import Tracks

MEDIA = """#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:6
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:6.006,
master_720p_00001.ts
#EXTINF:3.000,
master_720p_00002.ts
#EXT-X-ENDLIST
"""
SIZES = {"master_720p_00001.ts": 1_000_000, "master_720p_00002.ts": 600_000}
RENDITION = Rendition("master_720p.m3u8", 1280, 720, 29.97, "avc1.64001f,mp4a.40.2", hls.read_media(MEDIA, SIZES)[0], 6)


def test_segments_are_read_with_their_sizes() -> None:
    segments, target = hls.read_media(MEDIA, SIZES)
    assert segments == [
        Segment("master_720p_00001.ts", 6.006, 1_000_000),
        Segment("master_720p_00002.ts", 3.0, 600_000),
    ]
    assert target == 6


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", MEDIA.replace("#EXT-X-ENDLIST", ""), "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-ENDLIST\n"],
)
def test_an_unfinished_playlist_is_refused(text: str) -> None:
    with pytest.raises(PlaylistError):
        hls.read_media(text, SIZES)


def test_a_missing_or_empty_segment_is_named() -> None:
    with pytest.raises(PlaylistError, match="00002"):
        hls.read_media(MEDIA, SIZES | {"master_720p_00002.ts": 0})


def test_bandwidth_is_the_peak_of_the_segments() -> None:
    # 600,000 bytes in 3 s are 1.6 Mbit/s, more than the first segment's 1.332.
    assert RENDITION.peak == 1_600_000
    assert RENDITION.average == 1_421_275
    assert RENDITION.duration == pytest.approx(9.006)


def test_a_short_last_segment_alone_is_no_peak() -> None:
    segments = [Segment("a", 6, 600_000), Segment("b", 0.2, 90_000)]
    assert hls.peak_bandwidth(segments, 6) == hls.rate(690_000, 6.2)


def test_what_is_written_is_right_and_complete() -> None:
    text = hls.write_multivariant([RENDITION])
    assert text.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-STREAM-INF:BANDWIDTH=1600000,AVERAGE-BANDWIDTH=1421275,"
        'CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970',
        "master_720p.m3u8",
    ]
    assert hls.is_correct(text, [RENDITION])
    [variant] = hls.read_multivariant(text)
    assert variant.attributes["CODECS"] == "avc1.64001f,mp4a.40.2"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BANDWIDTH=1600000", "BANDWIDTH=1500000"),
        ("BANDWIDTH=1600000", "BANDWIDTH=9600000"),
        ("AVERAGE-BANDWIDTH=1421275,", ""),
        (",FRAME-RATE=29.970", ""),
        ("master_720p.m3u8", "other.m3u8"),
        ("#EXTM3U", "#NOTHING"),
    ],
)
def test_what_a_player_would_be_misled_by_is_noticed(old: str, new: str) -> None:
    assert not hls.is_correct(hls.write_multivariant([RENDITION]).replace(old, new), [RENDITION])


def test_an_unknown_frame_rate_is_left_out() -> None:
    assert "FRAME-RATE" not in hls.write_multivariant([dataclasses.replace(RENDITION, frame_rate=0)])


def test_codecs_are_named_as_the_first_segment_is() -> None:
    tracks = Tracks(has_video=True, has_audio=True, avc="avc1.64001f")
    assert hls.codecs_of(tracks, True) == "avc1.64001f,mp4a.40.2"
    assert hls.codecs_of(tracks, False) == "avc1.64001f"
    with pytest.raises(PlaylistError):
        hls.codecs_of(dataclasses.replace(tracks, avc=""), True)


@pytest.mark.parametrize(
    ("has_video", "has_audio", "codecs", "lacks"),
    [
        (True, True, "avc1.64001f,mp4a.40.2", ""),
        (True, False, "avc1.64001f,mp4a.40.2", "sound"),
        (False, True, "avc1.64001f,mp4a.40.2", "picture"),
        (True, False, "avc1.64001f", ""),
    ],
)
def test_a_promised_track_that_is_missing_is_named(has_video: bool, has_audio: bool, codecs: str, lacks: str) -> None:
    assert hls.missing(Tracks(has_video, has_audio, ""), codecs) == lacks
