"""One real PostgreSQL a session, one migrated template, one clone of it a test."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from starlette.applications import Starlette

from app.config import Settings
from app.main import build_app
from app.pg.migrate import migrate
from app.pg.pool import Database
from tests.cluster import Cluster, start_cluster

pytest_plugins = ["tests.servers", "tests.studio"]

TEMPLATE = "trunkline_template"
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of our own; TEST_PG_BIN names the folder of another version's programs."""
    bin_folder = os.environ.get("TEST_PG_BIN")
    with start_cluster(tmp_path_factory.mktemp("pg"), Path(bin_folder) if bin_folder else None) as running:
        yield running


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {TEMPLATE}".encode())
    migrate(cluster.dsn(TEMPLATE))
    return TEMPLATE


@contextlib.contextmanager
def new_database(cluster: Cluster, template: str) -> Iterator[str]:
    """The address of a fresh, migrated database, dropped at the end."""
    name = f"t{next(numbers)}"
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template} strategy file_copy".encode())
    yield cluster.dsn(name)
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def dsn(cluster: Cluster, template: str) -> Iterator[str]:
    with new_database(cluster, template) as address:
        yield address


@pytest.fixture
def settings(dsn: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # Nor do any come by the clock, in the middle of a test that counts its own.
    monkeypatch.setattr("app.main.SCHEDULES", [])
    for module in ("line", "listener"):
        monkeypatch.setattr(f"app.pg.{module}.CONNECT_SECONDS", 30.0)
    return dataclasses.replace(
        Settings(),
        database_url=dsn,
        secret_key="a test's key, long enough for everybody",
        log_level="warning",
        # A new connection takes its time on a machine that stands still for some seconds. Tests of the wait set it.
        db_acquire_seconds=30.0,
        # Tests run jobs themselves, when they want them: `worker.drain()`.
        serve_worker=False,
    )


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database.from_settings(settings, name="test")
    yield database
    await database.close()


@contextlib.asynccontextmanager
async def running_app(settings: Settings) -> AsyncIterator[Starlette]:
    """The real application with its lifespan run."""
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    async with running_app(settings) as built:
        yield built


@pytest.fixture
async def client(app: Starlette, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's view: cookies are kept; faults of ours are 500 answers, not exceptions."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as browser:
        yield browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's driver keeps an event loop running in the main thread: its tests come last."""
    items.sort(key=lambda item: "/e2e/" in item.path.as_posix())
