"""What the documents say is what the code does."""

from __future__ import annotations

import re

import pytest

from app.errors import AppError
from app.pg.pool import Database
from app.realtime import protocol
from app.routes.publish import PUBLISHES
from tests.house.files import ROOT

OPS = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
EXAMPLES = [
    statement.strip()
    for block in re.findall(r"```sql\n(.*?)```", OPS, re.S)
    for statement in block.split(";\n")
    if statement.strip()
]


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example_for_operators_runs(db: Database, example: str) -> None:
    """On an empty database: a refusal of ours (no such job) is an answer, an error of PostgreSQL's is not."""
    try:
        await db.execute(example)
    except AppError as error:
        assert error.status == 404, error.message  # noqa: PT017  other errors must surface


def test_the_page_of_the_socket_lists_every_operation_and_close_code() -> None:
    page = (ROOT / "docs" / "realtime.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z]+)` \| ([^|]*)\|", page, re.M))
    operations = {str(op.__struct_config__.tag): op.__struct_fields__ for op in protocol.OPS}
    assert {name: tuple(re.findall(r"`(\w+)`", fields)) for name, fields in listed.items()} == {
        name: tuple(field for field in fields if field != "id") for name, fields in operations.items()
    }
    for code in (getattr(protocol, name) for name in ("RESTARTING", "SESSION_ENDED", "IDLE", "TOO_FAST", "NOT_TEXT")):
        assert re.search(rf"^\| [^|]*{code}", page, re.M)


def test_the_page_of_the_socket_lists_every_event_and_all_that_can_be_published() -> None:
    page = (ROOT / "docs" / "realtime.md").read_text(encoding="utf-8")
    rows = [re.match(r"^\| ([^|]*) \|", line) for line in page.splitlines()]
    named = {name for row in rows if row for name in re.findall(r"`([a-z]+:[a-z]+)`", row[1])}
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sql" / "functions").rglob("*.sql"))
    assert set(re.findall(r"'((?:video|session|live|chat):[a-z]+)'", code)) - named == set()
    section = page.split("### What can be published")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+:[a-z]+)` \|", section, re.M)) == set(PUBLISHES)


def test_the_states_of_jobs_are_those_of_the_view() -> None:
    view = (ROOT / "sql" / "functions" / "ops" / "jobs.sql").read_text(encoding="utf-8")
    in_view = set(re.findall(r"'(ready|running|orphaned|scheduled|retrying|dead|[a-z]+)'", view)) - {"pg_catalog"}
    section = (ROOT / "docs" / "states.md").read_text(encoding="utf-8").split("## Jobs")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", section, re.M)) == in_view
