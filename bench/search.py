"""Search over 100,000 rows through the service: Chinese, Korean, English, misspelt, nothing to find."""

from __future__ import annotations

import asyncio
import contextlib
import random
from urllib.parse import quote

import psycopg

from bench.library import HAN, HANGUL
from bench.result import Bar, Result, median, percentile
from bench.site import library_database, load, serving

QUESTIONS = 40
# Each question is asked for so long by one connection.
SECONDS = 0.15
SORTS = ("relevance", "newest", "popular")
LIMIT_MS = 50


def main() -> None:
    with contextlib.ExitStack() as stack:
        dsn = library_database()
        kinds = questions(dsn)
        service = stack.enter_context(serving(dsn, "-m", "app", "serve"))
        taken = asyncio.run(measure(service, kinds))
        plan = explain(dsn, kinds["Chinese, 2 characters"][0])
    save(taken, plan)


def questions(dsn: str, seed: int = 5) -> dict[str, list[str]]:
    """Texts of each kind, by how often their characters and words occur in the library."""
    rng = random.Random(seed)

    def letters(alphabet: str, size: int) -> list[str]:
        return [
            "".join(alphabet[int(len(alphabet) * rng.random() ** 2)] for _ in range(size)) for _ in range(QUESTIONS)
        ]

    with psycopg.connect(dsn) as db:
        known = [
            word for (word,) in db.execute("select word from search_words order by md5(word) limit 200").fetchall()
        ]
    common = ["video", "guide", "music", "travel", "official", "world", "night"]
    return {
        "Chinese, 1 character": letters(HAN, 1),
        "Chinese, 2 characters": letters(HAN, 2),
        "Chinese, 4 characters": letters(HAN, 4),
        "Korean, 2 characters": letters(HANGUL, 2),
        "Korean, 4 characters": letters(HANGUL, 4),
        "English, common words": [" ".join(rng.sample(common, rng.choice((1, 2)))) for _ in range(QUESTIONS)],
        "English, any word": known[:QUESTIONS],
        "English, misspelt": [misspelt(rng, word) for word in [*common, *known[QUESTIONS : 2 * QUESTIONS - 7]]],
        "nothing to find": [f"qx{rng.randrange(10**6)}zj" for _ in range(QUESTIONS)],
    }


def misspelt(rng: random.Random, word: str) -> str:
    """Two letters change places, or one is lost."""
    at = rng.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return rng.choice((swapped, word[:at] + word[at + 1 :]))


async def measure(service: str, kinds: dict[str, list[str]]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {}
    for kind, texts in kinds.items():
        taken[kind] = []
        for text in texts:
            for sort in SORTS:
                answered = await load(service, f"/api/videos?q={quote(text)}&sort={sort}", 1, SECONDS)
                taken[kind] += answered.seconds
        print(f"{kind}: p99 {percentile(taken[kind], 0.99) * 1000:.1f} ms", flush=True)
    return taken


def explain(dsn: str, text: str) -> str:
    """The plan of a search as auto_explain tells it."""
    said: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for line in ("load 'auto_explain'", "set auto_explain.log_min_duration = 0",
                     "set auto_explain.log_nested_statements = on", "set client_min_messages = log"):  # fmt: skip
            connection.execute(line.encode())
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        connection.execute("select media.search_videos(null, %s, 'relevance', null, null, null, 24)", [text])
    return next(text for text in said if "ts_rank" in text)


def save(taken: dict[str, list[float]], plan: str) -> None:
    def ms(values: list[float], part: float) -> float:
        return percentile(values, part) * 1000

    slowest = max(ms(values, 0.99) for values in taken.values())
    every = [value for values in taken.values() for value in values]
    Result(
        id="3-search",
        title="Search over 100,000 rows",
        columns=["question", "answers", "p50 ms", "p99 ms"],
        rows=[
            [kind, str(len(values)), f"{median(values) * 1000:.1f}", f"{ms(values, 0.99):.1f}"]
            for kind, values in [*taken.items(), ("all", every)]
        ],
        bars=[
            Bar("search over 100,000 rows, p99 ms", round(ms(every, 0.99), 1), LIMIT_MS, False),
            Bar(
                "its slowest kind, p99 ms",
                round(slowest, 1),
                LIMIT_MS,
                False,
            ),
        ],
        notes=[f"{QUESTIONS} texts of each kind, each sorted by {', '.join(SORTS)}, through HTTP, one connection."],
        plan=plan,
    ).save()
