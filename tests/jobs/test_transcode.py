"""One paid job, wherever the worker dies (fault F9), and what refusals and silence become."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.clients import transcode_settings
from app.clients.transcoder import JobState, Transcoder
from app.config import Settings
from app.errors import AppError
from app.jobs import cleanup, transcode, transcode_news
from app.pg import media
from tests import processing
from tests.jobs.dying import POINTS, die
from tests.processing import OnItsWay, job
from tests.servers import S3Server, TranscoderServer
from tests.signals import soon
from tests.studio import Studio, open_studio


@pytest.fixture
async def held(settings: Settings, s3: S3Server, transcoder: TranscoderServer) -> AsyncIterator[Studio]:
    """No worker; the transcoder takes jobs and does not begin them."""
    transcoder.control(hold=True)
    async with open_studio(settings, s3, transcoder, serve_worker=False) as running:
        yield running


async def ask(studio: Studio, video: OnItsWay) -> None:
    await transcode.run(job("transcode", video_id=video.number, attempt=1), studio.deps)


async def live(studio: Studio, video: OnItsWay) -> list[JobState]:
    """What runs at the transcoder for this video."""
    since = await studio.deps.db.fetchval("select now() - interval '1 hour'")
    found = await studio.deps.transcoder.find_jobs(video.id, studio.deps.settings.trunkline_env, since)
    return [state for state in found if not state.is_over]


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_killed_at_any_point_leaves_one_job(
    held: Studio, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    video = await processing.probed(held.deps.db, held.user.id)
    assert await die(held.deps.settings, video.number, point) == -signal.SIGKILL
    # More than a minute later: MediaConvert's client token protects no longer.
    with monkeypatch.context() as patch:
        patch.setattr(transcode, "create_job", with_another_token)
        await ask(held, video)
        await ask(held, video)
    assert [state.job_id for state in await live(held, video)] == [
        await held.deps.db.fetchval("select job_id from transcode_jobs where video_id = $1", video.number)
    ]


def with_another_token(order: transcode_settings.Order) -> dict[str, Any]:
    return transcode_settings.create_job(order) | {"ClientRequestToken": f"{order.client_token}-late"}


async def test_two_workers_at_once_end_with_one_job(held: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """One froze before CreateJob and wakes after another took over (fault F10)."""
    video = await processing.probed(held.deps.db, held.user.id)
    frozen, woken = asyncio.Event(), asyncio.Event()
    real = Transcoder.create_job

    async def freeze(self: Transcoder, body: dict[str, Any]) -> JobState:
        if not frozen.is_set():
            frozen.set()
            await woken.wait()
            body = body | {"ClientRequestToken": "after-a-minute"}
        return await real(self, body)

    monkeypatch.setattr(Transcoder, "create_job", freeze)
    first = asyncio.create_task(ask(held, video))
    await soon(frozen.wait())
    await ask(held, video)
    woken.set()
    await first
    assert [state.job_id for state in await live(held, video)] == [
        await held.deps.db.fetchval("select job_id from transcode_jobs where video_id = $1", video.number)
    ]


async def test_a_transcoder_that_is_away_becomes_a_visible_state(held: Studio) -> None:
    video = await processing.probed(held.deps.db, held.user.id)
    held.transcoder.control(refuse_status=503, refuse_count=1000)
    first = job("transcode", video_id=video.number, attempt=1)
    with pytest.raises(AppError):
        await transcode.run(first, held.deps)
    assert (await held.video(video.id))["status"] == "transcoding"
    last = job("transcode", tries=8, video_id=video.number, attempt=1)
    with pytest.raises(AppError):
        await transcode.run(last, held.deps)
    failed = await held.video(video.id)
    assert (failed["status"], failed["reason"]) == ("failed", "transcoder_unavailable")
    again = await held.call("POST", f"/api/videos/{video.id}/retry", {}, 202)
    assert again["status"] == "queued"


async def test_a_refused_job_fails_at_once(held: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(order: transcode_settings.Order) -> dict[str, Any]:
        body = transcode_settings.create_job(order)
        body["Settings"]["Inputs"][0]["FileInput"] = "http://elsewhere.example/x.mp4"
        return body

    video = await processing.probed(held.deps.db, held.user.id)
    monkeypatch.setattr(transcode, "create_job", wrong)
    await ask(held, video)
    failed = await held.video(video.id)
    assert (failed["status"], failed["reason"]) == ("failed", "transcoder_refused")
    assert await live(held, video) == []


async def test_a_deleted_video_is_not_transcoded(held: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleted between our intent and CreateJob: the job that comes out of it is cancelled."""
    video = await processing.probed(held.deps.db, held.user.id)
    real = Transcoder.create_job

    async def slow(self: Transcoder, body: dict[str, Any]) -> JobState:
        await held.call("DELETE", f"/api/videos/{video.id}", status=204)
        await cleanup.purge_video(job("purge_video", video_id=video.id), held.deps)
        return await real(self, body)

    monkeypatch.setattr(Transcoder, "create_job", slow)
    await ask(held, video)
    assert await live(held, video) == []
    assert await held.deps.db.fetchval("select count(*) from videos") == 0


async def test_the_sweeper_finds_out_without_any_event(held: Studio) -> None:
    """Every event is lost (fault F13); cancelled at the transcoder by somebody else."""
    held.transcoder.control(drop=["PROGRESSING", "STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"])
    video = await processing.probed(held.deps.db, held.user.id)
    await ask(held, video)
    [state] = await live(held, video)
    sweep = job("sweep_transcodes")
    await transcode_news.sweep(sweep, held.deps)
    assert (await held.video(video.id))["status"] == "transcoding", "not silent for long enough yet"
    await held.deps.transcoder.cancel_job(state.job_id)
    await held.deps.db.execute("update transcode_jobs set created_at = now() - interval '3 minutes'")
    await transcode_news.sweep(sweep, held.deps)
    failed = await held.video(video.id)
    assert (failed["status"], failed["reason"]) == ("failed", "canceled")


async def test_the_sweeper_asks_again_for_an_intent_nobody_follows(held: Studio) -> None:
    video = await processing.probed(held.deps.db, held.user.id)
    await media.start_transcode(held.deps.db, video.number, 1)
    db = held.deps.db
    await db.execute("update transcode_jobs set created_at = now() - interval '3 minutes'")
    await db.execute("delete from q.job")
    await db.execute("delete from q.uniq")
    await transcode_news.sweep(job("sweep_transcodes"), held.deps)
    assert await db.fetchval("select count(*) from q.job where kind = 'transcode'") == 1


async def test_a_video_whose_job_died_does_not_hang_for_ever(held: Studio) -> None:
    db = held.deps.db
    video = await processing.uploaded(db, held.user.id)
    await db.execute("update videos set updated_at = now() - interval '1 hour'")
    await transcode_news.sweep(job("sweep_transcodes"), held.deps)
    assert (await held.video(video.id))["status"] == "queued", "its job is still there"
    await db.execute("delete from q.job")
    await db.execute("delete from q.uniq")
    await transcode_news.sweep(job("sweep_transcodes"), held.deps)
    failed = await held.video(video.id)
    assert (failed["status"], failed["reason"]) == ("failed", "processing_stopped")
