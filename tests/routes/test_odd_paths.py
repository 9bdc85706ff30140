"""What is no id, no number and no cursor of ours is refused at the edge: nobody is asked, nothing is cut short."""

from __future__ import annotations

import asyncio
import base64
import random
import string

import httpx
import pytest

from app.pg.pool import Database
from app.routes import ENDPOINTS
from app.routes.http import Access, part_of
from tests.attacks.world import make_belongings, well_formed
from tests.factories import log_in, make_user, signed_in
from tests.lives import Said, make_live, post
from tests.videos import make_video

LETTERS = string.ascii_letters + string.digits
RANDOM = random.Random(1)
# A key that no index takes, being long and all different.
LONG = "".join(RANDOM.choices(LETTERS, k=3500))
ODD_IDS = [
    LONG,
    "x",
    "x" * 11,
    "x" * 13,
    "a b",
    "1234567890ä2",
    "１２３４５６７８９０１２",
    "-" * 12,
    "live:AAAAAAA",
]
ODD_NUMBERS = ["0" * 19 + "12", "01", "+1", "1_0", "٣", "1.0", "-1", "9" * 19, "1" * 5000, "1e3"]


async def test_what_is_no_id_is_not_found_wherever_it_is_asked_for(client: httpx.AsyncClient, db: Database) -> None:
    headers = await log_in(client, (await make_user(db)).username)
    asked = 0
    for endpoint in ENDPOINTS:
        if "{id}" not in endpoint.path or endpoint.access is Access.ADMIN:
            continue
        for id in ODD_IDS:
            path = endpoint.path.replace("{id}", id).replace("{seq}", "1").replace("{hid}", "1").replace("{n}", "1")
            path = path.replace("{username}", "somebody").replace("{lang}", "en")
            request = well_formed(endpoint)
            request["headers"] = headers | request.get("headers", {})
            answer = await client.request(endpoint.method, path, **request)
            assert answer.status_code in (404, 429), f"{endpoint.method} {path[:60]}: {answer.text}"
            asked += answer.status_code == 404
    assert asked > 200


@pytest.mark.parametrize("page", ["/videos/{}", "/lives/{}", "/lives/{}/stream"])
async def test_nor_is_there_a_page_of_it(client: httpx.AsyncClient, page: str) -> None:
    answers = [await client.get(page.format(id), headers={"accept": "text/html"}) for id in ODD_IDS]
    assert {answer.status_code for answer in answers} <= {404, 503}, "503 where the frontend is not built"


async def test_long_ids_of_one_guest_spoil_no_other_guests_page(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    videos = [await make_video(db, owner.id, f"v{n}") for n in range(5)]
    bad = [f"/api/videos/{''.join(RANDOM.choices(LETTERS, k=3000))}" for _ in range(20)]
    good = [f"/api/videos/{video.id}" for video in videos]
    answers = await asyncio.gather(*(client.get(path) for path in [*bad[:10], *good, *bad[10:]]))
    codes = [answer.status_code for answer in answers]
    assert codes == [404] * 10 + [200] * 5 + [404] * 10


async def test_a_number_is_not_cut_to_another_one(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    mine = await log_in(client, owner.username)
    live = await make_live(db, owner.id)
    await post(db, [Said(live.id, owner.id, f"m{n}") for n in range(13)])
    for number in ODD_NUMBERS:
        for method, body in (("PATCH", {"text": "changed"}), ("DELETE", None)):
            url = f"/api/lives/{live.id}/messages/{number}"
            answer = await client.request(method, url, headers=mine, json=body)
            assert answer.status_code == 404, f"{method} {number[:30]}: {answer.status_code}"
        answer = await client.post(f"/api/lives/{live.id}/held/{number}", headers=mine, json={"verdict": "approved"})
        assert answer.status_code == 404
    assert await db.fetchval("select count(*) from chat_messages where edited_at is null and deleted_at is null") == 13


@pytest.mark.parametrize("number", [*ODD_NUMBERS, "10001", "0"])
async def test_nor_is_the_number_of_a_part(client: httpx.AsyncClient, db: Database, number: str) -> None:
    own = await make_belongings(client, db)
    body = {"etag": '"d41d8cd98f00b204e9800998ecf8427e"', "size": 5242880}
    url = f"/api/uploads/{own.upload}/parts/{number}"
    answer = await client.put(url, headers=await signed_in(client, db, own.owner), json=body)
    assert answer.status_code in (404, 422), answer.text
    assert await db.fetchval("select count(*) from upload_parts") == 0


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


LISTS = [
    ("/api/videos?sort=newest", "newest"),
    ("/api/videos?sort=popular", "popular"),
    ("/api/videos?q=word&sort=newest", "newest"),
    ("/api/videos?q=word&sort=relevance", "relevance"),
    ("/api/lives?status=live", "live"),
    ("/api/lives?status=upcoming", "upcoming"),
    ("/api/lives?status=past", "past"),
    ("/api/users/me/lives?", "mine"),
    ("/api/users/me/videos?", "mine"),
    ("bans", "bans"),
    ("held", "held"),
    ("audit", "audit"),
]
WRONG = [str(2**63 - 1), "1" * 19, "1" * 400, "1_000", "+1", " 1", "1 ", "٣", "01", "-1", "1.5", ""]


@pytest.mark.parametrize(("url", "sort"), LISTS)
async def test_a_cursor_is_read_strictly_and_the_largest_is_none_too_large(
    client: httpx.AsyncClient, db: Database, url: str, sort: str
) -> None:
    owner = await make_user(db)
    headers = await log_in(client, owner.username)
    if not url.startswith("/"):
        live = await make_live(db, owner.id)
        url = f"/api/lives/{live.id}/{url}?"
    for number in WRONG:
        for text in (f"{sort}.{number}.1", f"{sort}.1.{number}"):
            answer = await client.get(f"{url}&cursor={cursor(text)}", headers=headers)
            assert (answer.status_code, answer.json().get("fields", {}).keys()) == (422, {"cursor"}), text
    largest = "9" * 18
    answer = await client.get(f"{url}&cursor={cursor(f'{sort}.{largest}.{largest}')}", headers=headers)
    assert answer.status_code == 200, answer.text


def test_every_name_in_a_path_has_a_shape() -> None:
    for endpoint in ENDPOINTS:
        for name in [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]:
            assert part_of(endpoint, name)
