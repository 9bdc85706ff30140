"""Who keeps order in a chat, by which rule, and what everybody else sees of it on the pages they have open."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import NewPage
from tests.e2e.product import Product
from tests.e2e.rooms import Room, choose, confirm, field, message, messages, open_menu, psql, say


def test_a_moderator_made_with_the_page_open_has_the_tools(product: Product, room: Room) -> None:
    page, pin = room.guest, room.guest.get_by_role("menuitem", name="Pin", exact=True)
    clear = page.get_by_role("button", name="Clear the chat")
    say(room.owner, "Who helps me?")
    open_menu(page, "Who helps me?")
    expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(pin).to_have_count(0)
    with psql(product) as connection:
        connection.execute("select ops.set_moderator(%s, %s)", [room.guest_name, room.id])
        # Even the menu that is open grows.
        pin.click()
        expect(room.owner.get_by_role("complementary", name="Pinned message")).to_contain_text("Who helps me?")
        expect(clear).to_be_visible()
        connection.execute("select ops.set_moderator(%s, %s, false)", [room.guest_name, room.id])
        expect(clear).to_have_count(0)
    open_menu(page, "Who helps me?")
    expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(pin).to_have_count(0)


def test_the_console_shows_who_moderates_as_it_changes(product: Product, room: Room) -> None:
    room.owner.goto(f"/lives/{room.id}/stream")
    panel = room.owner.get_by_role("region", name="Moderators")
    name = panel.get_by_text(f"@{room.guest_name}", exact=True)
    expect(panel.get_by_role("listitem")).to_have_count(0)
    with psql(product) as connection:
        connection.execute("select ops.set_moderator(%s, %s)", [room.guest_name, room.id])
        expect(name).to_be_visible()
        connection.execute("select ops.set_moderator(%s, %s, false)", [room.guest_name, room.id])
        expect(name).to_have_count(0)


def test_a_timeout_closes_the_field_for_its_time(product: Product, room: Room) -> None:
    say(room.guest, "FIRST!!!")
    choose(room.owner, "FIRST!!!", "Time out 1 minute, hide messages")
    expect(room.guest.get_by_text(re.compile("You can write again in (1 minute|[1-5]?[0-9] seconds)"))).to_be_visible()
    expect(field(room.guest)).to_have_count(0)
    expect(message(room.guest, "Message removed by a moderator")).to_have_count(1)
    with psql(product) as connection:
        connection.execute("select ops.ban(%s, %s, '10 minutes', 'calm down')", [room.guest_name, room.id])
        expect(room.guest.get_by_text("Reason: calm down")).to_be_visible()
        connection.execute("select ops.ban(%s, %s, '3 seconds', 'calm down')", [room.guest_name, room.id])
    # It opens by itself, and the service agrees.
    say(room.guest, "Sorry")
    expect(message(room.owner, "Sorry")).to_have_count(1)


def test_a_slip_in_the_menu_is_undone(room: Room) -> None:
    for text in ("One", "Two"):
        say(room.guest, text)
        expect(message(room.owner, text)).to_have_count(1)
    undo = room.owner.get_by_role("button", name="Undo").last
    choose(room.owner, "One", "Delete")
    expect(message(room.guest, "Message removed by a moderator")).to_have_count(1)
    undo.click()
    expect(message(room.guest, "One")).to_have_count(1)
    choose(room.owner, "Two", "Time out 10 minutes, hide messages")
    expect(message(room.guest, "Message removed by a moderator")).to_have_count(2)
    expect(room.owner.get_by_text("cannot write for now, and their messages are hidden")).to_be_visible()
    undo.click()
    for page in (room.owner, room.guest):
        for text in ("One", "Two"):
            expect(message(page, text)).to_have_count(1)
    say(room.guest, "No harm done")
    expect(message(room.owner, "No harm done")).to_have_count(1)


def test_followers_only_says_what_to_do(product: Product, new_page: NewPage, room: Room) -> None:
    stranger = new_page()
    stranger.goto(f"/lives/{room.id}")
    with psql(product) as connection:
        connection.execute("select ops.set_chat(%s, p_followers_only => true)", [room.id])
    foot = room.guest.locator("[data-composer=follow]")
    expect(foot).to_contain_text(re.compile("Only followers of .+ can chat"))
    expect(field(room.guest)).to_have_count(0)
    foot.get_by_role("button", name="Follow").click()
    say(room.guest, "Now I follow")
    expect(message(room.owner, "Now I follow")).to_have_count(1)
    say(room.owner, "The creator need not follow")
    expect(message(stranger, "The creator need not follow")).to_have_count(1)
    expect(stranger.locator("[data-composer=guest]").get_by_role("link", name="Sign in")).to_be_visible()


def test_an_announcement_reaches_the_pages_until_it_is_closed(product: Product, room: Room) -> None:
    with psql(product) as connection:
        connection.execute("select ops.announce(%s, 'A pause of ten minutes')", [room.id])
    for page in (room.owner, room.guest):
        told = page.get_by_role("alert").filter(has_text="A pause of ten minutes")
        expect(told).to_be_visible()
        told.get_by_role("button", name="Close").click()
        expect(told).to_have_count(0)


def test_a_cleared_chat_is_empty_for_everybody(room: Room) -> None:
    say(room.guest, "One")
    expect(message(room.owner, "One")).to_have_count(1)
    room.owner.get_by_role("button", name="Clear the chat").click()
    confirm(room.owner, "Clear the chat")
    for page in (room.owner, room.guest):
        expect(messages(page)).to_have_count(0)
        expect(page.get_by_text("Nobody has written yet")).to_be_visible()
    say(room.guest, "Two")
    expect(message(room.owner, "Two")).to_have_count(1)
    room.guest.reload()
    expect(messages(room.guest)).to_have_count(1)


def test_a_blocked_word_waits_for_the_creator(product: Product, new_page: NewPage, room: Room) -> None:
    stranger = new_page()
    stranger.goto(f"/lives/{room.id}")
    with psql(product) as connection:
        connection.execute("select ops.set_chat(%s, p_blocked_words => array['zebra'])", [room.id])
    say(room.guest, "A Zebra crosses")
    say(room.guest, "and a rabbit")
    held = room.guest.get_by_role("log").locator("[data-state=held]")
    expect(held).to_contain_text("A moderator looks at it first.")
    # What was said after it has come, so it would have come too.
    for page in (room.owner, stranger):
        expect(message(page, "and a rabbit")).to_have_count(1)
        expect(message(page, "Zebra")).to_have_count(0)
    room.owner.goto(f"/lives/{room.id}/stream")
    room.owner.get_by_role("button", name=f"Approve the message by {room.guest_name}").click()
    for page in (room.guest, stranger):
        expect(message(page, "A Zebra crosses")).to_have_count(1)
    expect(held).to_have_count(0)
    expect(messages(stranger)).to_have_count(2)
