"""What a page's shell brings along: the first answers of the API, as a guest gets them, and the page's own code."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.packing import Packer
from app.pages import ROOT, Pages
from app.pg.pool import Database
from app.routes.spa import VIEWS
from tests.conftest import running_app
from tests.factories import make_user, signed_in
from tests.lives import make_live
from tests.videos import make_video

SCRIPT = re.compile(r'<script type="application/json" id="first" data-date="[^"]+ GMT">(.*?)</script>', re.DOTALL)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    manifest = {
        "index.html": {"file": "assets/index.js", "imports": ["_vendor.js"], "css": ["assets/index.css"]},
        "_vendor.js": {"file": "assets/vendor.js"},
        "_cards.js": {"file": "assets/cards.js", "imports": ["_vendor.js"], "css": ["assets/cards.css"]},
        "src/views/HomeView.vue": {"file": "assets/home.js", "imports": ["_cards.js", "index.html"]},
        "src/views/WatchView.vue": {"file": "assets/watch.js", "imports": ["_cards.js"]},
        "src/locales/ko/index.ts": {"file": "assets/ko.js"},
    }
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


@pytest.fixture
def settings(settings: Settings, build: Path) -> Settings:
    return dataclasses.replace(settings, frontend_folder=str(build))


def brought(page: httpx.Response) -> dict[str, Any]:
    found = SCRIPT.findall(page.text)
    answers: dict[str, Any] = json.loads(found[0]) if found else {}
    return answers


async def test_the_first_answers_are_those_that_the_api_gives_a_guest(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    video, live = await make_video(db, owner.id, "First"), await make_live(db, owner.id, "On air")
    expected = {
        "/": [
            "/api/videos?limit=24&sort=newest",
            "/api/videos?limit=8&sort=popular",
            "/api/lives?limit=12&status=live",
        ],
        "/videos": ["/api/videos?limit=24&sort=newest"],
        f"/videos/{video.id}?t=5": [f"/api/videos/{video.id}"],
        "/lives": [f"/api/lives?limit={n}&status={of}" for of, n in (("live", 12), ("upcoming", 6), ("past", 24))],
        f"/lives/{live.id}": [f"/api/lives/{live.id}/messages?limit=60", f"/api/lives/{live.id}"],
    }
    # Whoever is signed in gets the same page: it knows nobody.
    headers = await signed_in(client, db, owner)
    for path, addresses in expected.items():
        answers = brought(await client.get(path, headers=headers))
        assert list(answers) == addresses, path
        for address in addresses:
            assert answers[address] == (await client.get(address)).json(), address


async def test_no_answer_is_brought_where_the_page_asks_for_something_else(
    client: httpx.AsyncClient, db: Database
) -> None:
    owner = await make_user(db)
    secret = await make_video(db, owner.id, "secret", visibility="private")
    headers = await signed_in(client, db, owner)
    for path in (
        "/videos?q=x",
        "/lives?show=past",
        "/login",
        "/nothing",
        f"/videos/{secret.id}",
        f"/@{owner.username}",
    ):
        assert brought(await client.get(path, headers=headers)) == {}, path


async def test_no_text_of_a_person_ends_the_script(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    title = """</script><script>alert(1)</script> <!-- "it's" \\ \u2028"""
    video = await make_video(db, owner.id, title)
    for path, address in (
        ("/", "/api/videos?limit=24&sort=newest"),
        (f"/videos/{video.id}", f"/api/videos/{video.id}"),
    ):
        page = await client.get(path)
        found = brought(page)[address]
        assert (found["items"][0] if path == "/" else found)["title"] == title
        assert "<script>alert" not in page.text
        assert "<" not in SCRIPT.findall(page.text)[0]


async def test_a_page_brings_its_own_code_and_texts(client: httpx.AsyncClient) -> None:
    home = (await client.get("/", headers={"accept-language": "ko"})).text
    for name in ("vendor", "cards", "home", "ko"):
        assert home.count(f'<link rel="modulepreload" href="/assets/{name}.js">') == 1
    assert '<link rel="preload" as="style" href="/assets/cards.css">' in home
    assert "watch.js" not in home
    login = (await client.get("/login", headers={"accept-language": "ko"})).text
    assert "cards" not in login
    assert "home.js" not in (await client.get("/nothing", headers={"accept": "text/html"})).text


def test_the_views_are_those_of_the_frontends_router() -> None:
    text = (ROOT / "frontend" / "src" / "router" / "routes.ts").read_text(encoding="utf-8")
    found = re.findall(r"path: '([^']+)'.*?import\('@/views/(\w+)\.vue'\)", text, re.DOTALL)
    views = {re.sub(r":(\w+)", r"{\1}", path): view for path, view in found}
    assert {path: views[path] for path in VIEWS} == VIEWS


def test_the_built_frontend_has_every_view_under_the_name_the_shell_uses() -> None:
    pages = Pages.open("frontend/dist")
    for key in (*(f"src/views/{view}.vue" for view in VIEWS.values()), "src/locales/ko/index.ts"):
        assert key in pages.manifest, key


async def test_what_is_long_enough_is_packed_for_who_takes_it(client: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    for number in range(3):
        await make_video(db, owner.id, f"Video {number}", description="again and again " * 50)
    for path in ("/", "/api/videos?sort=newest&limit=24", "/api/videos", "/openapi.json"):
        plain = await client.get(path, headers={"accept-encoding": "identity"})
        packed = await client.get(path, headers={"accept-encoding": "br, gzip"})
        again = await client.get(path, headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in plain.headers, path
        assert (packed.headers["content-encoding"], again.headers["content-encoding"]) == ("gzip", "gzip"), path
        assert "accept-encoding" in plain.headers["vary"]
        assert "accept-encoding" in packed.headers["vary"]
        assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
        if path.startswith("/api"):
            assert packed.json() == again.json() == plain.json()
    short = await client.get("/api/lives", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers


async def test_the_size_from_which_answers_are_packed_is_a_setting(settings: Settings, db: Database) -> None:
    for least, expected in ((10, "gzip"), (0, None), (1_000_000, None)):
        async with running_app(dataclasses.replace(settings, pack_least_bytes=least)) as app:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
                answer = await client.get("/api/lives", headers={"accept-encoding": "gzip"})
                assert answer.headers.get("content-encoding") == expected
                assert answer.json()["items"] == []


def test_what_many_ask_for_is_packed_once_while_there_is_room_for_it() -> None:
    body, larger = b"a long answer, " * 100, bytes(range(256)) * 20
    packer = Packer(1, keep_bytes=2_000)
    first = packer.shared(body)
    assert gzip.decompress(first) == body
    assert packer.shared(bytes(bytearray(body))) is first
    assert gzip.decompress(packer.shared(larger)) == larger
    assert packer.shared(larger) is not packer.shared(larger)
    assert packer.shared(body) is first
