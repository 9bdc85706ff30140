"""News of a transcode in any order, quota, and the steps of a video, as the SQL functions have them."""

from __future__ import annotations

import asyncio
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from app.errors import AppError
from app.pg import media
from app.pg.pool import Database
from tests import processing
from tests.factories import User, make_user
from tests.processing import OnItsWay

JOB = "1-abcdef"
News = tuple[str, int | None, int | None]
STORY: list[News] = [
    ("INPUT_INFORMATION", None, None),
    ("PROGRESSING", None, None),
    ("STATUS_UPDATE", 10, None),
    ("STATUS_UPDATE", 41, None),
    ("STATUS_UPDATE", 90, None),
    ("NEW_WARNING", None, None),
]
HAPPY: list[News] = [*STORY, ("COMPLETE", None, None)]
SAD: list[News] = [*STORY, ("ERROR", None, 1030)]


@pytest.fixture
async def user(db: Database) -> User:
    return await make_user(db)


async def tell(db: Database, video: OnItsWay, news: News, *, attempt: int = 1, job: str = JOB) -> str:
    status, percent, code = news
    return await media.apply_transcode_event(db, video.id, attempt, job, status, percent, code)


# The same orders each time; how long one takes says nothing.
@hypothesis.settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
@hypothesis.given(data=st.data())
@pytest.mark.parametrize("story", [HAPPY, SAD], ids=["happy", "sad"])
def test_any_order_and_repeats_of_a_jobs_news_end_in_the_same_state(
    dsn: str, story: list[News], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(story))
    repeats = data.draw(st.lists(st.sampled_from(story), max_size=4))

    async def play() -> None:
        db = Database(dsn, size=2, acquire_seconds=30, statement_seconds=30, name="test")
        try:
            user = await make_user(db)
            await db.execute("delete from q.job")
            await db.execute("delete from rt.event")
            await db.execute("delete from q.uniq")
            video = await processing.submitted(db, user.id, job=JOB + user.username)
            progress = []
            for news in [*order, *repeats]:
                await tell(db, video, news, job=JOB + user.username)
                progress.append(await db.fetchval("select processing_progress from videos where id = $1", video.number))
            assert progress == sorted(progress), "never backwards"
            assert (await processing.state(db, video)) == expected(story, [*order, *repeats])
        finally:
            await db.close()

    asyncio.run(play())


def expected(story: list[News], told: list[News]) -> tuple[Any, ...]:
    """status, reason, progress, attempt, transcode, percent, qualities, last words, jobs `finish`"""
    if story[-1][0] == "COMPLETE":
        return ("transcoding", None, 95, 1, "complete", 100, ["working100"], 0, 1)
    # What was told before the end counts; nothing after it does.
    before = told[: told.index(story[-1])]
    percent = max((news[1] or 0 for news in before), default=0)
    is_heard = any(news[0] != "NEW_WARNING" for news in before)
    progress = 5 + percent * 90 // 100
    return ("failed", "unsupported_codec", progress, 1, "error", percent, [f"failed{percent if is_heard else 0}"], 1, 0)


async def test_events_at_once_make_one_transition(db: Database, user: User) -> None:
    video = await processing.submitted(db, user.id, job=JOB)
    did = await asyncio.gather(*(tell(db, video, ("COMPLETE", None, None)) for _ in range(5)))
    assert sorted(did) == ["complete", *["ended already"] * 4]
    assert await db.fetchval("select count(*) from q.job where kind = 'finish'") == 1


async def test_news_of_other_attempts_jobs_and_videos_change_nothing(db: Database, user: User) -> None:
    video = await processing.submitted(db, user.id, job=JOB)
    before = await processing.state(db, video)
    complete: News = ("COMPLETE", None, None)
    assert await tell(db, video, complete, attempt=2) == "unknown job"
    assert await tell(db, video, complete, job="1-other") == "unknown job"
    nobody = OnItsWay(0, "AAAAAAAAAAAA", "", "")
    assert await tell(db, nobody, complete) == "unknown job"
    assert await tell(db, video, ("SOMETHING_NEW", 5, None)) == "unknown status"
    assert await processing.state(db, video) == before


async def test_news_of_a_job_whose_worker_died_bring_its_id(db: Database, user: User) -> None:
    video = await processing.probed(db, user.id)
    await media.start_transcode(db, video.number, 1)
    assert await tell(db, video, ("PROGRESSING", None, None)) == "progressing"
    assert await db.fetchval("select job_id from transcode_jobs") == JOB
    assert await media.start_transcode(db, video.number, 1) is None, "nothing left to ask for"


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1020, "not_a_video"), (1030, "unsupported_codec"), (1010, "broken_file"), (1404, "storage_refused")],
)
async def test_lasting_errors_fail_the_video_with_a_reason(db: Database, user: User, code: int, reason: str) -> None:
    video = await processing.submitted(db, user.id, job=JOB)
    assert await tell(db, video, ("ERROR", None, code)) == "failed"
    assert await tell(db, video, ("COMPLETE", None, None)) == "ended already"
    row = await db.fetchrow("select status, reason, attempt from videos where id = $1", video.number)
    assert row is not None
    assert tuple(row) == ("failed", reason, 1)


async def test_a_passing_error_is_tried_once_and_not_again(db: Database, user: User) -> None:
    video = await processing.submitted(db, user.id, job=JOB)
    assert await tell(db, video, ("ERROR", None, 1999)) == "again"
    assert await media.start_transcode(db, video.number, 2)
    assert await media.save_transcode(db, video.number, 2, "2-second", {}) == "2-second"
    assert await tell(db, video, ("ERROR", None, 1076), attempt=2, job="2-second") == "failed"
    row = await db.fetchrow("select status, reason, attempt from videos where id = $1", video.number)
    assert row is not None
    assert tuple(row) == ("failed", "transcoder_failed", 2)


async def test_a_late_worker_of_an_earlier_attempt_changes_nothing(db: Database, user: User) -> None:
    video = await processing.submitted(db, user.id, job=JOB)
    await media.fail_video(db, video.number, 1, "output_missing")
    await media.retry_video(db, user.id, video.id)
    assert await media.start_probe(db, video.number, 1) is None
    assert not await media.save_probe(db, video.number, 1, processing.FACTS, processing.RUNGS, processing.MINUTES)
    assert await media.start_transcode(db, video.number, 1) is None
    assert await media.start_finish(db, video.number, 1) is None
    assert not await media.finish_video(db, video.number, 1, [], hls="x", sprite=None, poster=None, duration=1)
    assert not await media.fail_video(db, video.number, 1, "output_missing")
    assert await db.fetchval("select status from videos where id = $1", video.number) == "queued"


async def test_quota_is_given_back_once(db: Database, user: User) -> None:
    async def used() -> int:
        return int(await db.fetchval("select storage_used_bytes from users where id = $1", user.id))

    made = await media.create_upload(db, user.id, "a.mp4", "a", "video/mp4", 700, 5_242_880, 9)
    kept = await processing.uploaded(db, user.id, size=300)
    assert await used() == 1000
    await asyncio.gather(*(media.cancel_upload(db, user.id, made["upload_id"]) for _ in range(3)))
    assert await used() == 300
    assert await media.start_purge(db, made["video_id"])
    assert await media.start_purge(db, kept.id) is None, "it is not deleted"
    await db.execute("update videos set deleted_at = now() where id = $1", kept.number)
    await asyncio.gather(*(media.start_purge(db, kept.id) for _ in range(3)))
    assert await used() == 0


async def test_large_files_get_larger_parts(db: Database, user: User) -> None:
    await db.execute("update users set storage_quota_bytes = 1e15")
    made = await media.create_upload(db, user.id, "a.mp4", "a", "video/mp4", 100 * 2**30, 8_388_608, 9)
    assert made["part_count"] <= 10_000
    assert made["part_size"] % 2**20 == 0
    assert made["part_size"] * made["part_count"] >= 100 * 2**30 > made["part_size"] * (made["part_count"] - 1)


async def test_cancelling_after_completing_is_refused(db: Database, user: User) -> None:
    video = await processing.uploaded(db, user.id)
    with pytest.raises(AppError) as caught:
        await media.cancel_upload(db, user.id, video.upload)
    assert caught.value.code == "upload_closed"


async def test_operators_see_uploads_that_stand_still(db: Database, user: User) -> None:
    made = await media.create_upload(db, user.id, "a.mp4", "a", "video/mp4", 700, 5_242_880, 9)
    assert await db.fetch("select * from ops.uploads_stuck") == []
    await db.execute("update uploads set updated_at = now() - interval '2 hours'")
    rows = await db.fetch("select upload_id, owner, status, parts, part_count from ops.uploads_stuck")
    assert [tuple(row) for row in rows] == [(made["upload_id"], user.username, "open", 0, 1)]


@pytest.mark.parametrize(
    "sql",
    [
        "select from uploads where status in ('open', 'completing') and expires_at <= now() limit 9",
        "select from videos where status in ('queued', 'probing', 'transcoding') and updated_at <= now() limit 9",
    ],
)
async def test_sweeping_reads_an_index(db: Database, sql: str) -> None:
    async with db.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"explain {sql}"))
    assert "Index" in plan, plan


async def test_people_take_turns_however_many_one_brings(db: Database, user: User) -> None:
    other = await make_user(db)
    many = [await processing.uploaded(db, user.id) for _ in range(3)]
    one = await processing.uploaded(db, other.id)
    rows = await db.fetch("select payload->>'video_id' as video from q.job where kind = 'probe' order by priority, id")
    assert [int(row["video"]) for row in rows] == [many[0].number, one.number, many[1].number, many[2].number]
    # So it is at the transcoder, whose queue is its own.
    for video in (*many, one):
        assert await media.start_probe(db, video.number, 1)
        assert await media.save_probe(db, video.number, 1, processing.FACTS, processing.RUNGS, processing.MINUTES)
    started = [await media.start_transcode(db, video.number, 1) for video in (*many, one)]
    assert [row and row["turn"] for row in started] == [0, 1, 2, 0]
    await media.fail_video(db, many[0].number, 1, "broken_file")
    assert await db.fetchval("select media.turn_of($1)", many[2].number) == 1


async def test_minutes_of_a_day_are_counted_and_outlive_their_videos(db: Database, user: User) -> None:
    facts = processing.FACTS | {"duration_seconds": 3600.0}  # 60 minutes in one quality
    for most, passes in ((10, True), (100, False), (120, True), (150, False)):
        video = await processing.uploaded(db, user.id)
        assert await media.start_probe(db, video.number, 1)
        assert await media.save_probe(db, video.number, 1, facts, processing.RUNGS, most) is passes
        row = await db.fetchrow("select status, reason from videos where id = $1", video.number)
        assert row is not None
        assert tuple(row) == (("transcoding", None) if passes else ("failed", "minutes_used_up"))
        await db.execute("delete from videos where id = $1", video.number)
    tomorrow = "select media.charge_minutes($1, 60, 60, now() + interval '1 day')"
    assert await db.fetchval(tomorrow, user.id)
    assert not await db.fetchval(tomorrow, user.id)


async def test_two_at_once_do_not_share_the_last_minute(db: Database, user: User) -> None:
    await db.execute("select media.charge_minutes($1, 50, 100)", user.id)
    charge = "select media.charge_minutes($1, 40, 100)"
    both = await asyncio.gather(db.fetchval(charge, user.id), db.fetchval(charge, user.id))
    assert sorted(both) == [False, True]


async def test_a_length_the_file_did_not_tell_is_counted_when_it_is_known(db: Database, user: User) -> None:
    """And one it told wrongly is put right."""
    minutes = "select minutes from transcode_minutes where owner_id = $1"
    for told, real, sum in ((None, 600.0, 10), (3600.0, 600.0, 20)):
        video = await processing.uploaded(db, user.id)
        assert await media.start_probe(db, video.number, 1)
        facts = processing.FACTS | {"duration_seconds": told}
        assert await media.save_probe(db, video.number, 1, facts, processing.RUNGS, 100)
        assert await db.fetchval(minutes, user.id) == (0 if told is None else 70)
        assert await media.finish_video(
            db, video.number, 1, processing.RUNGS, hls="1/x", sprite=None, poster=None, duration=real
        )
        assert await db.fetchval(minutes, user.id) == pytest.approx(sum)
