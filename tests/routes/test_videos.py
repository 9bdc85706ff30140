"""Lists, single videos, changes: what callers see and what they are refused."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.pg import videos
from app.pg.pool import Database
from tests.factories import make_user, signed_in
from tests.videos import make_video


async def titles(client: httpx.AsyncClient, url: str, headers: dict[str, str] | None = None) -> list[str]:
    answer = await client.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_lists_hold_what_is_public_and_playable(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    await make_video(db, owner.id, "shown")
    await make_video(db, owner.id, "unlisted", visibility="unlisted")
    await make_video(db, owner.id, "private", visibility="private")
    await make_video(db, owner.id, "on its way", hls_path=None, status="transcoding")
    await make_video(db, owner.id, "playable as is", hls_path=None, progressive_path="1/progressive.mp4")
    deleted = await make_video(db, owner.id, "deleted")
    await db.execute("update videos set deleted_at = now() where id = $1", deleted.number)
    assert await titles(client, "/api/videos") == ["playable as is", "shown"]
    assert await titles(client, f"/api/videos?owner={owner.username.upper()}") == ["playable as is", "shown"]
    assert await titles(client, "/api/videos?owner=nobody_at_all") == []


@pytest.mark.parametrize("sort", ["newest", "popular"])
async def test_pages_follow_each_other_without_gap_or_repeat(
    client: httpx.AsyncClient, db: Database, sort: str
) -> None:
    owner = await make_user(db)
    for n in range(7):
        # Equal counts: the id decides.
        await make_video(db, owner.id, f"v{n}", view_count=n // 3)
    seen: list[str] = []
    url = f"/api/videos?sort={sort}&limit=3"
    cursor = ""
    while cursor is not None:
        page = (await client.get(url + (f"&cursor={cursor}" if cursor else ""))).json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"v{n}" for n in reversed(range(7))]


@pytest.mark.parametrize(
    "query",
    ["cursor=rubbish", "cursor=%00", "cursor=cG9wdWxhci4xLjI", "limit=0", "limit=101", "limit=1e3", "limit=-1",
     "limit=9223372036854775808", "sort=title", "sort=newest;drop table videos", "q=%00",
     "cursor=bmV3ZXN0LjEuOTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"],
)  # fmt: skip
async def test_wrong_queries_are_422(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/videos?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [query.partition("=")[0]]


async def test_search_over_the_route(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    await make_video(db, owner.id, "大稻埕的夜晚散步")
    await make_video(db, owner.id, "Holiday video of the sea")
    assert await titles(client, "/api/videos?q=夜晚") == ["大稻埕的夜晚散步"]
    assert await titles(client, "/api/videos?q=holliday+vidoe") == ["Holiday video of the sea"]
    assert await titles(client, "/api/videos?q=%20&sort=relevance") == ["Holiday video of the sea", "大稻埕的夜晚散步"]


async def test_a_private_video_is_its_owners_alone(client: httpx.AsyncClient, db: Database) -> None:
    owner, other = await make_user(db), await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db, other)
    video = await make_video(db, owner.id, "secret", visibility="private")
    for path in (f"/api/videos/{video.id}", f"/api/videos/{video.id}/playback", f"/api/videos/{video.id}/related"):
        assert (await client.get(path, headers=mine)).status_code == 200
        assert (await client.get(path, headers=theirs)).status_code == 404
        assert (await client.get(path)).status_code == 404
    shown = (await client.get(f"/api/videos/{video.id}", headers=mine)).json()
    assert shown["is_owner"] is True
    assert shown["poster_url"].startswith("/media/")
    assert "*" not in shown["poster_url"]


async def test_change_and_delete(client: httpx.AsyncClient, db: Database) -> None:
    owner, other = await make_user(db), await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db, other)
    video = await make_video(db, owner.id, "before", visibility="private")
    url = f"/api/videos/{video.id}"
    change = {"title": "  after ", "tags": ["Sea", "sea ", " ", "山"], "visibility": "public", "description": "x\ny"}
    answer = await client.patch(url, json=change, headers=mine)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["title"], changed["tags"], changed["visibility"]) == ("after", ["Sea", "山"], "public")
    assert changed["published_at"].endswith("Z")
    assert (await client.patch(url, json={"title": "mine"}, headers=theirs)).status_code == 404
    assert (await client.delete(url, headers=theirs)).status_code == 404
    assert (await client.delete(url)).status_code == 401
    for wrong in ({"title": " "}, {"title": ""}, {"title": "x" * 151}, {"visibility": "secret"}, {"owner_id": 2},
                  {"tags": ["x"] * 21}, {"title": "\x00"}, {"view_count": 5}):  # fmt: skip
        assert (await client.patch(url, json=wrong, headers=mine)).status_code == 422, wrong
    assert (await client.delete(url, headers=mine)).status_code == 204
    assert (await client.get(url, headers=mine)).status_code == 404
    assert (await client.delete(url, headers=mine)).status_code == 404
    assert await purges(db) == 1


async def purges(db: Database) -> int:
    return int(await db.fetchval("select count(*) from ops.jobs where kind = 'purge_video'"))


async def test_a_deletion_is_taken_back_while_nothing_is_removed(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine, theirs = await signed_in(client, db, owner), await signed_in(client, db)
    video = await make_video(db, owner.id, "kept")
    url = f"/api/videos/{video.id}"
    assert (await client.post(f"{url}/restore", headers=mine)).status_code == 404
    await client.delete(url, headers=mine)
    assert await titles(client, "/api/videos") == []
    # Nothing is claimed before its time.
    assert await db.fetchval("select count(*) from q.promote()") == 0
    assert (await client.post(f"{url}/restore", headers=theirs)).status_code == 404
    assert (await client.post(f"{url}/restore")).status_code == 401
    answer = await client.post(f"{url}/restore", headers=mine)
    assert (answer.status_code, answer.json()["title"]) == (200, "kept")
    assert (await titles(client, "/api/videos"), await purges(db)) == (["kept"], 0)
    assert (await client.get(url)).status_code == 200
    # Deleted again, and now its removal has begun: too late.
    await client.delete(url, headers=mine)
    assert await db.fetchval("select n from q.promote(p_now => now() + interval '61 seconds')") == 1
    assert (await client.post(f"{url}/restore", headers=mine)).status_code == 404
    assert (await client.get(url, headers=mine)).status_code == 404


async def test_of_taking_back_and_removing_only_one_happens(db: Database) -> None:
    owner = await make_user(db)
    for _ in range(8):
        video = await make_video(db, owner.id)
        await videos.delete_video(db, video.id, owner.id, 60)
        promote = db.fetchval("select count(*) from q.promote(p_now => now() + interval '61 seconds')")
        outcome: list[Any] = [
            *await asyncio.gather(videos.restore_video(db, video.id, owner.id), promote, return_exceptions=True)
        ]
        back, moved = outcome
        is_back = not isinstance(back, BaseException)
        assert is_back == (moved == 0)
        assert await db.fetchval("select deleted_at is null from videos where id = $1", video.number) == is_back
        await db.execute("delete from q.job; delete from q.uniq")


async def test_an_upload_that_was_given_up_does_not_come_back(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id, status="uploading", hls_path=None)
    await videos.delete_video(db, video.id, owner.id)
    answer = await client.post(f"/api/videos/{video.id}/restore", headers=await signed_in(client, db, owner))
    assert answer.status_code == 404


async def test_my_videos_in_every_state(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    await make_video(db, owner.id, "old", visibility="private")
    await make_video(db, owner.id, "failed", hls_path=None, status="failed", reason="no_video", visibility="private")
    await make_video(db, (await make_user(db)).id, "not mine")
    assert await titles(client, "/api/users/me/videos", mine) == ["failed", "old"]
    assert await titles(client, "/api/users/me/videos?status=failed", mine) == ["failed"]
    page = (await client.get("/api/users/me/videos?limit=1", headers=mine)).json()
    assert await titles(client, f"/api/users/me/videos?limit=1&cursor={page['next_cursor']}", mine) == ["old"]
    assert (await client.get("/api/users/me/videos")).status_code == 401


async def test_a_title_that_looks_like_an_address_gets_no_token(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine = await signed_in(client, db, owner)
    victim = await make_video(db, (await make_user(db)).id, visibility="private")
    await make_video(db, owner.id, f"/media/*/{victim.id}/1/poster.jpg", visibility="private")
    assert await titles(client, "/api/users/me/videos", mine) == [f"/media/*/{victim.id}/1/poster.jpg"]


async def test_likes_count_once_however_often_they_come(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id)
    fans = [await signed_in(client, db) for _ in range(3)]
    url = f"/api/videos/{video.id}/like"
    answers = await asyncio.gather(*(client.put(url, headers=fan) for fan in fans for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await client.put(url, headers=fans[0])).json() == {"like_count": 3, "is_liked": True}
    await asyncio.gather(*(client.delete(url, headers=fans[0]) for _ in range(4)))
    assert (await client.delete(url, headers=fans[0])).json() == {"like_count": 2, "is_liked": False}
    assert (await client.get(f"/api/videos/{video.id}", headers=fans[1])).json()["is_liked"] is True
    assert (await client.put(url)).status_code == 401


async def test_the_place_to_resume_from(client: httpx.AsyncClient, db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    viewer = await signed_in(client, db)
    url = f"/api/videos/{video.id}"

    async def resume() -> float | None:
        seconds: float | None = (await client.get(url, headers=viewer)).json()["resume_seconds"]
        return seconds

    assert (await client.put(f"{url}/position", json={"seconds": 12.5}, headers=viewer)).status_code == 204
    assert await resume() == 12.5
    assert (await client.get("/api/videos", headers=viewer)).json()["items"][0]["resume_seconds"] == 12.5
    assert (await client.put(f"{url}/position", json={"seconds": 59}, headers=viewer)).status_code == 204
    assert await resume() is None
    for wrong in ('{"seconds": -1}', '{"seconds": 1e400}', '{"seconds": NaN}', '{"seconds": "1"}', "{}"):
        answer = await client.put(
            f"{url}/position", content=wrong, headers=viewer | {"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422), wrong


async def test_playback_of_a_public_video_needs_no_token(client: httpx.AsyncClient, db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id)
    answer = (await client.get(f"/api/videos/{video.id}/playback")).json()
    assert answer["hls_url"] == f"/media/-/{video.id}/1/hls/master.m3u8"
    assert answer["poster_url"] == f"/media/-/{video.id}/1/poster.jpg"
    assert answer["progressive_url"] is None
    assert answer["captions"] == []


async def test_related_are_alike_first_and_never_the_video_itself(client: httpx.AsyncClient, db: Database) -> None:
    owner, other = await make_user(db), await make_user(db)
    video = await make_video(db, owner.id, "Sailing around Penghu")
    await make_video(db, other.id, "Something else", view_count=100)
    await make_video(db, owner.id, "Same person")
    await make_video(db, other.id, "Penghu from above")
    await make_video(db, other.id, "Hidden Penghu", visibility="unlisted")
    assert await titles(client, f"/api/videos/{video.id}/related") == [
        "Penghu from above",
        "Same person",
        "Something else",
    ]
