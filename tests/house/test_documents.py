"""Documents and texts that have to equal the code."""

from __future__ import annotations

import json
from typing import Any

import jinja2
import jinja2.meta
import pytest

from app.errors import document
from app.jobs import letters
from tests.house.files import ROOT


def test_the_page_of_errors_equals_the_table() -> None:
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == document(), (
        "run: python -m app errors > docs/errors.md"
    )


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    # The same values are named, in whatever order a language puts them.
    return sorted(jinja2.meta.find_undeclared_variables(jinja2.Environment(autoescape=True).parse(value)))


@pytest.mark.parametrize("locale", letters.LOCALES)
def test_mails_say_the_same_in_every_language(locale: str) -> None:
    def read(name: str) -> Any:
        return json.loads((letters.FOLDER / f"{name}.json").read_text(encoding="utf-8"))

    assert shape(read(locale)) == shape(read("en"))
