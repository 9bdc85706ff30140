"""`make test` runs everything, names every failure, and gives a second try only where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.suites import Report, Suite, run

FAILS = "def test_fails():\n    assert False\n"
PASSES = "def test_passes():\n    assert 1 + 1 == 2\n"
# Fails at its first run, as one that met a busy moment does.
FAILS_ONCE = """
from pathlib import Path

def test_fails_once():
    mark = Path(__file__).with_suffix(".ran")
    had_run = mark.exists()
    mark.touch()
    assert had_run
"""


def suite(tmp_path: Path, **files: str) -> Suite:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -q\n")
    for name, text in files.items():
        folder, _, test = name.partition("__")
        path = tmp_path / "tests" / folder / f"test_{test}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Suite("a suite", ["tests"], tmp_path)


def test_every_failure_is_named_and_passes_are_not(tmp_path: Path) -> None:
    report = Report()
    run(suite(tmp_path, sql__a=FAILS, sql__b=PASSES, pg__c=FAILS), report)
    assert report.failed == ["tests/pg/test_c.py::test_fails (a suite)", "tests/sql/test_a.py::test_fails (a suite)"]
    assert report.flaky == []


@pytest.mark.parametrize("folder", ["faults", "e2e"])
def test_a_fault_or_browser_test_that_passes_alone_is_told_as_flaky(tmp_path: Path, folder: str) -> None:
    report = Report()
    run(suite(tmp_path, **{f"{folder}__a": FAILS_ONCE, f"{folder}__b": FAILS}), report)
    assert report.flaky == [f"tests/{folder}/test_a.py::test_fails_once"]
    assert report.failed == [f"tests/{folder}/test_b.py::test_fails (a suite)"]
    assert report.lines() == [f"FLAKY {report.flaky[0]}", f"FAILED {report.failed[0]}"]


def test_any_other_test_has_one_try(tmp_path: Path) -> None:
    report = Report()
    run(suite(tmp_path, routes__a=FAILS_ONCE), report)
    assert report.failed == ["tests/routes/test_a.py::test_fails_once (a suite)"]


def test_a_file_that_cannot_be_read_or_no_test_at_all_fails(tmp_path: Path) -> None:
    broken, empty = Report(), Report()
    run(suite(tmp_path / "a", sql__a="import nothing_of_that_name\n", sql__b=PASSES), broken)
    run(suite(tmp_path / "b", sql__a="x = 1\n"), empty)
    assert any("tests/sql/test_a.py" in line for line in broken.failed)
    assert empty.failed == ["a suite: pytest ended with 5"]


def test_a_failure_does_not_keep_later_suites_from_running(tmp_path: Path) -> None:
    report = Report()
    command = Suite("units", ["false"], tmp_path, of_pytest=False)
    for each in (command, suite(tmp_path, sql__a=FAILS)):
        run(each, report)
    assert report.failed == ["units", "tests/sql/test_a.py::test_fails (a suite)"]
