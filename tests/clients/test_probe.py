"""From ffprobe's words to decisions: what is fit, which rungs, what plays as it is."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from app.clients import probe
from app.clients.probe import Bounds, Facts, Unfit

# The same examples on every machine, however slow it is.
SHARED = hypothesis.settings(
    max_examples=500, derandomize=True, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
BOUNDS = Bounds(seconds=3600, pixels=7680 * 4320)
RAW: dict[str, Any] = {
    "format": {"format_name": "mov,mp4,m4a", "duration": "60.5"},
    "streams": [
        {
            "index": 0, "codec_type": "video", "codec_name": "h264", "profile": "High", "pix_fmt": "yuv420p",
            "width": 1280, "height": 720, "avg_frame_rate": "30000/1001", "r_frame_rate": "60/1",
            "sample_aspect_ratio": "1:1",
        },
        {"index": 1, "codec_type": "audio", "codec_name": "aac", "profile": "LC"},
    ],
}  # fmt: skip


def raw(video: dict[str, Any] | None = None, container: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    made = copy.deepcopy(RAW) | more
    if video:
        made["streams"][0] |= video
    if container:
        made["format"] |= container
    return made


def test_facts_are_read() -> None:
    facts = probe.read(RAW, BOUNDS)
    assert (facts.width, facts.height, facts.rotation, facts.frame_rate) == (1280, 720, 0, 29.97)
    assert (facts.duration_seconds, facts.has_audio, facts.picture, facts.sound) == (60.5, True, 0, 1)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"streams": []}, "not_a_video"),
        ({"streams": [RAW["streams"][1]]}, "not_a_video"),
        ({"streams": [RAW["streams"][0] | {"disposition": {"attached_pic": 1}}]}, "not_a_video"),
        ({"video": {"codec_name": "smells"}}, "unsupported_codec"),
        ({"video": {"codec_name": None}}, "unsupported_codec"),
        ({"video": {"width": 30000, "height": 30000}}, "too_large_picture"),
        ({"video": {"width": 9000, "height": 10}}, "too_large_picture"),
        ({"video": {"width": 0}}, "broken_file"),
        ({"container": {"duration": "360000"}}, "too_long"),
    ],
)
def test_what_is_unfit_has_a_reason(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unfit) as caught:
        probe.read(raw(**given), BOUNDS)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("video", "size"),
    [
        ({"side_data_list": [{"rotation": -90}]}, (720, 1280)),
        ({"side_data_list": [{"rotation": 180}]}, (1280, 720)),
        ({"tags": {"rotate": "270"}}, (1280, 720)),  # turns nothing in FFmpeg
        ({"width": 720, "height": 576, "sample_aspect_ratio": "64:45"}, (1024, 576)),
        ({"sample_aspect_ratio": "0:1"}, (1280, 720)),
    ],
)
def test_sizes_are_those_a_viewer_sees(video: dict[str, Any], size: tuple[int, int]) -> None:
    facts = probe.read(raw(video), BOUNDS)
    assert (facts.width, facts.height) == size


def test_a_duration_that_is_no_number_is_unknown() -> None:
    assert probe.read(raw(container={"duration": "N/A"}), BOUNDS).duration_seconds is None
    assert probe.read(raw(container={"duration": "nan"}), BOUNDS).duration_seconds is None


@pytest.mark.parametrize(
    ("size", "labels"),
    [
        ((3840, 2160), ["1080p", "720p", "480p", "360p"]),
        ((1920, 1080), ["1080p", "720p", "480p", "360p"]),
        ((1080, 1920), ["1080p", "720p", "480p", "360p"]),
        ((1280, 720), ["720p", "480p", "360p"]),
        ((1270, 719), ["480p", "360p"]),
        ((426, 240), ["240p"]),
        ((5, 7), ["32p"]),
    ],
)
def test_rungs_are_those_the_source_fills(size: tuple[int, int], labels: list[str]) -> None:
    assert [rung.label for rung in probe.rungs(*size)] == labels


@SHARED
@hypothesis.given(width=st.integers(1, 8192), height=st.integers(1, 8192))
@hypothesis.example(width=52, height=53)  # rounds to a square
def test_rungs_are_even_unlike_each_other_and_keep_the_shape(width: int, height: int) -> None:
    rungs = probe.rungs(width, height)
    assert rungs
    assert len({rung.label for rung in rungs}) == len(rungs)
    for rung in rungs:
        assert rung.width % 2 == 0
        assert rung.height % 2 == 0
        assert 32 <= min(rung.width, rung.height) <= max(32, min(width, height) + 1)
        assert rung.width >= rung.height if width >= height else rung.width <= rung.height


PLAYS = probe.read(RAW, BOUNDS)


@pytest.mark.parametrize(
    ("changes", "size", "plays"),
    [
        ({}, 10**6, True),
        ({"audio_codec": "", "audio_profile": ""}, 10**6, True),
        ({}, 200 * 2**20, False),
        ({"width": 1920, "height": 1080}, 10**6, False),
        ({"width": 720, "height": 1280}, 10**6, True),
        ({"video_codec": "hevc"}, 10**6, False),
        ({"audio_codec": "mp3"}, 10**6, False),
        ({"pixel_format": "yuv422p"}, 10**6, False),
        ({"profile": "High 10"}, 10**6, False),
        ({"container": "matroska,webm"}, 10**6, False),
    ],
)
def test_what_plays_as_it_is(changes: dict[str, Any], size: int, plays: bool) -> None:
    facts: Facts = dataclasses.replace(PLAYS, **changes)
    assert probe.is_playable(facts, size) is plays


@SHARED
@hypothesis.given(st.binary(max_size=400))
def test_the_head_of_anything_can_be_looked_at(head: bytes) -> None:
    probe.has_signature(head)


@pytest.mark.parametrize(
    ("times", "longest"),
    [
        ("", 0),
        ("5\n", 0),
        ("0\n1\n2\n", 1),
        ("0\n3\n1\n2\n4\n", 3),  # as B-frames come
        ("0,\nN/A\n7.5,\n8\n", 7.5),
        ("-1\n0\n39600.04\n39601\n", 39600.04),
    ],
)
def test_the_longest_gap_is_found_in_pieces_of_any_size(times: str, longest: float) -> None:
    for size in (1, 2, 1000):
        gaps = probe.Gaps()
        for at in range(0, len(times), size):
            gaps.feed(times[at : at + size].encode())
        assert gaps.longest == longest
