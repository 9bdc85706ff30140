"""docs/reliability.md has a row for every fault that was promised, and names tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.house.files import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F9", "F10", "F17", "F18", "F19", "F22", "F26", "F27", "F28"]
MODES = [str(n) for n in range(1, 28)]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("number", PROMISED + MODES)
def test_every_fault_has_a_row_with_a_test_and_what_it_asserts(number: str) -> None:
    rows = [row for row in ROWS if row[0] == number]
    assert any(row[2].startswith("`tests/") for row in rows)
    assert all(row[1] and row[3] for row in rows)


def test_a_row_without_a_test_says_so() -> None:
    for row in ROWS:
        cells = " ".join(row)
        assert "`tests/" in cells or "not covered" in cells or row[0] in ("no", "fault"), cells


def test_every_test_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
    assert len(named) > len(PROMISED + MODES)
    for path, name in named:
        assert re.search(rf"def {name}\(", (ROOT / path).read_text(encoding="utf-8")), f"{path}::{name}"
