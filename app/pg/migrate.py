"""Migrations and SQL functions: what `python -m app migrate` does.

Under one advisory lock: each new file of sql/migrations runs in its own transaction with a lock timeout and
its checksum stored (a changed old file is an error); then, in one transaction, every changed file of
sql/functions is re-applied after dropping all overloads of its name. The file name is the function's name,
its folder the schema, so editing the file is the whole change. At last the bus gets its next days' tables.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.pg.operators import connect

SQL = Path(__file__).parent.parent.parent / "sql"
# Any fixed number: all starters of one database meet on it.
LOCK = 7_283_645_019
LOCK_TIMEOUT = "4s"


class MigrationError(Exception):
    """The files and the database disagree; the message says which file."""


@dataclass(frozen=True)
class Result:
    """What one run did: names of migrations applied and of functions (re)loaded."""

    migrations: list[str]
    functions: list[str]


def checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def migrate(dsn: str, sql: Path = SQL) -> Result:
    """Bring the database up to date. Raises MigrationError, psycopg.Error. Safe to start many times at once."""
    with connect(dsn, "trunkline:migrate", autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        try:
            prepare(connection)
            result = Result(run_migrations(connection, sql), load_functions(connection, sql))
            if (sql / "functions" / "rt" / "ensure_partitions.sql").exists():
                connection.execute("select rt.ensure_partitions()")
            return result
        finally:
            connection.execute("select pg_advisory_unlock(%s)", [LOCK])


def prepare(connection: psycopg.Connection) -> None:
    connection.execute("create schema if not exists util")
    connection.execute(
        "create table if not exists util.migration"
        " (name text primary key, checksum text not null, applied_at timestamptz not null default now())"
    )
    connection.execute(
        "create table if not exists util.function_file"
        " (name text primary key, checksum text not null, applied_at timestamptz not null default now())"
    )


def run_migrations(connection: psycopg.Connection, sql: Path) -> list[str]:
    known: dict[str, str] = dict(connection.execute("select name, checksum from util.migration").fetchall())
    done = []
    for path in sorted((sql / "migrations").glob("*.sql")):
        if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", path.name):
            raise MigrationError(f"{path.name}: a migration is named NNNN_what_it_does.sql")
        text = path.read_text(encoding="utf-8")
        if path.name in known:
            if known[path.name] != checksum(text):
                raise MigrationError(f"{path.name} was changed after it ran; write a new migration instead")
            continue
        with connection.transaction():
            connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'".encode())
            connection.execute(text.encode())
            connection.execute(
                "insert into util.migration (name, checksum) values (%s, %s)", [path.name, checksum(text)]
            )
        done.append(path.name)
    return done


def function_files(sql: Path) -> Iterator[tuple[str, Path]]:
    """("schema.name", file) of each function and view file."""
    for path in sorted((sql / "functions").glob("*/*.sql")):
        yield f"{path.parent.name}.{path.stem}", path


def load_functions(connection: psycopg.Connection, sql: Path) -> list[str]:
    known: dict[str, str] = dict(connection.execute("select name, checksum from util.function_file").fetchall())
    files = {name: path.read_text(encoding="utf-8") for name, path in function_files(sql)}
    changed = [name for name, text in files.items() if known.get(name) != checksum(text)]
    gone = [name for name in known if name not in files]
    if not changed and not gone:
        return []
    with connection.transaction():
        connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'".encode())
        connection.execute("set local check_function_bodies = off")
        for name in [*gone, *changed]:
            drop(connection, *name.split("."))
        for name in gone:
            connection.execute("delete from util.function_file where name = %s", [name])
        for name in changed:
            try:
                connection.execute(files[name].encode())
            except psycopg.Error as error:
                raise MigrationError(f"sql/functions/{name.replace('.', '/')}.sql: {error}") from error
            connection.execute(
                "insert into util.function_file (name, checksum) values (%s, %s)"
                " on conflict (name) do update set checksum = excluded.checksum, applied_at = now()",
                [name, checksum(files[name])],
            )
    return changed


def drop(connection: psycopg.Connection, schema: str, name: str) -> None:
    """Drop every overload of a function, and a view of that name."""
    rows = connection.execute(
        "select format('drop %%s %%s', case p.prokind when 'p' then 'procedure' else 'function' end,"
        " p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = %s and p.proname = %s"
        " union all select format('drop view %%I.%%I', schemaname, viewname) from pg_views"
        " where schemaname = %s and viewname = %s",
        [schema, name, schema, name],
    ).fetchall()
    for (statement,) in rows:
        connection.execute(statement.encode())
