"""Profiles, and pictures sent straight to S3."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.crew import Share
from app.jobs import JOBS
from app.pg.pool import Database
from app.worker import Worker
from tests.conftest import running_app
from tests.factories import log_in, make_user, signed_in
from tests.servers import MEDIA, UPLOADS, S3Server, connected, heard
from tests.signals import SECONDS

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100)
WEBP = b"RIFF\x64\x00\x00\x00WEBPVP8 " + bytes(100)


async def test_a_profile_shows_what_everybody_may_see(client: httpx.AsyncClient, db: Database) -> None:
    await make_user(db, "Carla")
    answer = await client.get("/api/users/cARLA")
    assert answer.status_code == 200
    assert set(answer.json()) == {"username", "display_name", "bio", "avatar_url", "created_at", "video_count"}
    assert answer.json()["username"] == "Carla"
    assert answer.json()["created_at"].endswith("Z")
    assert (await client.get("/api/users/nobody")).status_code == 404


async def test_editing_changes_only_what_is_given(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    first = await client.patch("/api/users/me", json={"display_name": " 王 小明 ", "locale": "zh-TW"}, headers=headers)
    assert first.status_code == 200, first.text
    second = await client.patch("/api/users/me", json={"bio": "Zwei\nZeilen"}, headers=headers)
    assert (second.json()["display_name"], second.json()["bio"]) == ("王 小明", "Zwei\nZeilen")
    assert second.json()["locale"] == "zh-TW"
    assert (await client.get("/api/auth/me", headers=headers)).json() == second.json()


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": " "},
        {"display_name": "x" * 51},
        {"display_name": "over\u202eturned"},
        {"bio": "x" * 1001},
        {"locale": "de"},
        {"role": "admin"},
        {"storage_quota_bytes": 1},
        {"is_email_verified": True},
        {"email": "other@example.com"},
    ],
)
async def test_what_may_not_be_edited_changes_nothing(
    client: httpx.AsyncClient, db: Database, body: dict[str, object]
) -> None:
    headers = await signed_in(client, db)
    before = (await client.get("/api/auth/me", headers=headers)).json()
    answer = await client.patch("/api/users/me", json=body, headers=headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, list(body))
    assert (await client.get("/api/auth/me", headers=headers)).json() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content_type": "image/svg+xml", "size": 10}, "content_type"),
        ({"content_type": "text/html", "size": 10}, "content_type"),
        ({"content_type": "image/png", "size": 0}, "size"),
        ({"content_type": "image/png", "size": 2_097_153}, "size"),
        ({"content_type": "image/png", "size": 2**63}, "size"),
    ],
)
async def test_a_picture_that_is_none_is_refused_at_the_start(
    client: httpx.AsyncClient, db: Database, body: dict[str, object], field: str
) -> None:
    headers = await signed_in(client, db)
    answer = await client.post("/api/users/me/avatar", json=body, headers=headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


class TestWithStorage:
    @pytest.fixture
    def settings(self, settings: Settings, s3: S3Server) -> Settings:
        return connected(settings, s3)

    @pytest.fixture
    async def app(self, settings: Settings) -> AsyncIterator[Starlette]:
        async with running_app(settings) as built:
            yield built

    async def send(
        self, client: httpx.AsyncClient, headers: dict[str, str], body: bytes, kind: str = "image/png"
    ) -> tuple[int, str]:
        """(what S3 said, the key)"""
        ask = {"content_type": "image/png", "size": len(PNG)}
        ticket = (await client.post("/api/users/me/avatar", json=ask, headers=headers)).json()
        fields = {**ticket["fields"], "Content-Type": kind}
        async with httpx.AsyncClient(timeout=SECONDS) as browser:
            answer = await heard(
                lambda: browser.post(ticket["url"], data=fields, files={"file": ("a.png", body, kind)})
            )
        return answer.status_code, ticket["key"]

    async def test_a_picture_is_sent_used_replaced_and_removed(
        self, app: Starlette, client: httpx.AsyncClient, db: Database, s3: S3Server
    ) -> None:
        user = await make_user(db)
        headers = await log_in(client, user.username)
        urls = []
        for body, ending in ((PNG, "png"), (JPEG, "jpg"), (WEBP, "webp")):
            status, key = await self.send(client, headers, body)
            assert status == 204
            answer = await client.put("/api/users/me/avatar", json={"key": key}, headers=headers)
            assert answer.status_code == 200, answer.text
            urls.append(answer.json()["avatar_url"])
            shown = await client.get(urls[-1])
            assert (shown.content, urls[-1].rpartition(".")[2]) == (body, ending)
        await app.state.deps.instance.joined.wait()
        worker = Worker(app.state.deps, JOBS, {"default": Share(1)})
        assert await worker.drain() >= 1
        await worker.stop(1)
        listed = s3.client().list_objects_v2(Bucket=MEDIA, Prefix=f"avatars/{user.username}-")
        assert [f"/media/{found['Key']}" for found in listed["Contents"]] == urls[2:]
        gone = await client.delete("/api/users/me/avatar", headers=headers)
        assert gone.json()["avatar_url"] is None

    async def test_storage_refuses_a_larger_picture_and_another_type(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        headers = await signed_in(client, db)
        assert (await self.send(client, headers, bytes(2_200_000)))[0] in (400, 403)
        assert (await self.send(client, headers, PNG, "text/html"))[0] in (400, 403)

    @pytest.mark.parametrize(
        "body",
        [b"<html><script>alert(1)</script>", b"GIF89a" + bytes(50), PNG[:8] + bytes(50), b"RIFF" + bytes(50), b"\xff"],
    )
    async def test_what_only_calls_itself_a_picture_is_never_shown(
        self, client: httpx.AsyncClient, db: Database, s3: S3Server, body: bytes
    ) -> None:
        user = await make_user(db)
        headers = await log_in(client, user.username)
        status, key = await self.send(client, headers, body)
        assert status == 204
        answer = await client.put("/api/users/me/avatar", json={"key": key}, headers=headers)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["key"])
        assert (await client.get("/api/auth/me", headers=headers)).json()["avatar_url"] is None
        assert s3.client().list_objects_v2(Bucket=MEDIA, Prefix=f"avatars/{user.username}-")["KeyCount"] == 0
        # Nor is it kept.
        assert (await client.put("/api/users/me/avatar", json={"key": key}, headers=headers)).status_code == 404

    async def test_a_picture_is_public_once_it_is_used_and_stays_what_it_was(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        headers = await signed_in(client, db)
        _, key = await self.send(client, headers, PNG)
        assert (await client.get(f"/media/{key}")).status_code == 404
        answer = await client.put("/api/users/me/avatar", json={"key": key}, headers=headers)
        url = answer.json()["avatar_url"]
        # The address that was given out takes another picture for a while, but that is not this one.
        _, again = await self.send(client, headers, JPEG)
        assert again == key
        assert (await client.get(url)).content == PNG

    async def test_pictures_that_are_nobody_s_are_thrown_away(
        self, settings: Settings, db: Database, s3: S3Server
    ) -> None:
        user = await make_user(db)
        kept, lost = (f"avatars/{user.username}-{n * 24}.png" for n in "ab")
        for bucket, key in ((MEDIA, kept), (MEDIA, lost), (UPLOADS, f"avatars/u{user.id}")):
            s3.client().put_object(Bucket=bucket, Key=key, Body=PNG)
        await db.execute("select account.set_avatar($1, $2)", user.id, kept)

        async def left(hours: float) -> set[str]:
            async with running_app(dataclasses.replace(settings, avatar_unused_hours=hours)) as app:
                await app.state.deps.instance.joined.wait()
                worker = Worker(app.state.deps, JOBS, {"default": Share(1)})
                await db.execute("select q.enqueue('default', 'clean_avatars', '{}')")
                assert await worker.drain() >= 1
                await worker.stop(1)
            lists = [s3.client().list_objects_v2(Bucket=bucket, Prefix="avatars/") for bucket in (MEDIA, UPLOADS)]
            return {item["Key"] for found in lists for item in found.get("Contents", [])} & {
                kept, lost, f"avatars/u{user.id}",
            }  # fmt: skip

        # An hour is time enough to use a picture; none at all is for this test.
        assert len(await left(1)) == 3
        assert await left(-1) == {kept}

    async def test_only_a_picture_of_ones_own_that_arrived_can_be_used(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        other = await signed_in(client, db)
        _, theirs = await self.send(client, other, PNG)
        headers = await signed_in(client, db)
        ask = {"content_type": "image/png", "size": len(PNG)}
        never_sent = (await client.post("/api/users/me/avatar", json=ask, headers=headers)).json()["key"]
        assert theirs != never_sent
        for key in (theirs, never_sent, "avatars/../vod/x", "vod/abc/poster.jpg", "avatars/x.png", ""):
            answer = await client.put("/api/users/me/avatar", json={"key": key}, headers=headers)
            assert answer.status_code == 404, key
