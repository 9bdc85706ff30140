"""The OpenAPI document, made from the same table and structs that validate requests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from app.errors import ERRORS
from app.routes.http import Access, Endpoint, part_of

REF = "#/components/schemas/{name}"
JSON = "application/json"
TITLE = "Trunkline"
# What any endpoint may answer, whatever it says itself.
ALWAYS = ("bad_request", "unavailable")


class FieldCode(msgspec.Struct):
    """Why an input was not taken, and the numbers of that sentence."""

    code: str
    params: dict[str, int | str]


class Problem(msgspec.Struct, omit_defaults=True):
    """Every answer that is not a success. `error` and the codes of fields are those of docs/errors.md; `fields` has a
    sentence per input."""

    error: str
    message: str
    request_id: str
    fields: dict[str, str] = {}
    field_codes: dict[str, FieldCode] = {}


def document(endpoints: Iterable[Endpoint], server: str) -> dict[str, Any]:
    """OpenAPI 3.1, whose schemas are JSON Schema as msgspec writes them."""
    table = list(endpoints)
    kinds = {Problem: None} | {kind: None for e in table for kind in (e.body, e.returns) if kind is not None}
    schemas, components = msgspec.json.schema_components(list(kinds), ref_template=REF)
    refs = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in table:
        path = re.sub(r":[a-z]+}", "}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = operation(endpoint, path, refs, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": "Upload, watch and share video. Times are UTC."},
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(e.tag for e in table)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "access_token": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "Short-lived token from /api/auth/login or /api/auth/refresh.",
                },
            },
        },
    }  # fmt: skip


def operation(endpoint: Endpoint, path: str, refs: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "operationId": re.sub(r"[^a-z0-9]+", "_", f"{endpoint.method} {path}".lower()).strip("_"),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": parameters(endpoint, path, components),
        "responses": {str(endpoint.status): success(endpoint, refs)} | problems(endpoint, refs),
        "security": security(endpoint.access),
    }
    if endpoint.body is not None:
        answer["requestBody"] = {"required": True, "content": {JSON: {"schema": refs[endpoint.body]}}}
    elif endpoint.consumes != JSON:
        answer["requestBody"] = {"required": True, "content": {endpoint.consumes: {"schema": {"type": "string"}}}}
    return answer


def security(access: Access) -> list[dict[str, list[str]]]:
    if access is Access.PUBLIC:
        return []
    token: dict[str, list[str]] = {"access_token": []}
    return [{}, token] if access is Access.OPTIONAL else [token]


def parameters(endpoint: Endpoint, path: str, components: dict[str, Any]) -> list[dict[str, Any]]:
    """Those in the path, then those of the query struct."""
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^({part_of(endpoint, name).pattern})$"},
        }
        for name in re.findall(r"{(\w+)}", path)
    ]
    if endpoint.query is not None:
        _, inner = msgspec.json.schema_components([endpoint.query], ref_template=REF)
        schema = inner.pop(endpoint.query.__name__)
        components.update(inner)
        required = schema.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": without_null(value)}
            for name, value in schema["properties"].items()
        ]
    return found


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out, never null."""
    schema = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    some: list[dict[str, Any]] = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(some) == 1:
        return {key: value for key, value in schema.items() if key != "anyOf"} | some[0]
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    return schema


def success(endpoint: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    if endpoint.returns is not None:
        return {"description": "Done", "content": {JSON: {"schema": refs[endpoint.returns]}}}
    if endpoint.status == 204:
        return {"description": "Done, nothing to tell"}
    return {"description": "Done", "content": {endpoint.produces: {}}}


def problems(endpoint: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    codes = [*ALWAYS, *endpoint.errors]
    if endpoint.access is not Access.PUBLIC:
        codes.append("not_signed_in")
    if endpoint.access in (Access.MODERATOR, Access.ADMIN):
        codes.append("forbidden")
    if endpoint.body is not None or endpoint.query is not None or "{" in endpoint.path or endpoint.consumes != JSON:
        codes.append("invalid")
    if endpoint.body is not None or endpoint.consumes != JSON:
        codes += ["body_too_large", "unsupported_media_type"]
    if endpoint.limit is not None:
        codes.append("too_many_requests")
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(ERRORS[code][0], []).append(code)
    content = {"application/json": {"schema": refs[Problem]}}
    return {
        str(status): {"description": ", ".join(names), "content": content}
        for status, names in sorted(by_status.items())
    }
