"""Whole processes inside a test: everything `open_deps` starts, as often as a test needs it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import pytest

from app.config import Settings
from app.deps import Deps
from app.main import open_deps
from tests.signals import be_patient


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nor may a worker take its lease for nearly over. Tests of that end it themselves."""
    return dataclasses.replace(settings, lease_seconds=60.0)


@pytest.fixture
async def deps(settings: Settings) -> AsyncIterator[Deps]:
    async with open_deps(settings) as opened:
        await opened.instance.joined.wait()
        yield opened


@pytest.fixture
async def other(settings: Settings) -> AsyncIterator[Deps]:
    """A second process on the same database."""
    async with open_deps(settings) as opened:
        await opened.instance.joined.wait()
        yield opened
