"""Search: Chinese, Korean, misspelt; in order; by index. Written through media.update_video like the real thing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from app.pg.migrate import SQL
from app.pg.pool import Database
from bench.library import fill
from tests.cluster import Cluster
from tests.conftest import new_database
from tests.factories import make_user
from tests.videos import make_video

LIBRARY = {
    "tw": ("台灣高山步道的清晨", "從合歡山看日出", ["登山", "旅行"]),
    "ko": ("서울 야경 드라이브", "한강을 따라 달리는 동영상", ["서울", "여행"]),
    "en": ("Beginner's guitar lesson", "Three chords for a campfire", ["music", "tutorial"]),
    "mix": ("Vlog 第十二集：台北 night market", "", ["food"]),
    "variants": ("裏面的綫", "", ["人群"]),
    "full": ("ＦＵＬＬ width Ｃafé №5", "", []),
}


@pytest.fixture
async def library(db: Database) -> Database:
    owner = await make_user(db)
    for name, (title, description, tags) in LIBRARY.items():
        await make_video(db, owner.id, title, description=description, tags=tags, poster_path=f"{name}.jpg")
    return db


async def found(db: Database, q: str, sort: str = "relevance", limit: int = 24) -> list[str]:
    text = await db.fetchval("select media.search_videos(null, $1, $2, null, null, null, $3)", q, sort, limit)
    return [item["poster_url"].split("/")[-1].removesuffix(".jpg") for item in json.loads(text)["items"]]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("山", ["tw"]),
        ("高山", ["tw"]),
        ("高山步道", ["tw"]),
        ("日出", ["tw"]),
        ("登山", ["tw"]),
        ("台", ["mix", "tw"]),
        ("台北", ["mix"]),
        # Written one way, asked for the other.
        ("臺北", ["mix"]),
        ("臺灣", ["tw"]),
        ("裡面的線", ["variants"]),
        ("裏面", ["variants"]),
        ("羣", ["variants"]),
        ("서울", ["ko"]),
        ("야경", ["ko"]),
        ("동영상", ["ko"]),
        ("한강을 따라", ["ko"]),
        ("guitar", ["en"]),
        ("GUITAR lesson", ["en"]),
        ("gui", ["en"]),
        ("tutorial", ["en"]),
        ("campfire music", ["en"]),
        ("night 台北", ["mix"]),
        ("full cafe", ["full"]),
        ("full café", ["full"]),
        ("guitar 台北", []),
        ("木星", []),
        ("", []),
        ("!?&|:*'\\", []),
        ("' | 'x", []),
    ],
)
async def test_what_is_found(library: Database, q: str, names: list[str]) -> None:
    assert sorted(await found(library, q)) == sorted(names)


@pytest.mark.parametrize(
    ("q", "name"),
    [("guitr", "en"), ("gutiar", "en"), ("giutar lesson", "en"), ("begginer", "en"), ("markte", "mix"),
     ("tutoral", "en"), ("台灣高山步到", "tw"), ("서울야겅", "ko")],
)  # fmt: skip
async def test_misspelt_words_find_what_was_meant(library: Database, q: str, name: str) -> None:
    assert name in await found(library, q)


async def test_title_before_tags_before_description(db: Database) -> None:
    owner = await make_user(db)
    await make_video(db, owner.id, "one", description="about penguins", poster_path="c.jpg")
    await make_video(db, owner.id, "two", tags=["penguins"], poster_path="b.jpg")
    await make_video(db, owner.id, "penguins", poster_path="a.jpg")
    assert await found(db, "penguins") == ["a", "b", "c"]
    assert await found(db, "penguins", "newest") == ["a", "b", "c"]
    await db.execute("update videos set view_count = 10 where title = 'one'")
    assert await found(db, "penguins", "popular") == ["c", "a", "b"]


async def test_a_change_of_title_changes_what_is_found(db: Database) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id, "walrus", poster_path="w.jpg")
    await db.fetchval("select media.update_video($1, $2, p_title => 'otter')", video.id, owner.id)
    assert (await found(db, "walrus"), await found(db, "otter")) == ([], ["w"])
    await db.fetchval("select media.update_video($1, $2, p_visibility => 'private')", video.id, owner.id)
    assert await found(db, "otter") == []


@pytest.mark.parametrize("sort", ["relevance", "newest", "popular"])
async def test_pages_of_a_search(db: Database, sort: str) -> None:
    owner = await make_user(db)
    for n in range(7):
        await make_video(db, owner.id, f"seal {n}", view_count=n // 2)
    seen: list[str] = []
    key: list[int | None] = [None, None]
    while True:
        text = await db.fetchval("select media.search_videos(null, 'seal', $1, null, $2, $3, 3)", sort, *key)
        page = json.loads(text)
        seen += [item["title"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        row = await db.fetchval(
            "select convert_from(decode(rpad($1, (length($1) + 3) / 4 * 4, '='), 'base64'), 'UTF8')",
            page["next_cursor"].replace("-", "+").replace("_", "/"),
        )
        key = [int(part) for part in row.split(".")[1:]]
    assert sorted(seen) == [f"seal {n}" for n in range(7)]
    assert len(seen) == 7


@pytest.fixture(scope="module")
def explained(cluster: Cluster, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A library large enough for honest plans; the plans inside functions arrive as notices."""
    with new_database(cluster, template) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        fill(dsn, 4000)
        for line in ("load 'auto_explain'", "set auto_explain.log_min_duration = 0", "set client_min_messages = log",
                     "set auto_explain.log_nested_statements = on"):  # fmt: skip
            connection.execute(line.encode())
        yield connection


def plans(connection: psycopg.Connection[Any], sql: str) -> str:
    said: list[str] = []

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        said.append(notice.message_primary or "")

    connection.add_notice_handler(hear)
    connection.execute(sql.encode())
    connection.remove_notice_handler(hear)
    return "\n".join(said)


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("media.list_videos(null, 'newest', null, null, null, 24)", "videos_newest"),
        ("media.list_videos(null, 'newest', null, 1700000000000000, 5, 24)", "videos_newest"),
        ("media.list_videos(null, 'popular', null, null, null, 24)", "videos_popular"),
        ("media.list_videos(null, 'newest', 'owner7', null, null, 24)", "videos_owner_newest"),
        ("media.search_videos(null, '貓狗', 'relevance', null, null, null, 24)", "videos_search"),
        ("media.search_videos(null, 'zanzanzan', 'newest', null, null, null, 24)", "videos_search"),
        ("media.search_videos(null, 'travle', 'popular', null, null, null, 24)", "search_words_trigrams"),
        ("media.list_mine(7, null, null, 24)", "videos_owner"),
    ],
)
def test_every_list_walks_an_index(explained: psycopg.Connection[Any], sql: str, index: str) -> None:
    said = plans(explained, f"select {sql}")
    assert index in said
    for table in ("videos", "search_words"):
        assert f"Seq Scan on {table}" not in said, said


async def test_what_was_indexed_before_variants_were_folded_is_indexed_anew(db: Database) -> None:
    owner = await make_user(db)
    await make_video(db, owner.id, "臺北的綫", tags=["羣", "群"], poster_path="old.jpg")
    anew = await db.fetchval("select search::text from videos")
    before = "'臺':1A '臺北':1A '北':1A '北的':1A '的':1A '的綫':1A '綫':1A '羣':2B '群':2B"
    await db.execute("update videos set search = $1::text::tsvector", before)
    assert await found(db, "台北") == []
    (migration,) = (SQL / "migrations").glob("*_search_variants.sql")
    await db.execute(migration.read_text(encoding="utf-8"))
    assert await db.fetchval("select search::text from videos") == anew
    assert await found(db, "台北") == ["old"]
