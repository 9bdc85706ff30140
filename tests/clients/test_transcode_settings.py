"""The body of CreateJob is one that AWS's own model accepts, and says what we mean."""

from __future__ import annotations

import dataclasses
from typing import Any

import boto3
import pytest
from botocore.validate import validate_parameters

from app.clients import probe
from app.clients.transcode_settings import Order, Rung, create_job, thumb_seconds, thumb_size

ORDER = Order(
    video_id="AbCdEfGhIjKl",
    attempt=2,
    env="local",
    source="s3://in/uploads/u7/x/source",
    media_bucket="out",
    rungs=[Rung("720p", 1280, 720, 3_000_000), Rung("360p", 640, 360, 800_000)],
    has_audio=True,
    sound_track=2,
    frame_rate=29.97,
    color_matrix="bt709",
    duration_seconds=95.0,
    role_arn="arn:aws:iam::000000000000:role/MediaConvertRole",
    queue_arn="",
    client_token="vid-AbCdEfGhIjKl-a2",
    turn=3,
)


@pytest.fixture(scope="module")
def shape() -> Any:
    client = boto3.client("mediaconvert", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    return client.meta.service_model.operation_model("CreateJob").input_shape


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"turn": 0},
        {"turn": 10_000},
        {"has_audio": False, "sound_track": None},
        {"sound_track": None},
        {"frame_rate": 120.0},
        {"color_matrix": "bt601"},
        {"queue_arn": "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default"},
        {"duration_seconds": None},
        {"duration_seconds": 43_000.0},
        {"rungs": probe.rungs(1080, 1920)},
        {"rungs": probe.rungs(33, 47)},
    ],
)
def test_the_body_fits_the_model_of_aws(shape: Any, changes: dict[str, Any]) -> None:
    body = create_job(dataclasses.replace(ORDER, **changes))
    validate_parameters(body, shape)
    assert len(body["ClientRequestToken"]) <= 64
    for group in body["Settings"]["OutputGroups"]:
        for output in group["Outputs"]:
            video = output["VideoDescription"]
            assert video["Width"] % 2 == 0
            assert video["Height"] % 2 == 0
            assert min(video["Width"], video["Height"]) >= 32


def test_objects_go_where_browsers_look_for_them() -> None:
    hls, thumbs = create_job(ORDER)["Settings"]["OutputGroups"]
    settings = hls["OutputGroupSettings"]["HlsGroupSettings"]
    assert settings["Destination"] == "s3://out/vod/AbCdEfGhIjKl/2/hls/master"
    assert [output["NameModifier"] for output in hls["Outputs"]] == ["_720p", "_360p"]
    files = thumbs["OutputGroupSettings"]["FileGroupSettings"]
    assert files["Destination"] == "s3://out/vod/AbCdEfGhIjKl/2/thumbs/frame"


def test_every_output_is_bt709_in_limited_range_with_square_pixels() -> None:
    body = create_job(ORDER)["Settings"]
    for group in body["OutputGroups"]:
        for output in group["Outputs"]:
            assert output["VideoDescription"]["VideoPreprocessors"]["ColorCorrector"] == {
                "ColorSpaceConversion": "FORCE_709",
                "HdrToSdrToneMapper": "VIBRANT",
                "SampleRangeConversion": "LIMITED_RANGE_SQUEEZE",
            }
    for output in body["OutputGroups"][0]["Outputs"]:
        h264 = output["VideoDescription"]["CodecSettings"]["H264Settings"]
        assert (h264["ParControl"], h264["ParNumerator"], h264["ParDenominator"]) == ("SPECIFIED", 1, 1)


@pytest.mark.parametrize(("matrix", "space"), [("bt601", "REC_601"), ("bt709", "REC_709"), ("bt2020", "REC_709")])
def test_a_source_that_does_not_say_its_colours_gets_the_usual_ones(matrix: str, space: str) -> None:
    selector = create_job(dataclasses.replace(ORDER, color_matrix=matrix))["Settings"]["Inputs"][0]["VideoSelector"]
    assert (selector["ColorSpace"], selector["ColorSpaceUsage"]) == (space, "FALLBACK")


def test_a_picture_lasts_as_long_as_the_sound() -> None:
    assert create_job(ORDER)["Settings"]["Inputs"][0]["VideoSelector"]["PadVideo"] == "BLACK"


def test_events_can_be_told_apart() -> None:
    told = {"video_id": "AbCdEfGhIjKl", "attempt": "2", "env": "local"}
    assert create_job(ORDER)["UserMetadata"] == told | {"seconds": "95"}
    assert create_job(dataclasses.replace(ORDER, duration_seconds=None))["UserMetadata"] == told


def test_owners_take_turns() -> None:
    turns = [create_job(dataclasses.replace(ORDER, turn=turn))["Priority"] for turn in (0, 1, 50, 10_000)]
    assert turns == [0, -1, -50, -50]


def test_the_sound_that_was_chosen_is_asked_for_and_lasts_as_long_as_the_picture() -> None:
    settings = create_job(ORDER)["Settings"]
    assert settings["Inputs"][0]["AudioSelectors"]["Audio Selector 1"]["Tracks"] == [2]
    outputs = settings["OutputGroups"][0]["Outputs"]
    assert {o["ContainerSettings"]["M3u8Settings"]["AudioDuration"] for o in outputs} == {"MATCH_VIDEO_DURATION"}


def test_without_sound_no_audio_is_asked_for() -> None:
    body = create_job(dataclasses.replace(ORDER, has_audio=False))
    assert "AudioSelectors" not in body["Settings"]["Inputs"][0]
    assert all("AudioDescriptions" not in o for o in body["Settings"]["OutputGroups"][0]["Outputs"])


@pytest.mark.parametrize(("duration", "seconds"), [(None, 10), (0.2, 1), (60, 1), (150, 1), (151, 2), (43_200, 288)])
def test_previews_are_many_but_not_too_many(duration: float | None, seconds: int) -> None:
    assert thumb_seconds(duration) == seconds


@pytest.mark.parametrize(
    ("size", "thumb"), [((1920, 1080), (320, 180)), ((1080, 1920), (102, 180)), ((4000, 40), (320, 32))]
)
def test_previews_keep_the_shape(size: tuple[int, int], thumb: tuple[int, int]) -> None:
    assert thumb_size(*size) == thumb
