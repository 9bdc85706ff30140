"""What a socket may publish: one table, type → what its data must be and who handles it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from app.deps import Deps
from app.errors import AppError
from app.realtime.connection import Connection
from app.realtime.protocol import Pub
from app.routes import chat_socket, chat_types
from app.routes.decode import decode

# (deps, who, the operation, its data as the entry's struct) → the fields of "ok". Raises AppError.
Handle = Callable[[Deps, Connection, Pub, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Entry:
    data: type[msgspec.Struct]
    handle: Handle


PUBLISHES: dict[str, Entry] = {
    "chat:message": Entry(chat_types.SocketMessage, chat_socket.on_message),
    "chat:edit": Entry(chat_types.SocketEdit, chat_socket.on_edit),
    "chat:delete": Entry(chat_types.SocketDelete, chat_socket.on_delete),
    "chat:typing": Entry(chat_types.SocketTyping, chat_socket.on_typing),
    "chat:effect": Entry(chat_types.EffectBody, chat_socket.on_effect),
}


async def publish(deps: Deps, connection: Connection, op: Pub) -> dict[str, Any]:
    """Raises AppError: not_signed_in, bad_request (no such type), invalid, and what the handler refuses."""
    if connection.user_id is None:
        raise AppError("not_signed_in")
    entry = PUBLISHES.get(op.type)
    if entry is None:
        raise AppError("bad_request", "There is no such type.")
    data = decode(op.data, entry.data)
    return await entry.handle(deps, connection, op, data)
