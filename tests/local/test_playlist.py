"""The arithmetic of playlists, and which Node builds the frontend."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from app.clients import hls
from app.clients.hls import Segment
from app.local import ladder, node, playlist
from app.local.ffmpeg import read_probe
from app.local.playlist import Rendition
from tests.house.files import ROOT


def segments(*pairs: tuple[float, int]) -> list[Segment]:
    return [Segment(f"s{n}.ts", seconds, size) for n, (seconds, size) in enumerate(pairs)]


def test_bandwidth_is_the_peak_of_runs_the_rfc_counts() -> None:
    # The last, tiny segment has the highest rate, but is too short to count alone: 0.5 target at least.
    made = segments((6, 600_000), (6, 900_000), (0.5, 200_000))
    assert hls.average_bandwidth(made) == 1_088_000
    assert hls.peak_bandwidth(made, 6) == pytest.approx(1_100_000 * 8 / 6.5, abs=1)


def test_a_clip_shorter_than_half_a_target_still_has_a_bandwidth() -> None:
    assert hls.peak_bandwidth(segments((0.4, 5_000)), 1) == 100_000


def test_one_target_duration_for_all_renditions() -> None:
    def rendition(seconds: float) -> Rendition:
        return Rendition("a.m3u8", 640, 360, Fraction(25), "avc1.64001e", segments((seconds, 1)))

    assert playlist.target_seconds([rendition(5.4), rendition(6.49)]) == 6


@pytest.mark.parametrize(
    ("nominal", "average", "expected"),
    [
        ("30000/1001", "30000/1001", Fraction(30000, 1001)),
        ("15/1", "15/1", Fraction(15)),
        ("30/1", "41/2", Fraction(24000, 1001)),
        ("90000/1", "2940/100", Fraction(30000, 1001)),
        ("120/1", "120/1", Fraction(60)),
        ("0/0", "0/0", Fraction(30)),
    ],
)
def test_the_ladder_s_frame_rate(nominal: str, average: str, expected: Fraction) -> None:
    video = {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 64,
        "height": 64,
        "r_frame_rate": nominal,
        "avg_frame_rate": average,
    }
    assert read_probe({"streams": [video]}).fps == expected


@pytest.mark.parametrize("place", ["s3://bucket/folder/", "https://host/a", "s3://bucket", ""])
def test_a_destination_without_a_base_name_is_refused(place: str) -> None:
    how = {"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": {"destination": place}}
    group = {"outputGroupSettings": how, "outputs": [{"nameModifier": "_360p"}]}
    with pytest.raises(ladder.SettingsError):
        ladder.read_groups({"outputGroups": [group]}, None)


def test_the_wheel_s_node_is_used_where_the_machine_has_none(tmp_path: Path) -> None:
    env = {**os.environ, "PATH": str(tmp_path)}
    command = [sys.executable, "-m", "app.local.node", str(tmp_path / "bin")]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    assert node.good_enough(str(tmp_path / "bin" / "node"))
    npm = subprocess.run([tmp_path / "bin" / "npm", "--version"], check=True, capture_output=True, text=True)
    assert npm.stdout.strip()[0].isdigit()


def test_an_old_or_broken_node_is_not_used(tmp_path: Path) -> None:
    for name, text in (("old", "echo v18.20.0"), ("odd", "echo hello"), ("broken", "exit 3")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
        assert node.good_enough(str(tmp_path / name)) == ""
    assert node.good_enough(None) == ""
