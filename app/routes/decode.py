"""From what a caller sends to typed values whose text is in one form; what is wrong, by input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.errors import AppError
from app.field_errors import FieldError, field_error
from app.text import compose


def decode(raw: bytes | msgspec.Raw, kind: type[msgspec.Struct]) -> Any:
    """JSON as a struct, its text in NFC. Raises invalid by input; bad_request for what is no JSON."""
    try:
        data = bytes(raw)
        # Composed before lengths are looked at. Text in pieces is never ASCII, unless it is written with escapes.
        if data.isascii() and rb"\u" not in data:
            value = msgspec.json.decode(data, type=kind)
        else:
            value = msgspec.convert(compose(msgspec.json.decode(data)), kind)
    except msgspec.ValidationError as error:
        raise from_validation(error) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise AppError("bad_request", "The body is not valid JSON.") from None
    refuse_bad_text(value)
    return value


def convert_query(params: Mapping[str, str], kind: type[msgspec.Struct]) -> Any:
    """As decode, of a query string, in which numbers are text."""
    try:
        value = msgspec.convert(compose(dict(params)), kind, strict=False)
    except msgspec.ValidationError as error:
        raise from_validation(error) from None
    refuse_bad_text(value)
    return value


def from_validation(error: msgspec.ValidationError) -> AppError:
    """msgspec says "Expected `str`, got `int` - at `$.name`"; people get the field and the rest."""
    message, _, place = str(error).partition(" - at `$")
    name = place.strip("`.").split(".")[0].split("[")[0]
    if not name and "field `" in message:
        name = message.split("field `")[1].split("`")[0]
    return AppError("invalid", fields={name or "body": explain(message)})


BOUND = re.compile(r"Expected `(?P<kind>\w+)(?: \| null)?` (?:of length )?(?P<way>>=|<=) (?P<bound>[0-9.]+)")
CODES = {
    ("str", ">="): ("too_short", "least"),
    ("str", "<="): ("too_long", "most"),
    ("array", ">="): ("too_few", "least"),
    ("array", "<="): ("too_many", "most"),
    (">=",): ("too_small", "least"),
    ("<=",): ("too_large", "most"),
}


def explain(message: str) -> FieldError:
    bound = BOUND.match(message)
    if bound:
        number = int(float(bound["bound"]))
        if (bound["kind"], bound["way"], number) == ("str", ">=", 1):
            return field_error("empty")
        code, param = CODES.get((bound["kind"], bound["way"])) or CODES[(bound["way"],)]
        return field_error(code, **{param: number})
    if "missing required field" in message:
        return field_error("required")
    if "unknown field" in message:
        return field_error("unknown_field")
    if message.startswith("Invalid enum value"):
        return field_error("not_offered")
    return field_error("wrong_type" if ", got `" in message else "malformed")


# What PostgreSQL cannot store (NUL, lone surrogates), other control characters, and marks that make text read
# backwards to its end (U+202A to U+202E, U+2066 to U+2069).
BAD_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def refuse_bad_text(value: Any, name: str = "body") -> None:
    """422 here, not an error below or a surprise on somebody's page."""
    if isinstance(value, str):
        if BAD_TEXT.search(value):
            raise AppError("invalid", fields={name: field_error("bad_characters")})
    elif isinstance(value, msgspec.Struct):
        for f in value.__struct_fields__:
            refuse_bad_text(getattr(value, f), f)
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_bad_text(key, name)
            refuse_bad_text(item, name)
    elif isinstance(value, (list, tuple)):
        for item in value:
            refuse_bad_text(item, name)
