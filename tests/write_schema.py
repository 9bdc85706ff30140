"""`make schema`: migrate an empty database and write the picture of its tables to sql/schema.sql."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.pg.migrate import migrate
from app.pg.schema import SCHEMA_FILE, dump
from tests.cluster import start_cluster


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, start_cluster(Path(folder)) as cluster:
        dsn = cluster.dsn("postgres")
        migrate(dsn)
        SCHEMA_FILE.write_text(dump(dsn, cluster.bin / "pg_dump"), encoding="utf-8")


if __name__ == "__main__":
    main()
