"""What everybody does in a chat: read, post, edit and delete one's own, type, send effects."""

from __future__ import annotations

import uuid

from app.deps import Deps
from app.pg import chat
from app.pg.chat import Passing, Post
from app.routes import chat_types
from app.routes.http import Access, Call, Endpoint, Raw
from app.routes.videos import viewer
from app.text import line


async def list_messages(call: Call) -> Raw:
    q: chat_types.HistoryQuery = call.query
    return Raw(await chat.list_messages(call.deps.db, call.path["id"], viewer(call), q.before, q.after, q.limit))


async def post(call: Call) -> chat_types.Sent:
    b: chat_types.MessageBody = call.body
    return await send(call.deps, call.path["id"], call.me.user_id, b.text, b.reply_to, b.cid)


async def edit(call: Call) -> None:
    await change(call.deps, call.path["id"], call.me.user_id, int(call.path["seq"]), call.body.text)


async def delete(call: Call) -> None:
    await take_away(call.deps, call.path["id"], call.me.user_id, int(call.path["seq"]))


async def restore(call: Call) -> None:
    deps, seq = call.deps, int(call.path["seq"])
    await chat.restore_message(deps.db, call.path["id"], call.me.user_id, seq, deps.settings.chat_undo_seconds)
    deps.bell.ring()


async def typing(call: Call) -> None:
    await call.deps.chat.tell(Passing(call.path["id"], call.me.user_id, "chat:typing", {}))


async def effect(call: Call) -> None:
    emoji = {"emoji": call.body.emoji}
    await call.deps.chat.tell(Passing(call.path["id"], call.me.user_id, "chat:effect", emoji))


async def send(deps: Deps, live: str, user: int, text: str, reply_to: int | None, cid: uuid.UUID) -> chat_types.Sent:
    seq = await deps.chat.post(Post(live, user, line(text), reply_to, cid))
    return chat_types.Sent(held=True) if seq is None else chat_types.Sent(await deps.streams.get_epoch(), seq)


async def change(deps: Deps, live: str, user: int, seq: int, text: str) -> None:
    settings = deps.settings
    # Everybody's page changes, as with a new message.
    deps.chat.check("chat", live, user)
    await chat.edit_message(
        deps.db, live, user, seq, line(text), settings.chat_edit_seconds, settings.chat_max_chars,
        settings.chat_max_edits, settings.chat_unique_among,
    )  # fmt: skip
    deps.bell.ring()


async def take_away(deps: Deps, live: str, user: int, seq: int) -> None:
    await chat.delete_message(deps.db, live, user, seq)
    deps.bell.ring()


TAG = "chat"
T = chat_types
NOT_SO = ("too_late", "too_many_edits", "not_unique", "words_blocked", "links_blocked")
SPEAKING = ("not_found", "live_ended", "chat_banned", "chat_closed", "followers_only", "verified_only", "slow_down")
ENDPOINTS = [
    Endpoint(
        "GET", "/api/lives/{id}/messages", list_messages, "Messages before or after a number", TAG, Access.OPTIONAL,
        query=T.HistoryQuery, returns=T.MessagePage, errors=("not_found",), limit="read",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/messages", post, "Post a message", TAG, Access.USER,
        body=T.MessageBody, returns=T.Sent, errors=(*SPEAKING, "not_unique", "links_blocked"),
    ),
    Endpoint(
        "PATCH", "/api/lives/{id}/messages/{seq}", edit, "Change a message of one's own", TAG, Access.USER,
        body=T.MessagePatch, status=204, errors=(*SPEAKING, *NOT_SO),
    ),
    Endpoint(
        "DELETE", "/api/lives/{id}/messages/{seq}", delete, "Take a message away: one's own, or as a moderator", TAG,
        Access.USER, status=204, errors=("not_found", "forbidden"), limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/messages/{seq}/restore", restore, "Bring a message back that was just taken away", TAG,
        Access.USER, status=204, errors=("not_found", "forbidden", "too_late"), limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/typing", typing, "Say that one types", TAG, Access.USER, status=204, errors=SPEAKING,
    ),
    Endpoint(
        "POST", "/api/lives/{id}/effects", effect, "Let an emoji fly over everybody's page", TAG, Access.USER,
        body=T.EffectBody, status=204, errors=SPEAKING,
    ),
]  # fmt: skip
