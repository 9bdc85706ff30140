"""Garbage that refers to itself goes, a portion at a time; what was set aside goes when much of it has gathered."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from app import sweep
from app.sweep import Sweeper


@pytest.fixture(autouse=True)
def python_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    # Servers of other tests live on in threads of this process: what they make must not set off a collection here.
    gc.disable()
    yield
    gc.enable()
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Knot:
    """Refers to itself, so that only the collector finds it."""

    def __init__(self) -> None:
        self.me = self


def tie() -> tuple[Knot, weakref.ref[Knot]]:
    knot = Knot()
    return knot, weakref.ref(knot)


def pass_over_the_middle() -> None:
    gc.collect(1)


def test_what_came_and_went_since_the_last_time_is_collected() -> None:
    sweeper = Sweeper()
    knot, seen = tie()
    pass_over_the_middle()
    del knot
    # It is too old now for what Python does by itself.
    pass_over_the_middle()
    assert seen() is not None
    assert not sweeper.run_once()
    assert seen() is None


def test_nothing_is_walked_while_hardly_anything_is_made() -> None:
    sweeper = Sweeper()
    pass_over_the_middle()
    sweeper.run_once()
    knot, seen = tie()
    del knot
    assert not sweeper.run_once()
    assert seen() is not None


def test_what_survives_is_set_aside_and_not_walked_again() -> None:
    sweeper = Sweeper()
    knot, seen = tie()
    pass_over_the_middle()
    before = gc.get_freeze_count()
    sweeper.run_once()
    assert gc.get_freeze_count() > before
    del knot
    gc.collect()
    assert seen() is not None


def test_what_was_set_aside_is_walked_when_it_has_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "LEAST_OBJECTS", 0)
    sweeper = Sweeper()
    knot, seen = tie()
    crowd = [[n] for n in range(2 * gc.get_freeze_count())]
    pass_over_the_middle()
    assert not sweeper.run_once()
    del knot, crowd
    # Counting references freed the crowd: there is not twice as much any more.
    pass_over_the_middle()
    assert not sweeper.run_once()
    assert seen() is not None
    crowd = [[n] for n in range(2 * gc.get_freeze_count())]
    for _ in range(2):
        pass_over_the_middle()
        is_full = sweeper.run_once()
    del crowd
    assert is_full
    assert seen() is None


def test_python_walks_everything_by_itself_no_more() -> None:
    Sweeper()
    assert gc.get_threshold()[2] == sweep.NEVER
