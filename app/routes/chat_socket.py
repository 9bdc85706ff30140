"""What a socket publishes in a chat: the twins of the addresses in chat.py."""

from __future__ import annotations

from typing import Any

from app.deps import Deps
from app.errors import AppError
from app.field_errors import field_error
from app.pg.chat import Passing
from app.realtime.connection import Connection
from app.realtime.protocol import Pub
from app.routes import chat_types
from app.routes.chat import change, send, take_away


def live_of(op: Pub) -> str:
    """Raises unknown_channel: one publishes to a live's own channel only."""
    kind, _, live = op.ch.partition(":")
    if kind != "live" or not live or ":" in live:
        raise AppError("unknown_channel")
    return live


async def on_message(deps: Deps, connection: Connection, op: Pub, data: chat_types.SocketMessage) -> dict[str, Any]:
    if op.cid is None:
        raise AppError("invalid", fields={"cid": field_error("cid")})
    sent = await send(deps, live_of(op), speaker(connection), data.text, data.reply_to, op.cid)
    return {"held": True} if sent.held else {"epoch": sent.epoch, "seq": sent.seq}


async def on_edit(deps: Deps, connection: Connection, op: Pub, data: chat_types.SocketEdit) -> dict[str, Any]:
    await change(deps, live_of(op), speaker(connection), data.seq, data.text)
    return {}


async def on_delete(deps: Deps, connection: Connection, op: Pub, data: chat_types.SocketDelete) -> dict[str, Any]:
    await deps.limits.hit("write", f"u{speaker(connection)}")
    await take_away(deps, live_of(op), speaker(connection), data.seq)
    return {}


async def on_typing(deps: Deps, connection: Connection, op: Pub, data: chat_types.SocketTyping) -> dict[str, Any]:
    await deps.chat.tell(Passing(live_of(op), speaker(connection), "chat:typing", {}))
    return {}


async def on_effect(deps: Deps, connection: Connection, op: Pub, data: chat_types.EffectBody) -> dict[str, Any]:
    await deps.chat.tell(Passing(live_of(op), speaker(connection), "chat:effect", {"emoji": data.emoji}))
    return {}


def speaker(connection: Connection) -> int:
    if connection.user_id is None:
        raise AppError("not_signed_in")
    return connection.user_id
