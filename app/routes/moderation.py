"""Keeping order in a chat: for the live's owner and moderators."""

from __future__ import annotations

from typing import Any

from app.pg import moderation
from app.routes import chat_types
from app.routes.cursor import read_cursor
from app.routes.http import Access, Call, Endpoint


async def get_rules(call: Call) -> dict[str, Any]:
    return await moderation.get_rules(call.deps.db, call.path["id"], call.me.user_id)


async def set_rules(call: Call) -> dict[str, Any]:
    b: chat_types.RulesPatch = call.body
    rules = await moderation.set_rules(
        call.deps.db, call.path["id"], call.me.user_id, b.is_open, b.slow_seconds, b.followers_only, b.verified_only,
        b.unique_only, b.link_rule, b.blocked_words, call.deps.settings.chat_word_chars,
    )  # fmt: skip
    call.deps.bell.ring()
    return rules


async def pin(call: Call) -> None:
    await moderation.pin(call.deps.db, call.path["id"], call.me.user_id, call.body.seq)
    call.deps.bell.ring()


async def unpin(call: Call) -> None:
    await moderation.unpin(call.deps.db, call.path["id"], call.me.user_id)
    call.deps.bell.ring()


async def clear(call: Call) -> None:
    await moderation.clear(call.deps.db, call.path["id"], call.me.user_id)
    call.deps.bell.ring()


async def list_moderators(call: Call) -> dict[str, Any]:
    return await moderation.list_moderators(call.deps.db, call.path["id"], call.me.user_id)


async def add_moderator(call: Call) -> None:
    most = call.deps.settings.chat_max_moderators
    await moderation.add_moderator(call.deps.db, call.path["id"], call.me.user_id, call.path["username"], most)
    call.deps.bell.ring()


async def remove_moderator(call: Call) -> None:
    await moderation.remove_moderator(call.deps.db, call.path["id"], call.me.user_id, call.path["username"])
    call.deps.bell.ring()


async def list_bans(call: Call) -> dict[str, Any]:
    key, user = read_cursor(call.query.cursor, "bans")
    return await moderation.list_bans(call.deps.db, call.path["id"], call.me.user_id, key, user, call.query.limit)


async def ban(call: Call) -> None:
    b: chat_types.BanBody = call.body
    await moderation.ban(call.deps.db, call.path["id"], call.me.user_id, call.path["username"], b.seconds, b.reason)
    call.deps.bell.ring()


async def unban(call: Call) -> None:
    await moderation.unban(call.deps.db, call.path["id"], call.me.user_id, call.path["username"], call.query.restore)
    call.deps.bell.ring()


async def list_held(call: Call) -> dict[str, Any]:
    _, id = read_cursor(call.query.cursor, "held")
    return await moderation.list_held(call.deps.db, call.path["id"], call.me.user_id, id, call.query.limit)


async def review(call: Call) -> None:
    await moderation.review(call.deps.db, call.path["id"], call.me.user_id, int(call.path["hid"]), call.body.verdict)
    call.deps.bell.ring()


async def list_audit(call: Call) -> dict[str, Any]:
    _, id = read_cursor(call.query.cursor, "audit")
    return await moderation.list_audit(call.deps.db, call.path["id"], call.me.user_id, id, call.query.limit)


TAG = "moderation"
T = chat_types
ERRORS = ("not_found", "forbidden")
ENDPOINTS = [
    Endpoint(
        "GET", "/api/lives/{id}/chat", get_rules, "A chat's rules with its blocked words", TAG, Access.USER,
        returns=T.ModeratorRules, errors=ERRORS, limit="read",
    ),
    Endpoint(
        "PATCH", "/api/lives/{id}/chat", set_rules, "Change a chat's rules", TAG, Access.USER,
        body=T.RulesPatch, returns=T.ModeratorRules, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "PUT", "/api/lives/{id}/pin", pin, "Pin a message over the chat", TAG, Access.USER,
        body=T.PinBody, status=204, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "DELETE", "/api/lives/{id}/pin", unpin, "Take the pinned message down", TAG, Access.USER,
        status=204, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/clear", clear, "Clear the chat for everybody", TAG, Access.USER,
        status=204, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "GET", "/api/lives/{id}/moderators", list_moderators, "Who moderates beside the owner", TAG, Access.USER,
        returns=T.ModeratorList, errors=ERRORS, limit="read",
    ),
    Endpoint(
        "PUT", "/api/lives/{id}/moderators/{username}", add_moderator, "Let somebody moderate", TAG, Access.USER,
        status=204, errors=(*ERRORS, "chat_banned", "too_many_moderators"), limit="write",
    ),
    Endpoint(
        "DELETE", "/api/lives/{id}/moderators/{username}", remove_moderator, "Take that right away", TAG, Access.USER,
        status=204, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "GET", "/api/lives/{id}/bans", list_bans, "Who may not write now", TAG, Access.USER,
        query=T.PageQuery, returns=T.BanPage, errors=ERRORS, limit="read",
    ),
    Endpoint(
        "PUT", "/api/lives/{id}/bans/{username}", ban, "Silence somebody, for a time or for good", TAG, Access.USER,
        body=T.BanBody, status=204, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "DELETE", "/api/lives/{id}/bans/{username}", unban, "Let somebody write again", TAG, Access.USER,
        query=T.UnbanQuery, status=204, errors=ERRORS, limit="write",
    ),
    Endpoint(
        "GET", "/api/lives/{id}/held", list_held, "Messages that wait for a moderator", TAG, Access.USER,
        query=T.PageQuery, returns=T.HeldPage, errors=ERRORS, limit="read",
    ),
    Endpoint(
        "POST", "/api/lives/{id}/held/{hid}", review, "Approve or reject one of them", TAG, Access.USER,
        body=T.ReviewBody, status=204, errors=(*ERRORS, "already_reviewed", "live_ended"), limit="write",
    ),
    Endpoint(
        "GET", "/api/lives/{id}/audit", list_audit, "What moderators and operators did", TAG, Access.USER,
        query=T.PageQuery, returns=T.AuditPage, errors=ERRORS, limit="read",
    ),
]  # fmt: skip
