"""Videos that become public at a time: by the database's clock, once, and not when it was called off."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.errors import AppError
from app.pg import videos
from app.pg.pool import Database
from tests.factories import User, make_user
from tests.videos import MadeVideo, make_video

DAY = timedelta(days=1)


@pytest.fixture
async def owner(db: Database) -> User:
    return await make_user(db)


async def planned(db: Database, owner: User, at: datetime, **more: Any) -> MadeVideo:
    video = await make_video(db, owner.id, visibility="private", **more)
    await plan(db, owner, video, at)
    return video


async def plan(db: Database, owner: User, video: MadeVideo, at: datetime) -> dict[str, Any]:
    return await videos.update_video(db, video.id, owner.id, None, None, None, None, at, 366)


async def now(db: Database) -> datetime:
    at: datetime = await db.fetchval("select now()")
    return at


async def publish(db: Database, at: datetime, limit: int = 100) -> list[str]:
    ids: list[str] = await db.fetchval("select media.publish_due($1, $2)", limit, at)
    return ids


async def seen(db: Database, video: MadeVideo) -> dict[str, Any]:
    row = await db.fetchrow("select visibility, publish_at, published_at from videos where id = $1", video.number)
    assert row is not None
    return dict(row)


async def events(db: Database, owner: User) -> int:
    return int(await db.fetchval("select count(*) from rt.event where channel = $1", f"user:{owner.id}"))


async def test_it_stays_private_until_then_and_is_new_from_then_on(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    video = await planned(db, owner, at)
    await make_video(db, owner.id, "the day before")
    assert await publish(db, at - timedelta(milliseconds=2)) == []
    assert (await seen(db, video))["visibility"] == "private"
    with pytest.raises(AppError, match="not_found"):
        await videos.get_video(db, video.id, None)
    assert await publish(db, at) == [video.id]
    assert await seen(db, video) == {"visibility": "public", "publish_at": None, "published_at": at}
    page = await videos.list_videos(db, None, "newest", None, None, None, 1)
    assert video.id in page.decode()
    assert (await publish(db, at), await events(db, owner)) == ([], 1)


async def test_a_job_comes_at_that_time_in_the_commit_that_planned_it(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    await planned(db, owner, at)
    await planned(db, owner, at)
    rows = await db.fetch("select run_at from q.scheduled where kind = 'publish_due' and ukey is not null")
    assert [row["run_at"] for row in rows] == [at]


async def test_another_time_counts_and_the_first_does_not(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    video = await planned(db, owner, at)
    await plan(db, owner, video, at + DAY)
    assert await publish(db, at) == []
    # Earlier than first said is as good.
    await plan(db, owner, video, at - timedelta(hours=1))
    assert await publish(db, at - timedelta(hours=1)) == [video.id]


@pytest.mark.parametrize("visibility", ["private", "unlisted", "public"])
async def test_an_audience_given_by_hand_calls_it_off(db: Database, owner: User, visibility: str) -> None:
    at = await now(db) + DAY
    video = await planned(db, owner, at)
    changed = await videos.update_video(db, video.id, owner.id, None, None, None, visibility)
    assert (changed["visibility"], changed["publish_at"]) == (visibility, None)
    assert await publish(db, at) == []
    assert (await seen(db, video))["visibility"] == visibility


async def test_other_changes_leave_the_time_alone(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    video = await planned(db, owner, at)
    changed = await videos.update_video(db, video.id, owner.id, "Another title", None, None, None)
    assert datetime.fromisoformat(changed["publish_at"]) - at < timedelta(milliseconds=1)


async def test_what_is_public_becomes_private_until_then_and_deleted_ones_stay_away(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    public, deleted = await make_video(db, owner.id), await planned(db, owner, at)
    assert (await plan(db, owner, public, at))["visibility"] == "private"
    await videos.delete_video(db, deleted.id, owner.id)
    assert await publish(db, at) == [public.id]


async def test_times_past_and_far_are_refused(db: Database, owner: User) -> None:
    video = await make_video(db, owner.id)
    for at, why in ((timedelta(0), "past"), (-DAY, "past"), (366 * DAY + DAY, "366 days")):
        with pytest.raises(AppError) as caught:
            await plan(db, owner, video, await now(db) + at)
        assert why in str(caught.value.fields)
    assert (await seen(db, video))["visibility"] == "public"


async def test_two_at_once_publish_each_video_once(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    made = [await planned(db, owner, at) for _ in range(6)]
    found = await asyncio.gather(*(publish(db, at, limit=4) for _ in range(4)))
    assert sorted(id for ids in found for id in ids) == sorted(video.id for video in made)
    assert await events(db, owner) == 6


async def test_one_in_another_s_hands_is_left_to_them(db: Database, owner: User) -> None:
    at = await now(db) + DAY
    video, other = await planned(db, owner, at), await planned(db, owner, at)
    async with db.transaction() as connection:
        await connection.execute("select from videos where id = $1 for no key update", video.number)
        assert await publish(db, at) == [other.id]
    assert await publish(db, at) == [video.id]
