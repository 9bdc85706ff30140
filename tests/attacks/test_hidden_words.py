"""S21: what people put into a word or a link so that a rule of a chat does not see it."""

from __future__ import annotations

import dataclasses

import httpx
import pytest

from app.config import Settings
from app.pg.pool import Database
from tests.factories import make_user, signed_in
from tests.lives import make_live
from tests.routes.test_chat import message

INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u00ad\u034f\u061c\u115f\u1160\u180b\u180e\u2800\u3164"
    "\ufe00\ufe0f\ufeff\uffa0\U000e0041\U000e0100\U0001d173"
)
MARKS = "\u0301\u0336\u0489\u20dd\ufe20\u1ab0\u1dc4"
EVASIONS = [
    *(f"바{c}보" for c in INVISIBLE),
    *(f"ze{c}bra" for c in INVISIBLE + MARKS),
    *(
        "z\u00e9bra",
        "ZÈBRA",
        "ｚｅｂｒａ",
        "ze\u0301\u0301bra",
        "\u1107\u1161\u1107\u1169",
        "c\u064eat",
        "мои\u0301 кот",
    ),
]
WORDS = ["바보", "zebra", "cat", "мои кот"]
# Other words, also where a mark or point is part of the spelling.
INNOCENT = [
    *("바다 보기", "zebras", "мой кот", "नमस्ते दुनिया", "สวัสดีครับ", "がぎぐげご", "Việt Nam", "صباح الخير", "שלום"),
    *(f"👨\u200d👩\u200d👧{c}" for c in ("", "!")),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    # What is tried here is no flood.
    return dataclasses.replace(settings, limit_chat="off")


async def test_a_blocked_word_is_found_whatever_is_put_into_it(client: httpx.AsyncClient, db: Database) -> None:
    live = await make_live(db, (await make_user(db)).id)
    await db.fetchval("select ops.set_chat($1, p_blocked_words => $2)", live.id, WORDS)
    url = f"/api/lives/{live.id}/messages"
    headers = await signed_in(client, db)
    for text in EVASIONS:
        answer = await client.post(url, json=message(text), headers=headers)
        assert (answer.status_code, answer.json().get("held")) == (200, True), ascii(text)


async def test_other_words_of_all_scripts_are_left_alone(client: httpx.AsyncClient, db: Database) -> None:
    live = await make_live(db, (await make_user(db)).id)
    await db.fetchval("select ops.set_chat($1, p_blocked_words => $2)", live.id, WORDS)
    url = f"/api/lives/{live.id}/messages"
    headers = await signed_in(client, db)
    for text in INNOCENT:
        answer = await client.post(url, json=message(text), headers=headers)
        assert (answer.status_code, answer.json().get("held")) == (200, None), ascii(text)


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        *(
            (link, True)
            for link in ("spam.me", "see spam.zip now", "example。com", "EXAMPLE．COM", "ex\u200bample.com")
        ),
        *((link, True) for link in ("example.com에서 봐요", "t.me/spam", "example｡com/x", "spam.me, now", "한국.com")),
        *(
            (plain, False)
            for plain in ("OK。好", "看完了。很好", "12.5", "it.so", "v1.2.zipped", "ok...me", "e.g. this")
        ),
        *((plain, False) for plain in ("tell.me", "like.me, too", "x.mean", "ok。很好.", "3.14", "U.S.A.")),
    ],
)
async def test_bare_links_are_seen_and_sentences_are_not(db: Database, text: str, is_link: bool) -> None:
    assert await db.fetchval("select chat.has_link(chat.fold($1))", text) is is_link
