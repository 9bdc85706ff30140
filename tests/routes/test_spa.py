"""The page shell: which paths are pages, what shared links carry, how files of the build are sent."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from pathlib import Path

import httpx
import pytest

from app.config import Settings
from app.pages import ROOT
from app.pg import lives
from app.pg.pool import Database
from app.routes.spa import PAGES
from tests.conftest import running_app
from tests.factories import make_user
from tests.lives import make_live
from tests.videos import make_video

SCRIPT = "console.log('a page');\n" * 100


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build as Vite leaves it."""
    (tmp_path / ".vite").mkdir()
    (tmp_path / "assets").mkdir()
    manifest = {
        "index.html": {
            "file": "assets/index-a1.js", "isEntry": True, "imports": ["_shared.js"], "css": ["assets/index-c3.css"],
            "dynamicImports": ["src/views/Later.vue"],
        },
        "_shared.js": {"file": "assets/shared-b2.js", "css": ["assets/shared-d4.css"]},
        "src/views/Later.vue": {"file": "assets/later-e5.js", "css": ["assets/later-f6.css"]},
    }  # fmt: skip
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "assets" / "index-a1.js").write_text(SCRIPT)
    (tmp_path / "index.html").write_text("not for serving")
    (tmp_path / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return tmp_path


@pytest.fixture
def settings(settings: Settings, build: Path) -> Settings:
    return dataclasses.replace(settings, frontend_folder=str(build))


@pytest.fixture
async def browser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers["accept"] = "text/html"
    return client


def test_the_pages_are_those_of_the_frontends_router() -> None:
    text = (ROOT / "frontend" / "src" / "router" / "routes.ts").read_text(encoding="utf-8")
    paths = [re.sub(r":(\w+)", r"{\1}", path) for path in re.findall(r"path: '([^']+)'", text)]
    assert sorted(path for path in paths if "*" not in path) == sorted(PAGES)


async def test_known_pages_get_the_shell(browser: httpx.AsyncClient) -> None:
    for path in PAGES:
        if "{" not in path:
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert '<script type="module" src="/assets/index-a1.js">' in answer.text
    for name in ("/assets/index-c3.css", "/assets/shared-d4.css", "/assets/shared-b2.js", "/theme.js"):
        assert f'"{name}"' in answer.text
    # What is loaded later is not loaded now.
    assert "later-" not in answer.text


async def test_the_language_is_the_browsers(browser: httpx.AsyncClient) -> None:
    for accepted, lang in {
        "ko-KR,ko;q=0.9": "ko",
        "zh-TW": "zh-TW",
        "fr, zh-Hant;q=0.5": "zh-TW",
        "fr": "en",
        "": "en",
    }.items():
        answer = await browser.get("/", headers={"accept-language": accepted})
        assert f'<html lang="{lang}">' in answer.text
        assert {"en": "Please switch it on", "zh-TW": "請在這個網站啟用", "ko": "켜 주세요"}[lang] in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/videos/a/b", "/videos/", "/index.html", "/.env", "/login/x"])
async def test_unknown_pages_are_404_with_the_shell(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path, follow_redirects=True)
    assert answer.status_code in (404, 200)
    assert answer.status_code == 404 or path == "/videos/"
    assert '<div id="app">' in answer.text


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/assets/nothing.js", "/media/x"])
async def test_unknown_addresses_of_programs_are_problems(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_a_shared_link_carries_title_text_and_picture(browser: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    title = """</title><script>alert(1)</script> "quoted" & 'so'"""
    video = await make_video(db, owner.id, title, description='two\nlines <img src=x onerror="x">' + "x" * 300)
    answer = await browser.get(f"/videos/{video.id}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    escaped = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &#34;quoted&#34; &amp; &#39;so&#39;"
    assert f"<title>{escaped} – Trunkline</title>" in answer.text
    assert f'<meta property="og:title" content="{escaped}">' in answer.text
    assert f'<meta property="og:image" content="http://localhost:8080/media/-/{video.id}/1/poster.jpg">' in answer.text
    assert f'<link rel="canonical" href="http://localhost:8080/videos/{video.id}">' in answer.text
    description = re.findall(r'<meta name="description" content="([^"]*)">', answer.text)[0]
    assert description.startswith("two lines &lt;img")
    assert description.endswith("…")
    assert "noindex" not in answer.text


async def test_unlisted_is_shown_but_not_indexed(browser: httpx.AsyncClient, db: Database) -> None:
    video = await make_video(db, (await make_user(db)).id, "quiet", visibility="unlisted")
    answer = await browser.get(f"/videos/{video.id}")
    assert answer.status_code == 200
    assert 'content="noindex"' in answer.text
    assert "quiet" in answer.text


async def test_private_unknown_and_deleted_look_the_same(browser: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    private = await make_video(db, owner.id, "secret", visibility="private")
    deleted = await make_video(db, owner.id, "gone")
    await db.execute("update videos set deleted_at = now() where id = $1", deleted.number)
    answers = [await browser.get(f"/videos/{id}") for id in (private.id, deleted.id, "AAAAAAAAAAAA", "x" * 500, "%27")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "secret" not in answers[0].text


async def test_a_live_s_link_carries_title_text_and_its_owner_s_picture(
    browser: httpx.AsyncClient, db: Database
) -> None:
    owner = await make_user(db, "ana")
    await db.execute("update users set avatar_key = 'avatars/ana.png' where id = $1", owner.id)
    live = await make_live(db, owner.id, "An <evening>", description="")
    answer = await browser.get(f"/lives/{live.id}")
    assert answer.status_code == 200
    assert "<title>An &lt;evening&gt; – Trunkline</title>" in answer.text
    assert '<meta name="description" content="A broadcast by Ana.">' in answer.text
    assert '<meta property="og:image" content="http://localhost:8080/media/avatars/ana.png">' in answer.text
    assert f'<link rel="canonical" href="http://localhost:8080/lives/{live.id}">' in answer.text
    assert "noindex" not in answer.text
    unlisted = await browser.get(f"/lives/{(await make_live(db, owner.id, visibility='unlisted')).id}")
    assert (unlisted.status_code, 'content="noindex"' in unlisted.text) == (200, True)
    private = await make_live(db, owner.id, "secret", visibility="private")
    deleted = await make_live(db, owner.id, "secret")
    await lives.delete_live(db, deleted.id, owner.id)
    answers = [await browser.get(f"/lives/{id}") for id in (private.id, deleted.id, "AAAAAAAAAAAA", "x" * 500, "%27")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "secret" not in answers[0].text


async def test_the_console_and_the_form_are_nobodys_to_find(browser: httpx.AsyncClient) -> None:
    for path in ("/lives/create", "/lives/AAAAAAAAAAAA/stream"):
        answer = await browser.get(path)
        assert (answer.status_code, 'content="noindex"' in answer.text) == (200, True)
    assert "Disallow: /lives/create" in (await browser.get("/robots.txt")).text


async def test_files_of_the_build(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/index-a1.js", headers={"accept-encoding": "gzip"})
    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), 9, mtime=0))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    plain = await browser.get("/assets/index-a1.js", headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    again = await browser.get("/assets/index-a1.js", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await browser.head("/favicon.svg")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    ["../index.html", "..%2findex.html", "%2e%2e/index.html", ".vite/manifest.json", "a/b/c", "x" * 300, "%00"],
)
async def test_no_way_out_of_the_assets(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"/assets/{path}")
    assert answer.status_code == 404
    assert "not for serving" not in answer.text


async def test_without_a_build_pages_say_so_and_the_api_works(settings: Settings, tmp_path: Path) -> None:
    bare = dataclasses.replace(settings, frontend_folder=str(tmp_path / "nothing"))
    async with running_app(bare) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=bare.public_url) as client:
            page = await client.get("/")
            assert page.status_code == 503
            assert "make run" in page.text
            assert (await client.get("/api/videos")).status_code == 200


async def test_small_files_of_the_site(browser: httpx.AsyncClient) -> None:
    assert "Disallow: /api/" in (await browser.get("/robots.txt")).text
    assert (await browser.get("/manifest.webmanifest")).json()["start_url"] == "/"
    assert (await browser.get("/favicon.ico")).headers["location"] == "/favicon.svg"


async def test_a_channels_shared_link_carries_who_it_is(browser: httpx.AsyncClient, db: Database) -> None:
    owner = await make_user(db)
    await db.execute("update users set display_name = 'Mei <Lin>', bio = 'Fractals, slowly.' where id = $1", owner.id)
    answer = await browser.get(f"/@{owner.username.upper()}")
    assert answer.status_code == 200
    assert "<title>Mei &lt;Lin&gt; – Trunkline</title>" in answer.text
    assert '<meta name="description" content="Fractals, slowly.">' in answer.text
    assert "noindex" not in answer.text
    for nobody in ("/@nobody_at_all", "/@", "/@a/b"):
        assert (await browser.get(nobody)).status_code == 404


async def test_a_videos_poster_is_asked_for_with_its_page_and_something_stands_there_before_the_app(
    browser: httpx.AsyncClient, db: Database
) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id, "first picture")
    page = (await browser.get(f"/videos/{video.id}")).text
    assert f'<link rel="preload" as="image" href="/media/-/{video.id}/1/poster.jpg" fetchpriority="high">' in page
    assert 'class="boot-picture"' in page
    home = (await browser.get("/")).text
    assert f'<link rel="preload" as="image" href="/media/-/{video.id}/1/poster.jpg" fetchpriority="high">' in home
    for other in (f"/@{owner.username}", "/login", "/videos/AAAAAAAAAAAA"):
        page = (await browser.get(other)).text
        assert 'rel="preload"' not in page
        assert 'class="boot-card"' in page
