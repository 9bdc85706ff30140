"""`python -m app restored`, and what `/ready` says of a database that came to another system."""

from __future__ import annotations

from datetime import timedelta

import httpx
import psycopg
import pytest

from app.cli import main
from app.pg.pool import Database
from app.pg.stream import append
from tests.cluster import free_port
from tests.factories import log_in, make_user
from tests.sql.rows import enqueue, join


@pytest.fixture(autouse=True)
def environment(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)


async def test_a_new_era_begins_and_no_job_runs(
    db: Database, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    user = await make_user(db)
    headers = await log_in(client, user.username)
    await append(db, [("user:1", "test:event", {})])
    await enqueue(db, queue="mail", kind="mail")
    epoch = await db.fetchval("select rt.epoch()")
    assert main(["restored"]) == 0
    said = capsys.readouterr().out
    assert str((await db.fetchval("select last_at from rt.stream where channel = 'user:1'")).year) in said
    assert "sessions that hold: 1 (--end-sessions ends them)" in said
    assert await db.fetchval("select rt.epoch()") != epoch
    assert await db.fetchval("select bool_and(is_paused) from q.queue")
    assert await db.fetch("select * from q.turn($1, '{}', '{}', '{}', '{1,2,3}', '{10,10,10}')", await join(db)) == []
    assert (await client.get("/api/auth/sessions", headers=headers)).status_code == 200
    # Once more, as after a second restore to the same moment.
    again = await db.fetchval("select rt.epoch()")
    assert main(["restored", "--end-sessions"]) == 0
    assert "sessions that hold: 0" in capsys.readouterr().out
    assert await db.fetchval("select rt.epoch()") not in (epoch, again)


async def test_processes_that_still_run_are_told_of(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restored"]) == 0
    assert "stop them" not in capsys.readouterr().out
    await join(db)
    assert main(["restored"]) == 0
    assert "1 processes ran on it a moment ago: stop them" in capsys.readouterr().out


def test_an_absent_database_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    assert main(["restored"]) == 1
    assert "restored stopped" in capsys.readouterr().err


async def test_a_number_that_another_process_has_by_now_is_not_renewed(db: Database) -> None:
    """History went back before both had joined; the other one joined first after that."""
    hour = timedelta(hours=1)
    number = await db.fetchval("select rt.join('app@b:2', $1)", hour)
    assert await db.fetchval("select rt.renew($1, $2, '{}', 'app@a:1')", number, hour) is False
    assert await db.fetchval("select rt.renew($1, $2, '{}', 'app@b:2')", number, hour) is True


async def test_an_order_of_text_that_changed_is_said(client: httpx.AsyncClient, dsn: str) -> None:
    assert "collation" not in (await client.get("/ready")).json()["reasons"]
    with psycopg.connect(dsn, autocommit=True) as line:
        line.execute("update pg_database set datcollversion = '0' where datname = current_database()")
    answer = await client.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert "reindex" in answer.json()["reasons"]["collation"]
