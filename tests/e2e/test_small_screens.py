"""Small windows: nothing sticks out, and a phone on its side is all picture and chat."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.e2e import rooms, steps
from tests.e2e.conftest import NewPage

GUEST_PAGES = [
    "/",
    "/videos",
    "/lives",
    "/login",
    "/register",
    "/forgot-password",
    "/nowhere",
    "/videos?owner=nobody_x",
]
OWN_PAGES = [
    "/",
    "/dashboard",
    "/profile",
    "/following",
    "/videos/upload",
    "/lives/create",
    "/lives",
    "/lives/{live}",
    "/lives/{live}/stream",
]


def too_wide(page: Page, path: str) -> list[str]:
    page.goto(path)
    expect(page.locator("h1")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{path}: {out} px"] if out > 0 else []


@pytest.mark.parametrize("locale", ["en", "zh-TW", "ko"])
def test_nothing_scrolls_sideways_at_320_pixels(new_page: NewPage, locale: str) -> None:
    page = new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.add_init_script(f"localStorage.setItem('trunkline.locale', '{locale}')")
    wrong = [words for path in GUEST_PAGES for words in too_wide(page, path)]
    assert wrong == []


@pytest.mark.parametrize("locale", ["en", "zh-TW", "ko"])
def test_nothing_of_a_creator_scrolls_sideways_at_320_pixels(new_page: NewPage, locale: str) -> None:
    page = new_page()
    steps.register(page)
    live = rooms.make(page, "An evening in the meadow with a rather long title")
    page.add_init_script(f"localStorage.setItem('trunkline.locale', '{locale}')")
    page.set_viewport_size({"width": 320, "height": 640})
    wrong = [words for path in OWN_PAGES for words in too_wide(page, path.format(live=live))]
    assert wrong == []


def test_a_phone_on_its_side_shows_picture_and_chat_alone(new_page: NewPage) -> None:
    page = new_page("phone", has_touch=True, is_mobile=True)
    steps.register(page)
    live = rooms.make(page, "Evening")
    page.goto(f"/lives/{live}")
    expect(rooms.field(page)).to_be_visible()
    # Upright, whose it is stands between picture and chat.
    row = page.get_by_role("button", name="About this stream")
    expect(row).to_be_in_viewport()
    row.click()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    page.set_viewport_size({"width": 844, "height": 390})
    page.evaluate("scrollTo(0, 0)")
    stage, field = box(page.locator("[data-stage]")), box(rooms.field(page))
    assert (stage["y"], stage["height"]) == (0, 390)
    assert field["x"] >= stage["x"] + stage["width"]
    assert field["y"] + field["height"] <= 390
    expect(page.get_by_role("navigation", name="Main menu")).to_have_count(0)


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found
