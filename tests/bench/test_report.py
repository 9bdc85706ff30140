"""docs/benchmarks.md is what the stored results say."""

from __future__ import annotations

import re

from bench.report import PAGE, bar_line, render
from bench.result import NO_FIGURE, Bar, Result, cost_ratio, load_all, ratio
from tests.house.files import ROOT

FIRST_BAR = re.compile(r"^\| measure \|.*", re.MULTILINE)


def test_the_page_is_written_from_the_results() -> None:
    page = PAGE.read_text()
    # Above the bars stands what the measuring machine said of itself.
    found = FIRST_BAR.search(page)
    assert found
    assert page[found.start() :] == render(load_all())


def test_every_picture_is_there() -> None:
    pictures = [name for result in load_all() for name in result.pictures]
    assert pictures
    assert [name for name in pictures if not (ROOT / f"docs/images/bench-{name}.svg").exists()] == []


def test_a_result_becomes_a_table_with_its_notes() -> None:
    result = Result("1-a", "A race", ["who", "how fast"], [["us", "9"]], [Bar("us ÷ them", 3, 4, True)], ["a note"])
    text = render([result])
    assert "| us ÷ them | 3 | ≥ 4 | **missed** |" in text
    assert "## A race\n\n| who | how fast |\n|---|---|\n| us | 9 |\n\n- a note\n" in text


def test_a_bar_says_which_side_is_good() -> None:
    assert bar_line(Bar("x", 4, 4, True)) == "| x | 4 | ≥ 4 | met |"
    assert bar_line(Bar("x", 4, 4, False)) == "| x | 4 | ≤ 4 | met |"
    assert bar_line(Bar("x", 5, 4, False)) == "| x | 5 | ≤ 4 | **missed** |"


def test_a_side_without_a_figure_meets_no_bar() -> None:
    assert not Bar("x", ratio(9, 0), 4, True).is_met
    assert not Bar("x", cost_ratio(9, -1.0), 1.5, False).is_met
    assert cost_ratio(-1.0, 9) == NO_FIGURE
