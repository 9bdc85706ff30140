"""The local MediaConvert's manners: signatures, errors, idempotency, events and their faults, restarts."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.local import ffmpeg, objects, transcoder_events
from app.local.transcoder_events import Destination
from app.local.transcoder_jobs import Config, Transcoder
from tests.local import clips
from tests.servers import Background, S3Server, TranscoderServer, serving

RUNG = [{"modifier": "_240p", "height": 240, "bitrate": 400_000}]
KEY = "k" * 32


class Hook:
    """A webhook that remembers what it got and answers what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.url = ""

    async def take(self, request: Request) -> Response:
        self.got.append((request.headers["x-trunkline-webhook-key"], json.loads(await request.body())))
        return Response(status_code=self.answers.pop(0) if self.answers else 204)

    def events(self) -> list[dict[str, Any]]:
        return [event for _, event in self.got]

    def statuses(self) -> list[str]:
        return [event["detail"]["status"] for event in self.events()]

    async def until(self, status: str, count: int = 1) -> None:
        await until(lambda: self.statuses().count(status) >= count)


@pytest.fixture
def hook(background: Background, transcoder: TranscoderServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    # An answer that is late is asked for again, rightly; here each delivery is counted.
    monkeypatch.setattr(transcoder_events, "ANSWER_SECONDS", 60)
    made = Hook()
    with serving(Starlette(routes=[Route("/hook", made.take, methods=["POST"])]), background) as url:
        made.url = f"{url}/hook"
        transcoder.control(webhook_url=made.url, webhook_key=KEY)
        yield made
        transcoder.control(webhook_url="")


@pytest.fixture(scope="session")
def source(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("clip") / "in.mp4"
    return clips.upload(s3, clips.make(path, "-c:v", "libx264", source="testsrc2=s=320x240:r=25:d=2"))


@pytest.fixture
async def held(transcoder: TranscoderServer) -> AsyncIterator[None]:
    """Jobs stay SUBMITTED until the test lets them go."""
    transcoder.control(hold=True)
    yield
    transcoder.control(hold=False)


async def until(holds: Callable[[], bool], seconds: float = 180) -> None:
    async with asyncio.timeout(seconds):
        for pause in itertools.repeat(0.05):
            if holds():
                return
            await asyncio.sleep(pause)


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_wrong_secret_is_refused(transcoder: TranscoderServer) -> None:
    with pytest.raises(ClientError) as error:
        clips.client(transcoder, secret="wrong" * 8).list_jobs()
    assert refused(error) == ("InvalidSignatureException", 403)


def test_unknown_job_is_the_documented_error(transcoder: TranscoderServer) -> None:
    mediaconvert = clips.client(transcoder)
    with pytest.raises(mediaconvert.exceptions.NotFoundException):
        mediaconvert.get_job(Id="1-none")


def test_bad_settings_are_refused_at_once(transcoder: TranscoderServer, source: str) -> None:
    mediaconvert = clips.client(transcoder)
    _, wish = clips.job(source, [])
    with pytest.raises(mediaconvert.exceptions.BadRequestException):
        mediaconvert.create_job(**wish)
    _, wish = clips.job("https://example.org/a.mp4", RUNG)
    with pytest.raises(mediaconvert.exceptions.BadRequestException):
        mediaconvert.create_job(**wish)


def test_busy_is_said_as_aws_says_it(transcoder: TranscoderServer) -> None:
    transcoder.control(refuse_status=429, refuse_count=1)
    mediaconvert = clips.client(transcoder)
    with pytest.raises(mediaconvert.exceptions.TooManyRequestsException):
        mediaconvert.list_jobs()
    assert "Jobs" in mediaconvert.list_jobs()


def test_one_token_makes_one_job(transcoder: TranscoderServer, source: str, held: None) -> None:
    mediaconvert = clips.client(transcoder)
    _, wish = clips.job(source, RUNG, ClientRequestToken="vid-1-a1")
    first, second = (mediaconvert.create_job(**wish)["Job"]["Id"] for _ in range(2))
    other = mediaconvert.create_job(**wish | {"ClientRequestToken": "vid-1-a2"})["Job"]["Id"]
    assert first == second != other
    for name in (first, other):
        mediaconvert.cancel_job(Id=name)
    assert mediaconvert.get_job(Id=first)["Job"]["Status"] == "CANCELED"
    with pytest.raises(mediaconvert.exceptions.ConflictException):
        mediaconvert.cancel_job(Id=first)


def test_jobs_are_listed_newest_first_in_pages(transcoder: TranscoderServer, source: str, held: None) -> None:
    mediaconvert = clips.client(transcoder)
    names = [mediaconvert.create_job(**clips.job(source, RUNG)[1])["Job"]["Id"] for _ in range(3)]
    page = mediaconvert.list_jobs(MaxResults=2, Status="SUBMITTED")
    rest = mediaconvert.list_jobs(MaxResults=2, Status="SUBMITTED", NextToken=page["NextToken"])
    assert {job["Id"] for job in page["Jobs"] + rest["Jobs"]} >= set(names)
    for name in names:
        mediaconvert.cancel_job(Id=name)


async def test_events_tell_the_story_of_a_job(transcoder: TranscoderServer, hook: Hook, source: str) -> None:
    folder, wish = clips.job(source, RUNG)
    job = clips.client(transcoder).create_job(**wish)["Job"]
    # Each is delivered by itself, so they come in any order; their own times tell the story's.
    for status in ("PROGRESSING", "INPUT_INFORMATION", "COMPLETE"):
        await hook.until(status)
    assert {key for key, _ in hook.got} == {KEY}
    story = sorted(hook.events(), key=lambda event: int(event["detail"]["timestamp"]))
    assert story[0]["detail"]["status"] == "PROGRESSING"
    [event] = [event for event in story if event["detail"]["status"] == "COMPLETE"]
    assert event["detail"]["timestamp"] == story[-1]["detail"]["timestamp"]
    assert (event["source"], event["detail-type"]) == ("aws.mediaconvert", "MediaConvert Job State Change")
    assert event["resources"] == [job["Arn"]]
    assert event["detail"]["userMetadata"] == wish["UserMetadata"]
    hls, stills = event["detail"]["outputGroupDetails"]
    assert hls["playlistFilePaths"] == [f"s3://trunkline-media/{folder}/hls/master.m3u8"]
    # Only the last picture is named: its number is the count less one.
    assert stills["outputDetails"][0]["outputFilePaths"] == [f"s3://trunkline-media/{folder}/thumbs/frame.0000000.jpg"]
    assert len({e["id"] for _, e in hook.got}) == len(hook.got)


async def test_events_are_retried_on_5xx_and_never_on_4xx(
    transcoder: TranscoderServer, hook: Hook, source: str
) -> None:
    transcoder.control(drop=["PROGRESSING", "INPUT_INFORMATION", "STATUS_UPDATE"])
    hook.answers = [503, 429, 204]
    mediaconvert = clips.client(transcoder)
    mediaconvert.create_job(**clips.job(source, RUNG)[1])
    await hook.until("COMPLETE", 3)
    assert len({event["id"] for _, event in hook.got}) == 1
    hook.answers = [400]
    second = mediaconvert.create_job(**clips.job(source, RUNG)[1])["Job"]["Id"]
    await hook.until("COMPLETE", 4)
    await sent(transcoder, second)
    assert len(hook.got) == 4


async def test_faults_repeat_and_drop_and_fail(transcoder: TranscoderServer, hook: Hook, source: str) -> None:
    transcoder.control(drop=["COMPLETE", "STATUS_UPDATE"], repeat=2)
    mediaconvert = clips.client(transcoder)
    job = await clips.finished(mediaconvert, mediaconvert.create_job(**clips.job(source, RUNG)[1])["Job"]["Id"])
    assert job["Status"] == "COMPLETE"
    await hook.until("INPUT_INFORMATION", 2)
    assert "COMPLETE" not in hook.statuses()
    transcoder.control(drop=[], repeat=1, fail_next=1040)
    mediaconvert.create_job(**clips.job(source, RUNG)[1])
    await hook.until("ERROR")
    failed = next(event for _, event in hook.got if event["detail"]["status"] == "ERROR")
    assert failed["detail"]["errorCode"] == 1040


async def test_unfinished_jobs_run_after_a_restart(s3: S3Server, source: str, tmp_path: Path) -> None:
    account = objects.Account(s3.endpoint, s3.access_key, s3.secret_key)
    config = Config(tmp_path, ffmpeg.find(), account, Destination("", ""), ("a", "b"))
    first = Transcoder(config)
    await first.open()
    _, wish = clips.job(source, RUNG)
    made = first.create({"role": wish["Role"], "settings": camel(wish["Settings"]), "userMetadata": {}})
    await until(lambda: made["status"] == "PROGRESSING")
    await first.close()
    second = Transcoder(config)
    assert second.jobs.by_id[made["id"]]["status"] == "PROGRESSING"
    await second.open()
    await until(lambda: second.jobs.by_id[made["id"]]["status"] == "COMPLETE")
    await second.close()
    assert list((tmp_path / "work").iterdir()) == []


async def sent(transcoder: TranscoderServer, name: str) -> None:
    """Once the bus has done with a job's last event."""
    await until(lambda: name in [one["job_id"] for one in transcoder.control()["sent"]])


def camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: camel(inner) for name, inner in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value
