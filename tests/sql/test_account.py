"""Accounts in SQL: rules, clocks, and two connections at once for every race."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import secrets
import uuid
from typing import Any

import asyncpg
import pytest

from app.errors import AppError
from app.pg.pool import Database
from tests.factories import User, make_user

REGISTER = "select * from account.register($1, $2, 'hash', '', 'en', 1000, $3, '', '', 3600)"
NOW = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


def token() -> bytes:
    return secrets.token_bytes(32)


async def open_session(db: Database, user: User, first: bytes) -> uuid.UUID:
    session: uuid.UUID = await db.fetchval("select account.open_session($1, $2, '', '', 3600)", user.id, first)
    return session


async def refresh(
    db: Database, old: bytes, new: bytes, now: datetime.datetime | None = None, grace: float = 10.0
) -> asyncpg.Record:
    now = now or datetime.datetime.now(datetime.UTC)
    row = await db.fetchrow("select * from account.refresh($1, $2, '', '', 3600, 7200, $3, $4)", old, new, grace, now)
    assert row is not None
    return row


async def together(*work: Any) -> list[Any]:
    """Results and errors of what ran at the same time on connections of its own."""
    return await asyncio.gather(*work, return_exceptions=True)


async def test_the_same_name_twice_at_once_is_one_user(db: Database) -> None:
    names = ["Twin", "twin", "TWIN", "tWIN"] * 3
    done = await together(*(db.fetchrow(REGISTER, name, f"{n}@example.com", token()) for n, name in enumerate(names)))
    failed = [d for d in done if isinstance(d, AppError)]
    assert len(done) - len(failed) == 1, done
    assert {f.code for f in failed} == {"username_taken"}
    assert await db.fetchval("select count(*) from users") == 1
    assert await db.fetchval("select count(*) from sessions") == 1


async def test_the_same_refresh_token_twice_at_once_is_two_tabs(db: Database) -> None:
    first, tabs = token(), [token() for _ in range(6)]
    await open_session(db, await make_user(db), first)
    done = await together(*(refresh(db, first, tab, grace=600) for tab in tabs))
    assert [d["outcome"] for d in done] == ["ok"] * 6
    assert await db.fetchval("select generation from sessions") == 1
    # The one that is used first makes the others old; without grace they count as copies.
    assert (await refresh(db, tabs[3], token()))["outcome"] == "ok"
    assert (await refresh(db, tabs[1], token(), grace=-1))["outcome"] == "reused"
    assert await db.fetchval("select revoked_at is not null from sessions")


async def test_the_same_refresh_token_twice_at_once_without_grace_ends_the_session(db: Database) -> None:
    first = token()
    await open_session(db, await make_user(db), first)
    done = await together(*(refresh(db, first, token(), grace=-1) for _ in range(2)))
    assert sorted(d["outcome"] for d in done) == ["ok", "reused"]
    assert await db.fetchval("select revoked_at is not null from sessions")


async def test_grace_ends(db: Database) -> None:
    first, second = token(), token()
    await open_session(db, await make_user(db), first)
    now = datetime.datetime.now(datetime.UTC)
    assert (await refresh(db, first, second, now))["outcome"] == "ok"
    late = now + datetime.timedelta(seconds=11)
    assert (await refresh(db, first, token(), late))["outcome"] == "reused"
    assert (await refresh(db, second, token(), late))["outcome"] == "unknown"


async def test_a_token_two_generations_old_is_a_copy_even_within_grace(db: Database) -> None:
    chain = [token() for _ in range(3)]
    await open_session(db, await make_user(db), chain[0])
    for old, new in itertools.pairwise(chain):
        assert (await refresh(db, old, new))["outcome"] == "ok"
    assert (await refresh(db, chain[0], token()))["outcome"] == "reused"


async def test_an_unknown_token_ends_nothing(db: Database) -> None:
    await open_session(db, await make_user(db), token())
    row = await refresh(db, token(), token())
    assert (row["outcome"], row["user_id"], row["session_id"]) == ("unknown", None, None)
    assert await db.fetchval("select count(*) from sessions where revoked_at is null") == 1


async def test_a_ban_and_a_login_at_once_leave_no_open_session(db: Database) -> None:
    for _ in range(5):
        user = await make_user(db)
        await together(
            db.fetchval("select ops.ban_user($1, 'spam')", user.username),
            *(open_session(db, user, token()) for _ in range(3)),
        )
        left = await db.fetchval("select count(*) from sessions where user_id = $1 and revoked_at is null", user.id)
        assert left == 0


async def test_one_link_used_twice_at_once_works_once(db: Database) -> None:
    user, link = await make_user(db, is_verified=False), token()
    await db.execute("select account.issue_mail_token($1, $2, 'reset', 60)", link, user.id)
    done = await together(*(db.fetchval("select account.reset_password($1, 'new')", link) for _ in range(4)))
    assert sorted(d.code if isinstance(d, AppError) else "ok" for d in done) == ["bad_token"] * 3 + ["ok"]


async def test_one_address_confirmed_twice_at_once_has_one_owner(db: Database) -> None:
    links = []
    for _ in range(4):
        user = await make_user(db, email="shared@example.com", is_verified=False)
        links.append(token())
        await db.execute("select account.issue_mail_token($1, $2, 'verify', 60)", links[-1], user.id)
    done = await together(*(db.fetchval("select account.verify_email($1)", link) for link in links))
    assert sorted(d.code if isinstance(d, AppError) else "ok" for d in done) == ["email_in_use"] * 3 + ["ok"]


@pytest.mark.parametrize(
    ("purpose", "used_for", "late_minutes"),
    [("verify", "reset", 0), ("reset", "verify", 0), ("reset", "reset", 31), ("verify", "verify", 31)],
)
async def test_a_link_is_good_for_its_purpose_and_its_time_only(
    db: Database, purpose: str, used_for: str, late_minutes: int
) -> None:
    user, link = await make_user(db, is_verified=False), token()
    await db.execute("select account.issue_mail_token($1, $2, $3, 1800)", link, user.id, purpose)
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=late_minutes)
    call = {"reset": "account.reset_password($1, 'new', $2)", "verify": "account.verify_email($1, $2)"}[used_for]
    with pytest.raises(AppError, match="bad_token"):
        await db.fetchval(f"select {call}", link, now)
    assert await db.fetchval("select password_hash from users") != "new"


async def test_a_link_dies_with_a_ban_a_new_address_or_a_new_password(db: Database) -> None:
    for change in (
        "select ops.ban_user($1, 'spam')",
        "update users set email = 'new' || id || '@example.com' where username = $1",
        "select account.change_password(id, 'x') from users where username = $1",
    ):
        user, link = await make_user(db), token()
        await db.execute("select account.issue_mail_token($1, $2, 'reset', 60)", link, user.id)
        await db.execute(change, user.username)
        with pytest.raises(AppError, match="bad_token"):
            await db.fetchval("select account.reset_password($1, 'new')", link)


async def test_every_ended_session_is_told_once(db: Database) -> None:
    user = await make_user(db)
    keep = await open_session(db, user, token())
    others = [await open_session(db, user, token()) for _ in range(3)]
    ended = await db.fetchval("select account.revoke_sessions($1, p_except => $2)", user.id, keep)
    assert set(ended) == set(others)
    assert await db.fetchval("select account.revoke_sessions($1, p_except => $2)", user.id, keep) == []
    told = await db.fetch("select data from rt.event where channel = $1", f"user:{user.id}")
    assert sorted(t["data"]["session_id"] for t in told) == sorted(map(str, others))


async def test_cleaning_takes_what_ended_and_nothing_else(db: Database) -> None:
    user = await make_user(db)
    kept, gone = await open_session(db, user, token()), await open_session(db, user, token())
    await db.execute("update sessions set expires_at = now() - interval '2 days' where id = $1", gone)
    for seconds in (60, -60):
        await db.execute("select account.issue_mail_token($1, $2, 'reset', $3)", token(), user.id, seconds)
    await db.execute("select util.hit('gone', 1, 0.001, now() - interval '1 minute'), util.hit('kept', 1, 3600)")
    assert [await db.fetchval("select account.clean(1000)") for _ in range(2)] == [3, 0]
    assert [r["id"] for r in await db.fetch("select id from sessions")] == [kept]
    assert await db.fetchval("select count(*) from refresh_tokens") == 1
    assert await db.fetchval("select count(*) from mail_tokens where expires_at > now()") == 1
    assert await db.fetchval("select string_agg(key, ' ') from util.rate") == "kept"


async def test_operators_change_roles_and_read_accounts(db: Database) -> None:
    user = await make_user(db, "Mod")
    await open_session(db, user, token())
    assert await db.fetchval("select ops.set_role('mod', 'moderator')") == "mod is now moderator"
    assert "1 sessions ended" in await db.fetchval("select ops.ban_user('MOD', 'spam')")
    row = await db.fetchrow("select * from ops.accounts where username = 'Mod'")
    assert row is not None
    assert (row["role"], row["is_banned"], row["ban_reason"], row["open_sessions"]) == ("moderator", True, "spam", 0)
    for wrong, code in (("set_role('mod', 'king')", "invalid"), ("ban_user('nobody', '')", "not_found")):
        with pytest.raises(AppError, match=code):
            await db.fetchval(f"select ops.{wrong}")


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("select 1 from users n where lower(n.username) = lower('X')", "users_username_lower"),
        (
            "select 1 from users u where lower(u.email) = lower('x') order by u.email_verified_at is null, u.id",
            "users_email",
        ),
        ("select 1 from sessions s where s.id = gen_random_uuid()", "sessions_pkey"),
        ("select 1 from refresh_tokens t where t.token_hash = '\\x00'", "refresh_tokens_pkey"),
        ("select id from sessions where expires_at < now() order by expires_at limit 9", "sessions_expires"),
    ],
)
async def test_hot_questions_use_their_index(db: Database, sql: str, index: str) -> None:
    async with db.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        await connection.execute("set local enable_bitmapscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"explain {sql}"))
    assert index in plan, plan


async def test_a_bucket_lets_the_burst_pass_and_then_the_rate(db: Database) -> None:
    async def hit(seconds: float, key: str = "k") -> float:
        at = NOW + datetime.timedelta(seconds=seconds)
        return float(await db.fetchval("select util.hit($1, 5, 10, $2)", key, at))

    assert [await hit(0) for _ in range(5)] == [0] * 5
    assert await hit(0) == pytest.approx(2)
    assert await hit(1.5) == pytest.approx(0.5)
    assert await hit(2) == 0
    assert await hit(2) == pytest.approx(2)
    assert await hit(2, "other") == 0
    assert [await hit(1000) for _ in range(6)] == [0, 0, 0, 0, 0, pytest.approx(2)]
    await db.execute("select util.forgive('k')")
    assert await hit(1000) == 0


async def test_a_bucket_counts_every_attempt_made_at_once(db: Database) -> None:
    waits = await together(*(db.fetchval("select util.hit('k', 5, 3600)") for _ in range(40)))
    assert sum(wait == 0 for wait in waits) == 5
