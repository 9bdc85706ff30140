"""A creator's lives: made, put on air, seen by others, kept in order from the console, ended."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import steps
from tests.e2e.conftest import SIZES, NewPage
from tests.e2e.product import until
from tests.e2e.rooms import choose, confirm, field, make, message, messages, say
from tests.e2e.test_pages import look

# What is felt as calm: https://web.dev/articles/cls names 0.1 as good.
MOST_SHIFT = 0.05

LINK = "https://example.org/loom"


def section(page: Page, heading: str) -> Locator:
    """The part of the console under a heading."""
    return page.get_by_role("region", name=heading)


def test_a_planned_live_is_counted_down_and_started_from_the_console(new_page: NewPage) -> None:
    page, guest = new_page(), new_page("phone")
    person = steps.register(page)
    title = f"Evening talk by {person.name}"
    page.goto("/lives/create")
    page.get_by_label("Title").fill(title)
    page.get_by_text("Schedule", exact=True).click()
    page.get_by_role("button", name="Schedule the stream").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your stream is planned")

    guest.goto("/lives?show=upcoming")
    card = guest.get_by_role("article").filter(has_text=title)
    expect(card.get_by_role("timer")).to_have_text(re.compile(r"Starts in \d:\d\d:\d\d"))

    guest.goto("/lives?show=live")
    expect(guest.get_by_role("article").filter(has_text=title)).to_have_count(0)
    page.get_by_role("link", name="Go to the console").click()
    page.get_by_role("button", name="Start the stream").click()
    confirm(page, "Go on air")
    expect(page.get_by_role("status").filter(has_text="On air")).to_be_visible()
    # The guest's list looks after itself, every ten seconds.
    expect(guest.get_by_role("article").filter(has_text=title)).to_be_visible(timeout=60_000)


def test_the_stream_key_is_shown_once(new_page: NewPage) -> None:
    page = new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    steps.register(page)
    live = make(page, "Keys and locks")
    key = page.get_by_label("Stream key", exact=True).input_value()
    page.get_by_role("button", name="Copy Stream key").click()
    until(lambda: page.evaluate("navigator.clipboard.readText()") == key, "the key to be copied", seconds=30)

    page.goto(f"/lives/{live}/stream")
    encoder = section(page, "Set up your encoder")
    expect(encoder).to_contain_text(key[-4:])
    assert key not in page.content()
    page.get_by_role("button", name="New key").click()
    confirm(page, "Make a new key")
    expect(page.get_by_text("Copy the key now")).to_be_visible()
    new = page.get_by_label("Stream key", exact=True).input_value()
    assert new != key
    page.reload()
    expect(encoder).to_contain_text(new[-4:])
    assert new not in page.content()


def test_what_a_creator_changes_reaches_the_viewers(new_page: NewPage) -> None:
    creator, viewer, guest = new_page(), new_page("phone"), new_page()
    steps.register(creator)
    person = steps.register(viewer)
    live = make(creator, "Looms and engines")
    creator.goto(f"/lives/{live}/stream")
    viewer.goto(f"/lives/{live}")
    guest.goto(f"/lives/{live}")
    expect(viewer.get_by_role("main").get_by_role("textbox")).to_be_visible()

    is_open = creator.get_by_role("switch", name="Chat is open")
    is_open.click()
    expect(viewer.get_by_role("main").get_by_role("textbox")).to_have_count(0)
    is_open.click()
    expect(viewer.get_by_role("main").get_by_role("textbox")).to_be_visible()

    creator.get_by_label("Links").select_option(label="Held for review")
    expect(section(creator, "Activity log")).to_contain_text("Links: Held for review")
    say(viewer, f"look at {LINK}")
    queue = section(creator, "Waiting for review")
    expect(queue).to_contain_text(LINK)
    expect(guest.get_by_text(LINK)).to_have_count(0)
    queue.get_by_role("button", name=f"Approve the message by {person.name}").click()
    expect(guest.get_by_text(LINK).first).to_be_visible()
    expect(queue).to_contain_text("Nothing is waiting.")

    creator.get_by_label("Blocked words").fill("zebra")
    creator.get_by_role("button", name="Save the words").click()
    expect(section(creator, "Activity log")).to_contain_text("Blocked words")
    say(viewer, "a zebra crosses")
    queue.get_by_role("button", name=f"Reject the message by {person.name}").click()
    expect(section(creator, "Activity log")).to_contain_text(f"rejected a message by {person.name}")
    expect(guest.get_by_text("a zebra crosses")).to_have_count(0)

    section(creator, "Details").get_by_role("button", name="Edit").click()
    creator.get_by_label("Title").fill("Looms, engines and numbers")
    creator.get_by_role("button", name="Save", exact=True).click()
    expect(guest.get_by_role("heading", level=1)).to_contain_text("Looms, engines and numbers")

    creator.get_by_role("button", name="End the stream").click()
    confirm(creator, "End it")
    expect(creator.get_by_text("This stream is over", exact=True)).to_be_visible()
    expect(viewer.get_by_role("main").get_by_role("textbox")).to_have_count(0)
    guest.goto("/lives?show=past")
    expect(guest.get_by_text("Looms, engines and numbers").first).to_be_visible()


def test_the_room_is_kept_from_the_console(new_page: NewPage) -> None:
    creator, viewer = new_page(), new_page("phone")
    person = steps.register(creator)
    steps.register(viewer)
    live = make(creator, "Both hands full")
    viewer.goto(f"/lives/{live}")
    say(viewer, "Is anybody there?")
    creator.goto(f"/lives/{live}/stream")
    expect(message(creator, "Is anybody there?")).to_have_count(1)
    say(creator, "I am, at the controls")
    expect(message(viewer, "I am, at the controls")).to_have_count(1)
    choose(creator, "Is anybody there?", "Delete")
    expect(message(viewer, "Message removed by a moderator")).to_have_count(1)
    expect(section(creator, "Activity log")).to_contain_text("deleted a message")

    # The same on a phone, one at a time; the creator is nobody's viewer.
    phone = new_page("phone")
    steps.sign_in(phone, person)
    phone.goto(f"/lives/{live}/stream")
    expect(section(phone, "Chat rules")).to_be_visible()
    expect(field(phone)).to_be_hidden()
    phone.get_by_text("Chat", exact=True).first.click()
    expect(section(phone, "Chat rules")).to_be_hidden()
    expect(messages(phone).last).to_be_in_viewport()
    say(phone, "And with one hand")
    expect(message(viewer, "And with one hand")).to_have_count(1)
    expect(viewer.get_by_role("main")).to_contain_text("1 is watching")


def test_moderators_are_chosen_by_name(new_page: NewPage) -> None:
    creator, helper = new_page(), new_page()
    steps.register(creator)
    person = steps.register(helper)
    live = make(creator, "With a little help")
    helper.goto(f"/lives/{live}/stream")
    expect(helper.get_by_text("This console is for the creator and the moderators.")).to_be_visible()

    creator.goto(f"/lives/{live}/stream")
    people = section(creator, "Moderators")
    people.get_by_label("User name").fill("nobody_at_all")
    people.get_by_role("button", name="Add a moderator").click()
    expect(people.get_by_text("Nobody has this user name.")).to_be_visible()
    assert people.get_by_label("User name").input_value() == "nobody_at_all"
    people.get_by_label("User name").fill(f"@{person.name}")
    people.get_by_role("button", name="Add a moderator").click()
    expect(people.get_by_role("listitem")).to_contain_text(person.name)

    # The open page becomes a console, and is none any more, without being loaded again.
    expect(section(helper, "Waiting for review")).to_be_visible()
    expect(helper.get_by_role("button", name="End the stream")).to_have_count(0)
    expect(section(helper, "Set up your encoder")).to_have_count(0)
    people.get_by_role("button", name="Remove").click()
    expect(people).to_contain_text("Nobody yet.")
    expect(helper.get_by_text("This console is for the creator and the moderators.")).to_be_visible()


@pytest.fixture(scope="module")
def own_live(new_module_page: NewPage) -> tuple[steps.Person, str]:
    """Somebody on air."""
    page = new_module_page()
    person = steps.register(page)
    return person, make(page, "A broadcast with a name that is long enough to need a second line on a card")


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_lives(new_page: NewPage, own_live: tuple[steps.Person, str], size: str) -> None:
    person, live = own_live
    page = new_page(size)
    guest = [problem for path in ("/lives", "/lives?show=live", "/lives?show=past") for problem in look(page, path)]
    steps.sign_in(page, person)
    own = [
        problem
        for path in ("/", "/dashboard", "/lives/create", f"/lives/{live}/stream")
        for problem in look(page, path)
    ]
    assert guest + own == []


@pytest.mark.parametrize("size", SIZES)
def test_nothing_jumps_while_pages_load(new_page: NewPage, own_live: tuple[steps.Person, str], size: str) -> None:
    person, live = own_live
    page = new_page(size)
    steps.sign_in(page, person)
    page.add_init_script(
        """window.__shift = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value
        }).observe({type: 'layout-shift', buffered: true})"""
    )
    shifts = {}
    for path in ("/", "/lives", "/dashboard", f"/lives/{live}/stream"):
        page.goto(path)
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.wait_for_load_state("networkidle")
        shifts[path] = page.evaluate("window.__shift")
    assert {path: shift for path, shift in shifts.items() if shift > MOST_SHIFT} == {}
