"""The frontend's types of what crosses the wire are those of the service: schema.d.ts is written by `make types`."""

from __future__ import annotations

import re
from typing import Any

from app.routes import ENDPOINTS
from app.routes.openapi import document
from tests.house.files import ROOT

SCHEMA = ROOT / "frontend/src/api/schema.d.ts"
HINT = "run `make types`"


def service_side() -> dict[str, set[str]]:
    """Field names by component; those that may be absent end in a question mark."""
    components: dict[str, Any] = document(ENDPOINTS, "/")["components"]["schemas"]
    return {
        name: {field if is_present(field, schema) else f"{field}?" for field in schema["properties"]}
        for name, schema in components.items()
        if schema.get("properties")
    }


def is_present(field: str, schema: dict[str, Any]) -> bool:
    # The generator takes a field with a default for one that is always there.
    return field in schema.get("required", ()) or "default" in schema["properties"][field]


def browser_side() -> dict[str, set[str]]:
    text = SCHEMA.read_text(encoding="utf-8")
    schemas = text[text.index("    schemas: {") : text.index("    responses:")]
    blocks = re.findall(r"^        (\w+): \{\n(.*?)^        \};", schemas, re.MULTILINE | re.DOTALL)
    return {name: set(re.findall(r"^            (\w+\??):", block, re.MULTILINE)) for name, block in blocks}


def test_the_frontend_knows_what_the_service_says() -> None:
    there, here = service_side(), browser_side()
    assert set(there) <= set(here), HINT
    assert {name: (fields, here[name]) for name, fields in there.items() if fields != here[name]} == {}, HINT


def test_the_frontend_knows_every_address() -> None:
    text = SCHEMA.read_text(encoding="utf-8")
    listed = set(re.findall(r'^    "(/[^"]*)": \{', text, re.MULTILINE))
    assert set(document(ENDPOINTS, "/")["paths"]) == listed, HINT
