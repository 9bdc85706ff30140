"""Views: once per viewer and hour, counted in batches, folded into totals and days."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx
from starlette.applications import Starlette

from app.config import Settings
from app.jobs import Job, views
from app.pg import videos
from app.pg.pool import Database
from tests.browser import browser
from tests.conftest import running_app
from tests.factories import make_user, signed_in
from tests.signals import soon, until
from tests.videos import make_video

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


async def record(db: Database, video: str, viewer: bytes, at: datetime = NOW) -> int | None:
    counted: int | None = await db.fetchval("select media.record_view($1, null, $2, $3)", video, viewer, at)
    return counted


async def test_once_per_viewer_and_hour(db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    assert await record(db, video.id, b"a") == video.number
    assert await record(db, video.id, b"a", NOW + timedelta(minutes=59)) is None
    assert await record(db, video.id, b"b", NOW + timedelta(minutes=59)) == video.number
    assert await record(db, video.id, b"a", NOW + timedelta(minutes=60)) == video.number
    assert await record(db, video.id, b"a", NOW + timedelta(minutes=119)) is None


async def test_one_of_many_at_once_counts(db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    counted = await asyncio.gather(*(record(db, video.id, b"a") for _ in range(10)))
    assert sorted(n is not None for n in counted) == [False] * 9 + [True]


async def test_a_view_waits_for_nobody_who_changes_the_video(db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    async with db.transaction() as other:
        await other.execute("update videos set title = 'x' where id = $1", video.number)
        assert await soon(record(db, video.id, b"a")) == video.number


async def test_folding_fills_totals_and_days_once(db: Database) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id)
    for day, n in ((0, 3), (1, 2)):
        await db.execute(
            "select ct.bump($1, array['video_view', 'video_view'], array[$2, 0], $3)", 5, video.number, [n, 1]
        )
        await db.fetchval("select media.fold_views(p_now => $1)", NOW + timedelta(days=day))
    assert await videos.fold_views(db, 1000) == 0
    stats = await db.fetchval("select media.stats($1, $2)", owner.id, NOW + timedelta(days=1))
    assert stats["view_count"] == 5
    assert [day["views"] for day in stats["views_per_day"]] == [0] * 28 + [3, 2]
    assert stats["views_per_day"][-1]["day"] == "2026-05-05"


async def test_nobody_is_remembered_longer_than_an_hour(db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    await record(db, video.id, b"a")
    await record(db, video.id, b"b", NOW + timedelta(minutes=30))
    assert await db.fetchval("select media.forget_viewers(p_now => $1)", NOW + timedelta(minutes=61)) == 1
    assert [r["viewer"] for r in await db.fetch("select viewer from video_viewers")] == [b"b"]


async def test_the_route_counts_users_and_guests_apart(client: httpx.AsyncClient, app: Starlette, db: Database) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id)
    viewer = await signed_in(client, db)
    url = f"/api/videos/{video.id}/views"
    one = {"user-agent": "one"}
    for headers in (one, one, viewer, viewer, {"user-agent": "another"}):
        assert (await client.post(url, headers=headers)).status_code == 204

    async def are_folded() -> bool:
        """The app writes its counts each second, too: some may be on their way already."""
        await app.state.deps.counters.run_once()
        await videos.fold_views(db, 1000)
        return bool(await db.fetchval("select view_count from videos where id = $1", video.number) >= 3)

    await until(are_folded)
    assert (await client.get(f"/api/videos/{video.id}")).json()["view_count"] == 3
    kept = await db.fetch("select viewer from video_viewers")
    assert {len(row["viewer"]) for row in kept} == {16}
    assert (await client.post("/api/videos/AAAAAAAAAAAA/views")).status_code == 404


async def test_one_guest_of_many_names_is_no_crowd(settings: Settings, db: Database) -> None:
    """And people who share an address, or have a network of them to themselves, are not all one."""
    settings = dataclasses.replace(settings, guests_per_address=4, limit_view="off")
    video = await make_video(db, (await make_user(db)).id)
    url = f"/api/videos/{video.id}/views"

    async def counted() -> int:
        return int(await db.fetchval("select count(*) from video_viewers"))

    async with running_app(settings) as app:
        async with browser(app, "198.51.100.7") as guest:
            for n in range(60):
                assert (await guest.post(url, headers={"user-agent": f"browser {n}"})).status_code == 204
            assert await counted() == 4
            await guest.post(url, headers=await signed_in(guest, db))
            assert await counted() == 5
        for n in range(9):
            async with browser(app, f"2001:db8::{n}") as guest:
                await guest.post(url, headers={"user-agent": "the same"})
        assert await counted() == 6


async def test_likes_of_a_crowd_wait_for_nobody_and_count_exactly(db: Database) -> None:
    """Twenty people like at once while somebody holds the video's row; then the likes are folded in."""
    video = await make_video(db, (await make_user(db)).id)
    fans = [await make_user(db) for _ in range(20)]
    async with db.transaction() as editor:
        await editor.execute("update videos set title = 'x' where id = $1", video.number)
        await soon(asyncio.gather(*(videos.like_video(db, video.id, fan.id) for fan in fans[:9])))
    await asyncio.gather(*(videos.like_video(db, video.id, fan.id) for fan in fans))
    assert (await videos.unlike_video(db, video.id, fans[0].id))["like_count"] == 19
    assert (await videos.get_video(db, video.id, None))["like_count"] == 19
    assert await videos.fold_likes(db, 1000) == 1
    assert await db.fetchval("select like_count from videos where id = $1", video.number) == 19
    assert (await videos.get_video(db, video.id, None))["like_count"] == 19
    await videos.unlike_video(db, video.id, fans[1].id)
    assert await videos.fold_likes(db, 1000) == 1
    assert await db.fetchval("select like_count from videos where id = $1", video.number) == 18


async def test_all_is_folded_however_many_slots_and_lost_videos_it_lies_in(db: Database, app: Starlette) -> None:
    video = await make_video(db, (await make_user(db)).id)
    await db.execute(
        """insert into ct.counter (kind, id, slot, n)
           select kind, id, slot, 1 from unnest(array['video_view', 'video_like']) kind,
             (select -n as id from generate_series(1, 1200) n union all select $1) ids, generate_series(0, 3) slot""",
        video.number,
    )
    await views.fold(cast("Job", None), app.state.deps)
    assert await db.fetchval("select count(*) from ct.counter") == 0
    row = await db.fetchrow("select view_count, like_count from videos where id = $1", video.number)
    assert tuple(row or ()) == (4, 4)
