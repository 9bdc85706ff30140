"""`sql/schema.sql`: the tables as they are now, in one committed text that a test compares."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from app.pg.migrate import SQL

HEADER = "-- The tables as they are now. Written by `make schema` from sql/migrations; do not edit.\n\n"
# Partitions are made day by day; functions and views are files of their own.
LEAVE_OUT = re.compile(r"^(--|SET |SELECT pg_catalog\.|\\(un)?restrict)")
SCHEMA_FILE = SQL / "schema.sql"


def dump(dsn: str, pg_dump: Path) -> str:
    """The schema of a freshly migrated database, without functions, views and daily partitions.

    Raises subprocess.CalledProcessError when pg_dump fails.
    """
    command = [str(pg_dump), "--schema-only", "--no-owner", "--no-privileges", "--no-tablespaces", "--no-comments"]
    command += ["--exclude-table=rt.event_*", "--exclude-schema=ops", "--exclude-extension=*", dsn]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  fixed words
    statements = re.split(r"\n\n\n+", "\n".join(line for line in text.splitlines() if not LEAVE_OUT.match(line)))
    kept = [s.strip() for s in statements if s.strip() and not is_code(s)]
    return HEADER + "\n\n".join(kept) + "\n"


def is_code(statement: str) -> bool:
    return bool(re.match(r"\s*CREATE (OR REPLACE )?(FUNCTION|VIEW|PROCEDURE)", statement))
