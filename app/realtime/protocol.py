"""What a browser may say on a socket and what it is answered: subprotocol trunkline.v1, JSON text frames.

Every operation is answered with its id: {"id": 7, "ok": {…}} or {"id": 7, "error": {code, message, retry_after?}}.
Events come in frames of their own: {"ch": "user:7", "ev": [{"seq", "type", "at", "data"}, …]}; {"ch", "reset": true}
says that some may be missing and the page should load again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.errors import AppError
from app.field_errors import to_json
from app.pg.bell import Passing
from app.pg.stream import Event

SUBPROTOCOL = "trunkline.v1"
# Close codes of ours; 1009 (too large) comes from the server below.
RESTARTING = 1012
SESSION_ENDED = 4001
IDLE = 4002
TOO_FAST = 4008
NOT_TEXT = 1003
# After these the events before them have another text, or none.
REWRITING = frozenset({"chat:edited", "chat:deleted", "chat:purged", "chat:restored", "chat:cleared"})


class Since(msgspec.Struct, forbid_unknown_fields=True):
    epoch: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Auth(msgspec.Struct, tag_field="op", tag="auth", forbid_unknown_fields=True):
    """Sign in with a ticket from POST /api/realtime/ticket. ok: {"user_id"}."""

    id: int
    ticket: str


class Sub(msgspec.Struct, tag_field="op", tag="sub", forbid_unknown_fields=True):
    """Follow a channel, after a number if given: what was missed comes first. ok: {"epoch", "seq", "reset"?}."""

    id: int
    ch: str
    since: Since | None = None


class Unsub(msgspec.Struct, tag_field="op", tag="unsub", forbid_unknown_fields=True):
    """Stop following. ok: {}."""

    id: int
    ch: str


class Pub(msgspec.Struct, tag_field="op", tag="pub", forbid_unknown_fields=True):
    """Say something on a channel. ok: what the type answers, {"epoch", "seq"} when it is on disk.

    `cid` is a number of the client's making (a UUID): the same again is the same message, not a second one.
    Answers may come in another order than the operations.
    """

    id: int
    ch: str
    type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    cid: uuid.UUID | None = None


class Ping(msgspec.Struct, tag_field="op", tag="ping", forbid_unknown_fields=True):
    """Are you there? ok: {}."""

    id: int


Op = Auth | Sub | Unsub | Pub | Ping
OPS: tuple[type[msgspec.Struct], ...] = (Auth, Sub, Unsub, Pub, Ping)

decoder: msgspec.json.Decoder[Op] = msgspec.json.Decoder(Op)
encoder = msgspec.json.Encoder()


class Badly(Exception):
    """A frame that is no operation; `id` is 0 when it has none."""

    def __init__(self, id: int, message: str) -> None:
        super().__init__(message)
        self.id = id


def read_op(text: str) -> Op:
    """Raises Badly."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Badly(id_of(text), str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise Badly(0, "The frame is not valid JSON.") from None


def id_of(text: str) -> int:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return 0
    id = value.get("id") if isinstance(value, dict) else None
    return id if isinstance(id, int) and not isinstance(id, bool) else 0


def ok(id: int, **values: Any) -> bytes:
    return encoder.encode({"id": id, "ok": values})


def refusal(id: int, error: AppError) -> bytes:
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.retry_after:
        body["retry_after"] = error.retry_after
    if error.fields:
        body |= to_json(error.fields)
    return encoder.encode({"id": id, "error": body})


class Numbered(msgspec.Struct):
    seq: int
    type: str
    at: datetime
    data: msgspec.Raw


class Unnumbered(msgspec.Struct):
    type: str
    data: msgspec.Raw


def part_of(event: Event) -> bytes:
    """One event as it stands in a frame: encoded once, for all sockets and for those that come back later."""
    return encoder.encode(Numbered(event.seq, event.type, event.at, event.data))


def passing_of(event: Passing) -> bytes:
    """An event that is told once and never stored has no number."""
    return encoder.encode(Unnumbered(event.type, event.data))


def head_of(channel: str) -> bytes:
    """How a frame of events begins; parts joined by commas and "]}" end it."""
    return encoder.encode({"ch": channel, "ev": []})[:-2]


def frame_of(channel: str, parts: Sequence[bytes]) -> bytes:
    return head_of(channel) + b",".join(parts) + b"]}"


def reset_of(channel: str) -> bytes:
    return encoder.encode({"ch": channel, "reset": True})
