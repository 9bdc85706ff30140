"""What can be wrong with one input, in one table: code, English sentence with its parameters in braces.

The frontend has a text of each code in every language (`fields` of its locales); a house test compares them.
A parameter whose name ends in `_bytes` is shown as a size.
"""

from __future__ import annotations

from typing import Any

Params = dict[str, int | str]

FIELD_ERRORS: dict[str, str] = {
    # Any input
    "required": "is needed",
    "empty": "is empty",
    "too_short": "needs at least {least} characters",
    "too_long": "may have at most {most} characters",
    "too_few": "needs at least {least} entries",
    "too_many": "may have at most {most} entries",
    "too_small": "must be at least {least}",
    "too_large": "must be at most {most}",
    "wrong_type": "is of the wrong type",
    "not_offered": "is none of the choices",
    "unknown_field": "is not asked for here",
    "malformed": "does not have the right form",
    "bad_characters": "contains characters that are not allowed",
    "cursor": "is not one this list gave out",
    # Accounts
    "username_form": "3 to 30 letters, digits or underscores",
    "username_reserved": "cannot be chosen",
    "username_taken": "is taken",
    "email_form": "is not an e-mail address",
    "name_form": "1 to {most} characters on one line, one of them visible",
    "password_common": "is one of the first that attackers try; choose another",
    "password_close": "is too close to your name or e-mail address",
    "password_wrong": "is not your password",
    "picture_type": "is not JPEG, PNG or WebP",
    "picture_unusable": "is not a picture that can be used",
    "bytes_most": "must be at most {most_bytes} bytes",
    "own_name": "is your own",
    # Uploads
    "file_types": "takes {types}",
    "storage_left": "{used_bytes} of {quota_bytes} bytes are in use; this file needs {size_bytes}",
    "part_range": "parts are numbered 1 to {last}",
    "part_size": "part {n} has {size_bytes} bytes",
    "parts_missing": "{parts}",
    # Lives and chat
    "time_past": "lies in the past",
    "time_far": "is more than {days} days ahead",
    "time_impossible": "is not a time that can come",
    "message_length": "is empty or too long",
    "words_many": "are more than {most} characters in all",
    "cid": "is needed, so that a message sent again is not a second one",
    # Captions
    "language_tag": "is not a language tag such as en or zh-TW",
    "captions_encoding": "is not UTF-8 text, and what else it is cannot be told; say it as `encoding`",
    "captions_binary": "holds control characters and is no text",
    "captions_begin": "must begin with a line WEBVTT, or be SubRip (.srt)",
    "captions_none": "holds no captions",
    "captions_none_right": "line {line}: no caption to show; expected 00:01.000 --> 00:04.000 and text",
    "captions_many": "holds more than {most} captions",
}


class FieldError(str):
    """The sentence of a code; with `code` and `params`, of which the frontend makes its own."""

    __slots__ = ("code", "params")

    code: str
    params: Params


def field_error(code: str, **params: int | str) -> FieldError:
    """Raises KeyError for a code the table does not have, or a parameter its sentence lacks."""
    error = FieldError(FIELD_ERRORS[code].format(**params))
    error.code = code
    error.params = params
    return error


def from_json(fields: dict[str, Any] | None) -> dict[str, FieldError] | None:
    """What util.fail was given: {input: code} or {input: {"code": …, parameter: …}}."""
    if fields is None:
        return None
    return {name: field_error(**({"code": what} if isinstance(what, str) else what)) for name, what in fields.items()}


def to_json(fields: dict[str, FieldError]) -> dict[str, Any]:
    """As it crosses the wire: sentences for people, codes for pages."""
    return {
        "fields": {name: str(error) for name, error in fields.items()},
        "field_codes": {name: {"code": error.code, "params": error.params} for name, error in fields.items()},
    }
