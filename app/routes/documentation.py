"""What the service can be asked, for programs (/openapi.json) and for people (/docs)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.deps import Deps
from app.pages import ROOT, packed
from app.routes import spa
from app.routes.openapi import document

STYLE = ROOT / "app" / "templates" / "docs.css"


def contents(request: Request) -> dict[str, Any]:
    deps: Deps = request.app.state.deps
    return document(request.app.state.endpoints, deps.settings.public_url)


def kept(request: Request, name: str, content_type: str, make: Callable[[Request], bytes]) -> Response:
    """Made at first use: it costs tens of milliseconds, and says the same as long as the process lives."""
    deps: Deps = request.app.state.deps
    if name not in deps.pages.files:
        deps.pages.files[name] = packed(make(request), content_type)
    return spa.answer(request, deps.pages.files[name], "no-cache")


async def openapi(request: Request) -> Response:
    return kept(request, "openapi.json", "application/json", lambda asked: msgspec.json.encode(contents(asked)))


async def docs(request: Request) -> Response:
    return kept(request, "docs", "text/html; charset=utf-8", page)


async def style(request: Request) -> Response:
    return kept(request, "docs.css", "text/css; charset=utf-8", lambda asked: STYLE.read_bytes())


def page(request: Request) -> bytes:
    deps: Deps = request.app.state.deps
    whole = contents(request)
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in whole["tags"]}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append({"path": path, "method": method.upper(), **operation})
    html = deps.pages.render("docs.html", groups=groups, schemas=whole["components"]["schemas"], kind=kind)
    return html.encode()


def kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: `string (≤ 150)`, `"a" | "b"`, `list of Quality`."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(kind(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join("null" if value is None else f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}{limits(schema, 'Items')}"
    if schema.get("type") == "object" and "additionalProperties" in schema:
        inner = schema["additionalProperties"]
        return f"map to {kind(inner)}" if isinstance(inner, dict) else "object"
    name = schema.get("format") or schema.get("type", "anything")
    return f"{name}{limits(schema, 'Length')}"


def limits(schema: dict[str, Any], noun: str) -> str:
    least = schema.get(f"min{noun}", schema.get("minimum"))
    most = schema.get(f"max{noun}", schema.get("maximum"))
    parts = [f"≥ {least}"] * (least is not None) + [f"≤ {most}"] * (most is not None)
    return f" ({', '.join(parts)})" if parts else ""


ROUTES = [
    Route("/openapi.json", openapi, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/docs.css", style, methods=["GET"]),
]
