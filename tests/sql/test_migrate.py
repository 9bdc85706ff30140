"""The migrator and the function loader on a real server."""

from __future__ import annotations

import concurrent.futures
import shutil
from pathlib import Path

import psycopg
import pytest

from app.pg.migrate import SQL, MigrationError, migrate
from tests.cluster import Cluster


@pytest.fixture
def empty(cluster: Cluster) -> str:
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists empty with (force)")
        connection.execute("create database empty")
    return cluster.dsn("empty")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A small sql folder that a test may change."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "functions" / "util").mkdir(parents=True)
    (tmp_path / "migrations" / "0001_one.sql").write_text("create table one (id int);")
    (tmp_path / "functions" / "util" / "double.sql").write_text(
        "create function util.double(p int) returns int language sql as 'select p * 2'"
    )
    return tmp_path


def value(dsn: str, sql: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]


def test_twenty_starters_at_once_apply_each_file_once(empty: str) -> None:
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda _: migrate(empty), range(20)))
    names = sorted(path.name for path in (SQL / "migrations").glob("*.sql"))
    assert sorted(name for result in results for name in result.migrations) == names
    assert sum(bool(result.functions) for result in results) == 1


def test_a_second_run_does_nothing(empty: str) -> None:
    migrate(empty)
    again = migrate(empty)
    assert (again.migrations, again.functions) == ([], [])


def test_an_interrupted_run_leaves_whole_migrations_and_can_go_on(empty: str, files: Path) -> None:
    broken = files / "migrations" / "0002_two.sql"
    broken.write_text("create table two (id int); select 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, files)
    assert value(empty, "select to_regclass('two') is null and to_regclass('one') is not null") is True
    broken.write_text("create table two (id int);")
    assert migrate(empty, files).migrations == ["0002_two.sql"]


def test_a_changed_old_migration_is_refused(empty: str, files: Path) -> None:
    migrate(empty, files)
    (files / "migrations" / "0001_one.sql").write_text("create table one (id bigint);")
    with pytest.raises(MigrationError, match=r"0001_one\.sql was changed"):
        migrate(empty, files)


def test_editing_a_function_file_replaces_all_overloads(empty: str, files: Path) -> None:
    migrate(empty, files)
    (files / "functions" / "util" / "double.sql").write_text(
        "create function util.double(p bigint) returns bigint language sql as 'select p + p'"
    )
    assert migrate(empty, files).functions == ["util.double"]
    assert value(empty, "select count(*) from pg_proc where proname = 'double'") == 1


def test_a_removed_function_file_removes_the_function(empty: str, files: Path) -> None:
    migrate(empty, files)
    shutil.rmtree(files / "functions")
    migrate(empty, files)
    assert value(empty, "select count(*) from pg_proc where proname = 'double'") == 0


def test_a_broken_function_file_is_named(empty: str, files: Path) -> None:
    (files / "functions" / "util" / "double.sql").write_text("create function nonsense")
    with pytest.raises(MigrationError, match=r"util/double\.sql"):
        migrate(empty, files)
