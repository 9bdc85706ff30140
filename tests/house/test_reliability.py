"""docs/reliability.md and docs/security.md have a row for every fault and attack, and name tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.house.files import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = [
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F9",
    "F10",
    "F17",
    "F18",
    "F19",
    "F22",
    "F26",
    "F27",
    "F28",
    "F29",
]
MODES = [str(n) for n in range(1, 28)]
FROM_THE_WORLD = [f"W{n}" for n in range(1, 21)]
ATTACKS = [f"S{n}" for n in range(1, 25)]
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("number", PROMISED + MODES + FROM_THE_WORLD)
def test_every_fault_has_a_row_with_a_test_and_what_it_asserts(number: str) -> None:
    rows = [row for row in ROWS if row[0] == number]
    assert any(row[2].startswith("`tests/") for row in rows)
    assert all(row[1] and row[3] for row in rows)


@pytest.mark.parametrize("number", ATTACKS)
def test_every_attack_has_a_row_with_what_holds_it_and_a_test(number: str) -> None:
    rows = [line.strip("|").split("|") for line in SECURITY.splitlines() if line.startswith(f"| {number} |")]
    assert rows
    assert all(len(row) == 4 and row[2].strip() and "`tests/" in row[3] for row in rows)


def test_a_row_without_a_test_says_so() -> None:
    for row in ROWS:
        cells = " ".join(row)
        assert "`tests/" in cells or "not covered" in cells or row[0] in ("no", "fault"), cells


def test_every_test_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE + SECURITY)
    assert len(named) > len(PROMISED + MODES)
    for path, name in named:
        assert re.search(rf"def {name}\(", (ROOT / path).read_text(encoding="utf-8")), f"{path}::{name}"
