"""What a mail says: the texts of app/templates/mail/<locale>.json in its two layouts."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.clients.mail import Letter

FOLDER = Path(__file__).parent.parent / "templates" / "mail"
LOCALES = ("en", "zh-TW", "ko")


@functools.cache
def environment() -> Environment:
    # Names come from people: escaped in HTML, and a missing value is an error here, not a hole in a mail.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
    )


@functools.cache
def texts(locale: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{locale}.json").read_text(encoding="utf-8"))
    return found


def lifetime(minutes: int, locale: str) -> str:
    unit, n = ("hours", minutes // 60) if minutes >= 120 and minutes % 60 == 0 else ("minutes", minutes)
    return fill(texts(locale)[unit], {"n": n})


def fill(text: str, values: dict[str, Any]) -> str:
    # Plain text in, plain text out: the layouts escape.
    return environment().from_string(text).render(values)


def write(template: str, to: str, locale: str, values: dict[str, Any], link: str) -> Letter:
    """`values`: name, username, email, and lifetime where the link has one."""
    own, common = texts(locale)[template], texts(locale)
    words = {
        "locale": locale,
        "subject": fill(own["subject"], values),
        "greeting": fill(common["greeting"], values),
        "lines": [fill(line, values) for line in own["lines"]],
        "button": own["button"],
        "fallback": common["fallback"],
        "closing": own["closing"],
        "link": link,
    }
    return Letter(
        to=to,
        subject=words["subject"],
        text=environment().get_template("layout.txt").render(words),
        html=environment().get_template("layout.html").render(words),
    )
