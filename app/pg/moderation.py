"""Keeping order in chats: one call per SQL function. Those people ask for raise not_found, forbidden; ring after."""

from __future__ import annotations

from typing import Any

from app.pg.pool import Database

Json = dict[str, Any]


async def get_rules(db: Database, live: str, actor: int) -> Json:
    rules: Json = await db.fetchval("select chat.get_rules($1, $2)", live, actor)
    return rules


async def set_rules(
    db: Database,
    live: str,
    actor: int,
    is_open: bool | None,
    slow_seconds: int | None,
    followers_only: bool | None,
    verified_only: bool | None,
    unique_only: bool | None,
    link_rule: str | None,
    blocked_words: list[str] | None,
    word_chars: int,
) -> Json:
    rules: Json = await db.fetchval(
        "select chat.set_rules($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        live,
        actor,
        is_open,
        slow_seconds,
        followers_only,
        verified_only,
        unique_only,
        link_rule,
        blocked_words,
        word_chars,
    )
    return rules


async def pin(db: Database, live: str, actor: int, seq: int) -> None:
    await db.fetchval("select chat.pin($1, $2, $3)", live, actor, seq)


async def unpin(db: Database, live: str, actor: int) -> None:
    await db.fetchval("select chat.unpin($1, $2)", live, actor)


async def clear(db: Database, live: str, actor: int) -> None:
    await db.fetchval("select chat.clear($1, $2)", live, actor)


async def list_moderators(db: Database, live: str, actor: int) -> Json:
    found: Json = await db.fetchval("select chat.list_moderators($1, $2)", live, actor)
    return found


async def add_moderator(db: Database, live: str, actor: int, username: str, most: int) -> None:
    """Raises chat_banned, too_many_moderators, too."""
    await db.fetchval("select chat.add_moderator($1, $2, $3, $4)", live, actor, username, most)


async def remove_moderator(db: Database, live: str, actor: int, username: str) -> None:
    await db.fetchval("select chat.remove_moderator($1, $2, $3)", live, actor, username)


async def list_bans(db: Database, live: str, actor: int, key: int | None, user: int | None, limit: int) -> Json:
    found: Json = await db.fetchval("select chat.list_bans($1, $2, $3, $4, $5)", live, actor, key, user, limit)
    return found


async def ban(db: Database, live: str, actor: int, username: str, seconds: int | None, reason: str) -> None:
    await db.fetchval("select chat.ban($1, $2, $3, $4, $5)", live, actor, username, seconds, reason)


async def unban(db: Database, live: str, actor: int, username: str, restore: bool) -> None:
    await db.fetchval("select chat.unban($1, $2, $3, $4)", live, actor, username, restore)


async def list_held(db: Database, live: str, actor: int, after: int | None, limit: int) -> Json:
    found: Json = await db.fetchval("select chat.list_held($1, $2, $3, $4)", live, actor, after, limit)
    return found


async def review(db: Database, live: str, actor: int, id: int, verdict: str) -> None:
    """Raises already_reviewed, live_ended, too."""
    await db.fetchval("select chat.review($1, $2, $3, $4)", live, actor, id, verdict)


async def list_audit(db: Database, live: str, actor: int, before: int | None, limit: int) -> Json:
    found: Json = await db.fetchval("select chat.list_audit($1, $2, $3, $4)", live, actor, before, limit)
    return found


async def scrub(db: Database, live: str, after: int, up_to: int, limit: int) -> int | None:
    """Empty the texts of at most `limit` events of a cleared chat; where to go on, None at the end. Raises nothing."""
    next: int | None = await db.fetchval("select chat.scrub($1, $2, $3, $4)", live, after, up_to, limit)
    return next


async def requote(db: Database, live: str, seqs: list[int], limit: int) -> int:
    """Mend at most `limit` quotes of some messages, the newest; how many. Raises nothing."""
    mended: int = await db.fetchval("select chat.requote($1, $2, $3)", live, seqs, limit)
    return mended
