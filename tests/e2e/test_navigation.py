"""Ways between pages: back to the same place, nowhere while nothing answers, and never out of one's account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import steps
from tests.e2e.conftest import NewPage

PAGE = 24
PERSON = {"username": "ada", "display_name": "Ada", "avatar_url": None}


def card(number: int) -> dict[str, Any]:
    return {
        "id": f"video{number}",
        "title": f"Evening number {number}",
        "poster_url": None,
        "thumbnails_url": None,
        "duration_seconds": 60.0,
        "status": "ready",
        "visibility": "public",
        "is_playable": True,
        "view_count": 0,
        "resume_seconds": None,
        "published_at": "2026-01-01T00:00:00Z",
        "created_at": "2026-01-01T00:00:00Z",
        "owner": PERSON,
    }


def many_videos(page: Page) -> list[str]:
    """Answers lists of videos with six pages; gives what was asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        found = re.search(r"cursor=(\d+)", route.request.url)
        first = int(found[1]) if found else 0
        after = first + PAGE if first + PAGE < 6 * PAGE else None
        items = [card(number) for number in range(first, first + PAGE)]
        route.fulfill(json={"items": items, "next_cursor": str(after) if after else None})

    steps.ask_all(page)
    page.route(re.compile(r"/api/videos\?"), answer)
    return asked


def where(page: Page) -> int:
    return int(page.evaluate("Math.round(scrollY)"))


@pytest.mark.parametrize(("start", "size"), [("/videos", "phone"), ("/", "desktop")])
def test_back_shows_a_list_as_it_was_left(new_page: NewPage, start: str, size: str) -> None:
    page = new_page(size)
    asked = many_videos(page)
    page.goto(start)
    cards = page.get_by_role("link", name=re.compile("Evening number"))
    # Each time the end of the list comes into sight, the next page is asked for.
    while cards.count() < 3 * PAGE:
        before = cards.count()
        cards.last.scroll_into_view_if_needed()
        expect(cards).not_to_have_count(before)
    target = page.get_by_role("link", name=re.compile("Evening number 60"))
    target.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    place, count = where(page), cards.count()
    target.click()
    expect(page).to_have_url(re.compile("/videos/video60"))
    asked.clear()
    page.go_back()
    expect(target).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    assert (cards.count(), asked) == (count, [])
    assert abs(where(page) - place) < 5
    # A link, other than a step back, shows what is new.
    page.get_by_role("link", name="Live", exact=True).first.click()
    expect(page).to_have_url(re.compile("/lives"))
    page.get_by_role("link", name="Videos" if start == "/videos" else "Home", exact=True).first.click()
    steps.eventually(page, "document.querySelectorAll('a[href^=\"/videos/video\"]').length > 0")
    page.wait_for_load_state("networkidle")
    assert asked != []


def test_no_page_is_left_for_one_that_cannot_be_loaded(new_page: NewPage) -> None:
    page = new_page("phone")
    # As if the pages had not been loaded ahead yet.
    page.add_init_script("window.requestIdleCallback = () => 0")
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.stayed = true")
    page.context.set_offline(True)
    lives = page.get_by_role("link", name="Live", exact=True).last
    lives.click()
    expect(page.get_by_text("The page you asked for opens when the connection is back")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile("/lives"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Live")
    assert page.evaluate("window.stayed")


def test_a_page_whose_code_is_refused_waits_too(new_page: NewPage) -> None:
    """The browser believes that it is online, and nothing comes through."""
    page = new_page()
    page.add_init_script("window.requestIdleCallback = () => 0")
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.route(re.compile(r"/assets/|/health"), lambda route: route.abort())
    page.get_by_role("link", name="Live", exact=True).first.click()
    expect(page.get_by_text("The page you asked for opens when the connection is back")).to_be_visible()
    page.unroute(re.compile(r"/assets/|/health"))
    expect(page).to_have_url(re.compile("/lives"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Live")


def test_pages_are_there_before_the_connection_goes(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.wait_for_load_state("networkidle")
    steps.eventually(page, "performance.getEntriesByType('resource').some((one) => one.name.includes('NotFoundView'))")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.get_by_role("link", name="Live", exact=True).first.click()
    expect(page).to_have_url(re.compile("/lives"))


def test_a_service_that_breaks_signs_nobody_out(new_page: NewPage) -> None:
    page = new_page()
    person = steps.register(page)
    broken = re.compile("/api/auth/refresh")
    page.route(broken, lambda route: route.fulfill(status=502, body="bad gateway"))
    page.goto("/profile")
    expect(page.get_by_text("You are still signed in")).to_be_visible()
    expect(page).to_have_url(re.compile("/profile"))
    expect(page.get_by_role("link", name="Sign in")).to_have_count(0)
    page.unroute(broken)
    expect(page.get_by_label("Name", exact=False).first).to_be_visible()
    expect(page.get_by_text(person.email)).to_be_visible()
    expect(page).to_have_url(re.compile("/profile"))
