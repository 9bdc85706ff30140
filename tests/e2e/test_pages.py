"""Every page, in both themes and at both widths: usable by everybody, nothing sticks out, the console is silent."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect

from tests.e2e import steps
from tests.e2e.conftest import SIZES, NewPage
from tests.e2e.product import Product, until
from tests.house.files import ROOT

GUEST_PAGES = ["/", "/videos", "/login", "/register", "/forgot-password", "/nowhere"]
Theme = Literal["dark", "light"]
THEMES: tuple[Theme, ...] = ("dark", "light")
OWN_PAGES = ["/", "/dashboard", "/profile", "/following", "/videos/upload", "/videos/{video}", "/@{person}"]


@functools.cache
def axe() -> str:
    return (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def look(page: Page, path: str) -> list[str]:
    """What is wrong with the page in either theme as it stands, in words."""
    page.goto(path)
    expect(page.locator("h1")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    page.evaluate(axe())
    wrong = [words for theme in THEMES for words in violations(page, path, theme)]
    sticks_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wrong + ([f"{path}: {sticks_out} px too wide"] if sticks_out > 0 else [])


def paint(page: Page, theme: Theme) -> None:
    """The page in this theme, once its colours have faded over."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    # One that inherits a fading colour begins to fade itself when that is over.
    page.evaluate(
        """async () => {
          const fading = () => document.getAnimations().filter((one) => one instanceof CSSTransition)
          for (let round = 0; round < 5 && fading().length > 0; round++)
            await Promise.allSettled(fading().map((one) => one.finished))
        }"""
    )


def violations(page: Page, path: str, theme: Theme) -> list[str]:
    paint(page, theme)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{path}, {theme}: {v['id']} {[node['html'][:120] for node in v['nodes']][:3]}"
        for v in found["violations"]
        if v["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_guests(new_page: NewPage, size: str) -> None:
    page = new_page(size)
    assert [problem for path in GUEST_PAGES for problem in look(page, path)] == []


@pytest.fixture(scope="module")
def video(product: Product, new_module_page: NewPage) -> tuple[steps.Person, str]:
    """Somebody with a published video."""
    page = new_module_page()
    person = steps.register(page)
    steps.upload(page)
    steps.describe(page, "A rabbit in a meadow")
    name = steps.video_id(page)
    steps.wait_until_ready(page, product, name)
    return person, name


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_creator(new_page: NewPage, video: tuple[steps.Person, str], size: str) -> None:
    person, name = video
    page = new_page(size)
    steps.sign_in(page, person)
    assert [problem for path in OWN_PAGES for problem in look(page, path.format(video=name, person=person.name))] == []


def test_a_channel_is_reached_from_its_video_and_followed(new_page: NewPage, video: tuple[steps.Person, str]) -> None:
    creator, name = video
    page = new_page("phone")
    steps.register(page)
    page.goto(f"/videos/{name}")
    page.get_by_role("link", name=creator.name, exact=True).first.click()
    expect(page).to_have_url(re.compile(f"/@{creator.name}$"))
    expect(page.get_by_role("heading", level=1, name=creator.name)).to_be_visible()
    expect(page.get_by_role("link", name="A rabbit in a meadow")).to_be_visible()
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_text("1 follower")).to_be_visible()
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("menuitem", name="Following").click()
    expect(page.get_by_role("heading", level=1, name="Following")).to_be_visible()
    expect(page.get_by_role("link", name="A rabbit in a meadow")).to_be_visible()
    page.go_back()
    page.get_by_role("main").get_by_text("Live", exact=True).click()
    expect(page.get_by_text("has not broadcast anything yet")).to_be_visible()
    page.goto(f"/videos?owner={creator.name}")
    expect(page).to_have_url(re.compile(f"/@{creator.name}$"))
    expect(page.get_by_text("1 follower")).to_be_visible()
    page.goto("/@nobody_at_all")
    expect(page.get_by_role("heading", name="Not found")).to_be_attached()


def test_words_can_be_read_where_somebody_points(new_page: NewPage, video: tuple[steps.Person, str]) -> None:
    person, name = video
    page = new_page()
    page.goto("/login")
    wrong = unreadable(page)
    steps.sign_in(page, person)
    for path in (*OWN_PAGES, "/lives/create"):
        page.goto(path.format(video=name, person=person.name))
        page.wait_for_load_state("networkidle")
        wrong += [f"{path}: {words}" for words in unreadable(page)]
    assert wrong == []


def unreadable(page: Page) -> list[str]:
    """Buttons and links whose words are too pale in one of the themes while the pointer is on them."""
    page.evaluate(axe())
    found = []
    for one in page.locator("main button:visible, main a:visible").all():
        one.hover(force=True)
        for theme in THEMES:
            paint(page, theme)
            found += one.evaluate(
                """async (element) => {
                  const found = await axe.run(element, {runOnly: ['color-contrast']})
                  return found.violations.flatMap((one) => one.nodes.map((node) => node.failureSummary))
                }"""
            )
    return found


def test_news_that_overtake_an_answer_are_kept(new_page: NewPage, tmp_path: Path) -> None:
    """A file that is no video fails within moments: here before the page has the answer to its first question."""
    lie = tmp_path / "holiday.mp4"
    lie.write_text("<html>not a video</html>" * 1000)
    page = new_page()
    steps.register(page)
    held: list[str] = []

    def hold_first(route: Route) -> None:
        if held or route.request.method != "GET":
            return route.continue_()
        held.append(route.request.url)
        old = route.fetch()
        until(lambda: route.fetch().json()["status"] == "failed", "the video to fail")
        return route.fulfill(response=old)

    page.route(re.compile(r"/api/videos/\w+$"), hold_first)
    steps.upload(page, lie)
    expect(page.get_by_text("This video could not be processed")).to_be_visible(timeout=steps.READY_MILLISECONDS)
    assert held


def test_a_forgotten_password_is_reset_by_mail(product: Product, new_page: NewPage) -> None:
    person = steps.register(new_page())
    page = new_page()
    page.goto("/forgot-password")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Check your e-mail")).to_be_visible()
    page.goto(steps.mailed_link(product, person, "reset-password"))
    page.get_by_label("New password", exact=True).fill("eight louder rabbits")
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    steps.sign_in(page, person, "eight louder rabbits")


def test_a_video_whose_sound_the_browser_refuses_plays_without(
    new_page: NewPage, video: tuple[steps.Person, str]
) -> None:
    page = new_page()
    page.add_init_script(
        """const play = HTMLMediaElement.prototype.play
        HTMLMediaElement.prototype.play = function () {
          if (this.muted || window.allowed) return play.call(this)
          return Promise.reject(new DOMException('touch the page first', 'NotAllowedError'))
        }"""
    )
    page.goto(f"/videos/{video[1]}")
    pill = page.get_by_role("button", name="Tap for sound")
    expect(pill).to_be_visible()
    assert page.evaluate("(({paused, muted}) => [paused, muted])(document.querySelector('video'))") == [False, True]
    pill.click()
    expect(pill).to_have_count(0)
    assert page.evaluate("document.querySelector('video').muted") is False


def test_a_fault_of_the_service_is_not_blamed_on_the_viewer(new_page: NewPage, video: tuple[steps.Person, str]) -> None:
    page = new_page()
    page.route(
        re.compile("/playback"),
        lambda route: route.fulfill(status=500, json={"error": "internal", "message": "", "request_id": "req-12345"}),
    )
    page.goto(f"/videos/{video[1]}")
    expect(page.get_by_text("The fault is on our side")).to_be_visible()
    expect(page.get_by_text("req-12345")).to_be_visible()


def test_the_menu_says_what_is_chosen_and_the_browsers_bar_follows(new_page: NewPage) -> None:
    page = new_page(color_scheme="dark")
    page.goto("/")
    page.get_by_role("button", name="Theme and language").click()
    light = page.get_by_role("menuitemradio", name="Light")
    expect(light).to_have_attribute("aria-checked", "false")
    expect(page.get_by_role("menuitemradio", name="English")).to_have_attribute("aria-checked", "true")
    light.click()
    colours = "[...document.querySelectorAll('meta[name=theme-color]')].map((one) => one.content)"
    assert page.evaluate(colours) == ["#f6f7f9", "#f6f7f9"]
    page.get_by_role("button", name="Theme and language").click()
    expect(light).to_have_attribute("aria-checked", "true")


def test_nobodys_channel_is_no_page(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/videos?owner=nobody_at_all")
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()


def test_without_javascript_the_page_says_so_at_its_top(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    # Looking for texts, Playwright passes over this element.
    words = page.locator("noscript p").last
    expect(words).to_have_text(re.compile("Please switch it on for this site"))
    expect(words).to_be_in_viewport()


def test_words_stand_below_the_player_however_much_is_related(
    new_page: NewPage, video: tuple[steps.Person, str]
) -> None:
    """A long column beside the player must not push its title down."""
    page = new_page()

    def many(route: Route) -> None:
        answer = route.fetch().json()
        card = page.request.get(f"/api/videos/{video[1]}").json()
        answer["items"] = [{**card, "id": f"related{n}"} for n in range(20)]
        route.fulfill(json=answer)

    page.route(re.compile(r"/related"), many)
    page.goto(f"/videos/{video[1]}")
    expect(page.get_by_role("link", name=re.compile("A rabbit"))).to_have_count(20)
    player, title = box(page.get_by_label("Video player")), box(page.get_by_role("heading", level=1))
    assert 0 < title["y"] - (player["y"] + player["height"]) < 40


@pytest.mark.parametrize("width", [768, 1280])
def test_what_does_not_fit_into_the_strip_cannot_be_reached(
    new_page: NewPage, video: tuple[steps.Person, str], width: int
) -> None:
    """By keyboard one would stand on links that nobody sees."""
    page = new_page()
    page.set_viewport_size({"width": width, "height": 800})

    def many(route: Route) -> None:
        card = page.request.get(f"/api/videos/{video[1]}").json()
        items = [{**card, "id": f"popular{n}", "view_count": 100 - n} for n in range(8)]
        route.fulfill(json={"items": items, "next_cursor": None})

    steps.ask_all(page)
    page.route(re.compile(r"/api/videos\?.*sort=popular"), many)
    page.goto("/")
    strip = page.locator("section[aria-labelledby=home-popular] ul")
    links = strip.get_by_role("link")
    expect(links.first).to_be_visible()
    assert links.count() > 1
    bottom = box(strip)["y"] + box(strip)["height"]
    assert [link for link in links.all() if box(link)["y"] > bottom] == []


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def test_the_next_video_follows_unless_somebody_says_no(new_page: NewPage, video: tuple[steps.Person, str]) -> None:
    page = new_page()

    def one(route: Route) -> None:
        card = route.fetch(url=re.sub("/videos/.*", "/videos", route.request.url)).json()["items"][0]
        route.fulfill(json={"items": [card | {"id": "AAAAAAAAAAAA", "title": "What comes next"}]})

    page.route(re.compile("/related"), one)
    page.goto(f"/videos/{video[1]}")
    offer = page.get_by_role("region", name="Up next")
    expect(page.get_by_role("link", name="What comes next")).to_be_visible()
    expect(page.locator("video")).to_have_js_property("paused", False)
    page.keyboard.press("End")
    expect(offer).to_contain_text("What comes next")
    offer.get_by_role("button", name="Cancel").click()
    expect(offer).to_have_count(0)
    page.locator(".player-start").click()
    expect(page.locator("video")).to_have_js_property("ended", False)
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("/videos/AAAAAAAAAAAA$"))
