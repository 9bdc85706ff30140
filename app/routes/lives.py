"""Live broadcasts: making, finding, changing, starting and ending them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.auth.tokens import hash_secret, new_secret
from app.errors import invalid
from app.field_errors import field_error
from app.pg import live_lists, lives
from app.routes import live_types
from app.routes.cursor import read_cursor
from app.routes.http import Access, Call, Endpoint, Raw
from app.routes.videos import viewer
from app.text import title

HINT_LENGTH = 4


def new_key() -> tuple[str, tuple[bytes, str]]:
    """A stream key for its owner's eyes, and what the database keeps of it."""
    key = new_secret()
    return key, (hash_secret(key), key[-HINT_LENGTH:])


def in_utc(at: datetime | None) -> datetime | None:
    """Raises invalid for a moment that is in no calendar once its zone is counted in."""
    try:
        return at.astimezone(UTC) if at else None
    except OverflowError:
        raise invalid(scheduled_at=field_error("time_impossible")) from None


async def create(call: Call) -> dict[str, Any]:
    b: live_types.LiveBody = call.body
    settings = call.deps.settings
    shown, kept = new_key()
    live = await lives.create_live(
        call.deps.db, call.me.user_id, title(b.title), b.description, b.visibility, in_utc(b.scheduled_at), kept,
        settings.live_schedule_days, settings.live_max_open,
    )  # fmt: skip
    call.deps.bell.ring(keys=live_lists.KEYS)
    return live | {"stream_key": shown}


async def list_all(call: Call) -> Raw:
    query: live_types.LiveListQuery = call.query
    key, id = read_cursor(query.cursor, query.status)
    deps = call.deps
    if live_lists.is_kept(query.status, query.owner, key, query.limit):
        return Raw(await live_lists.first_page(deps.cache, deps.db, query.status, query.limit), is_shared=True)
    return Raw(await lives.list_lives(deps.db, query.status, query.owner, key, id, query.limit))


async def list_mine(call: Call) -> Raw:
    _, id = read_cursor(call.query.cursor, "mine")
    return Raw(await lives.list_mine(call.deps.db, call.me.user_id, id, call.query.limit))


async def get(call: Call) -> dict[str, Any]:
    return await lives.get_live(call.deps.db, call.path["id"], viewer(call))


async def patch(call: Call) -> dict[str, Any]:
    b: live_types.LivePatch = call.body
    name = None if b.title is None else title(b.title)
    live = await lives.update_live(
        call.deps.db, call.path["id"], call.me.user_id, name, b.description, b.visibility, in_utc(b.scheduled_at),
        call.deps.settings.live_schedule_days,
    )  # fmt: skip
    call.deps.bell.ring()
    return live


async def start(call: Call) -> dict[str, Any]:
    live = await lives.start_live(call.deps.db, call.path["id"], call.me.user_id)
    call.deps.bell.ring()
    return live


async def end(call: Call) -> dict[str, Any]:
    live = await lives.end_live(call.deps.db, call.path["id"], call.me.user_id)
    call.deps.bell.ring()
    return live


async def delete(call: Call) -> None:
    await lives.delete_live(call.deps.db, call.path["id"], call.me.user_id)
    call.deps.bell.ring()


async def restore(call: Call) -> dict[str, Any]:
    live = await lives.restore_live(
        call.deps.db, call.path["id"], call.me.user_id, call.deps.settings.delete_undo_seconds
    )
    call.deps.bell.ring(keys=live_lists.KEYS)
    return live


async def rotate_key(call: Call) -> live_types.StreamKey:
    shown, kept = new_key()
    await lives.rotate_key(call.deps.db, call.path["id"], call.me.user_id, kept)
    return live_types.StreamKey(shown, kept[1])


TAG = "lives"
T = live_types
ENDPOINTS = [
    Endpoint(
        "POST", "/api/lives", create, "Make a live, now or for a date; shows its stream key", TAG, Access.USER,
        body=T.LiveBody, returns=T.NewLive, status=201, errors=("too_many_lives",), limit="live_create",
    ),
    Endpoint(
        "GET", "/api/lives", list_all, "Public lives: on air, upcoming or past", TAG, Access.OPTIONAL,
        query=T.LiveListQuery, returns=T.LivePage,
    ),
    Endpoint(
        "GET", "/api/users/me/lives", list_mine, "My lives in every state", TAG, Access.USER,
        query=T.LiveMineQuery, returns=T.LivePage, limit="read",
    ),
    Endpoint("GET", "/api/lives/{id}", get, "One live", TAG, Access.OPTIONAL, returns=T.Live, errors=("not_found",)),
    Endpoint(
        "PATCH", "/api/lives/{id}", patch, "Change title, description, visibility or date", TAG, Access.USER,
        body=T.LivePatch, returns=T.Live, errors=("not_found", "live_started", "live_ended"), limit="write",
    ),
    Endpoint(
        "DELETE", "/api/lives/{id}", delete, "Hide a live at once; it ends when it is on air", TAG, Access.USER,
        status=204, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/restore", restore, "Take back that a live was deleted a moment ago", TAG,
        Access.USER, returns=live_types.Live, errors=("not_found",), limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/start", start, "Go on air", TAG, Access.USER,
        returns=T.Live, errors=("not_found", "live_ended"), limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/end", end, "Go off the air", TAG, Access.USER,
        returns=T.Live, errors=("not_found", "live_not_started"), limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/key", rotate_key, "A new stream key instead of the old one", TAG, Access.USER,
        returns=T.StreamKey, errors=("not_found", "live_ended"), limit="write",
    ),
]  # fmt: skip
