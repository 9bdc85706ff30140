"""Text that comes in: one form of it at every door, and none that nobody can see."""

from __future__ import annotations

import json
import unicodedata

import httpx
import pytest

from app.config import Settings
from app.pg.pool import Database
from app.routes.decode import decode
from app.routes.publish import PUBLISHES
from tests.factories import make_user, signed_in
from tests.lives import make_live
from tests.routes.test_chat import message
from tests.servers import S3Server, connected
from tests.videos import make_video

JSON = {"content-type": "application/json"}
SYLLABLES = "한" * 84
IN_PIECES = unicodedata.normalize("NFD", SYLLABLES)
BLANK = "\u3164\u2800\u200b"


class TestWithStorage:
    @pytest.fixture
    def settings(self, settings: Settings, s3: S3Server) -> Settings:
        return connected(settings, s3)

    async def test_a_mac_s_file_name_keeps_all_its_syllables(self, client: httpx.AsyncClient, db: Database) -> None:
        headers = await signed_in(client, db)
        body = {"filename": f"{IN_PIECES}.mp4", "size": 10, "content_type": "video/mp4"}
        made = await client.post("/api/uploads", json=body, headers=headers)
        assert (made.status_code, made.json()["filename"]) == (201, f"{SYLLABLES}.mp4")
        video = (await client.get(f"/api/videos/{made.json()['video_id']}", headers=headers)).json()
        assert video["title"] == SYLLABLES


@pytest.mark.parametrize("has_escapes", [True, False])
async def test_every_door_composes(client: httpx.AsyncClient, db: Database, has_escapes: bool) -> None:
    owner = await make_user(db)
    headers = await signed_in(client, db, owner) | JSON
    video = await make_video(db, owner.id)

    def body(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=has_escapes).encode()

    pieces = unicodedata.normalize("NFD", "강남")
    patch = body({"title": pieces, "description": pieces, "tags": [pieces]})
    shown = (await client.patch(f"/api/videos/{video.id}", content=patch, headers=headers)).json()
    assert (shown["title"], shown["description"], shown["tags"]) == ("강남", "강남", ["강남"])
    me = await client.patch("/api/users/me", content=body({"display_name": pieces}), headers=headers)
    assert me.json()["display_name"] == "강남"
    live = (await client.post("/api/lives", content=body({"title": pieces}), headers=headers)).json()
    assert live["title"] == "강남"
    said = await client.post(f"/api/lives/{live['id']}/messages", content=body(message(pieces)), headers=headers)
    assert said.status_code == 200
    (stored,) = (await client.get(f"/api/lives/{live['id']}/messages")).json()["items"]
    assert stored["text"] == "강남"
    # A socket's texts pass the same door.
    data = decode(body({"text": pieces}), PUBLISHES["chat:message"].data)
    assert data.text == "강남"
    found = await client.get("/api/videos", params={"q": pieces})
    assert found.status_code == 200


async def test_what_nobody_can_see_is_no_text(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    headers = await signed_in(client, db, owner)
    video = await make_video(db, owner.id)
    live = await make_live(db, owner.id)
    empty = {"title": {"code": "empty", "params": {}}}
    for answer in (
        await client.patch(f"/api/videos/{video.id}", json={"title": BLANK}, headers=headers),
        await client.post("/api/lives", json={"title": BLANK}, headers=headers),
        await client.patch(f"/api/lives/{live.id}", json={"title": BLANK}, headers=headers),
    ):
        assert (answer.status_code, answer.json()["field_codes"]) == (422, empty)
    name = await client.patch("/api/users/me", json={"display_name": BLANK}, headers=headers)
    assert name.json()["field_codes"] == {"display_name": {"code": "name_form", "params": {"most": 50}}}
    tags = await client.patch(f"/api/videos/{video.id}", json={"tags": [BLANK, "ok"]}, headers=headers)
    assert tags.json()["tags"] == ["ok"]
    said = await client.post(f"/api/lives/{live.id}/messages", json=message(BLANK), headers=headers)
    assert (said.status_code, said.json()["error"]) == (422, "invalid")


@pytest.mark.parametrize("name", ["👨\u200d👩\u200d👧 Kim", "علی\u200cرضا", "金\u3000城武"])
async def test_names_of_all_scripts(client: httpx.AsyncClient, db: Database, name: str) -> None:
    headers = await signed_in(client, db)
    answer = await client.patch("/api/users/me", json={"display_name": name}, headers=headers)
    assert (answer.status_code, answer.json()["display_name"]) == (200, name)
    turned = await client.patch("/api/users/me", json={"display_name": f"{name}\u202e"}, headers=headers)
    assert turned.json()["field_codes"]["display_name"]["code"] == "bad_characters"


async def test_towers_are_lowered_where_names_are_kept(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in(client, db)
    answer = await client.patch("/api/users/me", json={"display_name": "Z" + "\u0301" * 48}, headers=headers)
    # Ź is one character; three more stand on it.
    assert answer.json()["display_name"] == "\u0179" + "\u0301" * 3
