"""What somebody types, says or drops is theirs: no key of an input method, no link and no stray file takes it away."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e import rooms, steps
from tests.e2e.conftest import NewPage
from tests.e2e.product import Product
from tests.e2e.rooms import Room, field, message, psql

DROP = """(kind) => {
  const data = new DataTransfer()
  data.items.add(new File(['<html>not a video</html>'], 'holiday.mp4', {type: 'video/mp4'}))
  const event = new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data})
  document.querySelector('h1').dispatchEvent(event)
  return event.defaultPrevented
}"""


def compose(page: Page, text: str) -> None:
    """As an input method shows a syllable that is not finished."""
    page.context.new_cdp_session(page).send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )


def test_escape_while_a_syllable_is_composed_closes_nothing(new_page: NewPage) -> None:
    page = new_page()
    steps.register(page)
    live = rooms.make(page, "Evening")
    page.goto(f"/lives/{live}/stream")
    page.get_by_role("button", name="Edit").click()
    title = page.get_by_label("Title")
    title.fill("Typed for long ")
    compose(page, "ㅎ")
    page.keyboard.press("Escape")
    expect(title).to_have_value(re.compile("Typed for long"))
    search = page.get_by_label("Search videos")
    search.click()
    compose(page, "ㅎ")
    page.keyboard.press("Escape")
    expect(search).to_be_focused()
    # The next one is the page's own.
    title.click()
    page.keyboard.press("Escape")
    expect(title).to_have_count(0)


def test_what_is_typed_is_not_left_without_a_question(new_page: NewPage) -> None:
    page = new_page()
    steps.register(page)
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("menuitem", name="Profile and settings").click()
    about = page.get_by_role("textbox", name="About me")
    about.fill("I film rabbits.")
    home = page.get_by_role("link", name="Home", exact=True).first
    home.click()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()
    expect(about).to_have_value("I film rabbits.")
    # It fades away; the next one must not be taken for it.
    expect(dialog).to_have_count(0)
    page.go_back()
    dialog.get_by_role("button", name="Stay").click()
    expect(page).to_have_url(re.compile("/profile"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your profile is saved")).to_be_visible()
    home.click()
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_half_written_message_is_there_after_a_reload(room: Room) -> None:
    field(room.guest).fill("As I was saying")
    room.guest.reload()
    expect(field(room.guest)).to_have_value("As I was saying")
    field(room.guest).press("Enter")
    expect(message(room.owner, "As I was saying")).to_have_count(1)
    room.guest.reload()
    expect(field(room.guest)).to_have_value("")


def test_a_file_let_go_anywhere_is_an_upload(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/lives")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # A guest's files are nobody's upload, and no reason to leave either.
    assert page.evaluate(DROP, "dragover")
    assert page.evaluate(DROP, "drop")
    expect(page).to_have_url(re.compile("/lives"))
    steps.register(page)
    page.goto("/lives")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate(DROP, "dragenter")
    expect(page.get_by_text("Let go to upload")).to_be_visible()
    assert page.evaluate(DROP, "drop")
    expect(page).to_have_url(re.compile("/videos/upload"))
    expect(page.get_by_text("holiday.mp4").first).to_be_visible()


def test_a_chat_of_long_messages_opens_at_its_end(product: Product, room: Room) -> None:
    long = "However long a message is, the last one is what somebody comes for. " * 7
    texts = [*(f"Short {n}" for n in range(12)), *(f"{n} {long}" for n in range(6)), "The newest"]
    with psql(product) as connection:
        row = connection.execute("select id from users where username = %s", [room.guest_name]).fetchone()
        assert row
        for text in texts:
            connection.execute(
                """select * from chat.post(array[%s]::text[], array[%s]::bigint[], array[%s]::text[],
                   array[null]::bigint[], array[gen_random_uuid()], 1000, '1 second', 2000, 1)""",
                [room.id, row[0], text],
            )
    for page in (room.owner, room.guest):
        page.reload()
        expect(message(page, "The newest")).to_be_in_viewport()
        steps.eventually(page, AT_END)
        # And stays there when there is more.
    rooms.say(room.owner, long)
    rooms.say(room.owner, "And one more")
    for page in (room.owner, room.guest):
        expect(message(page, "And one more")).to_be_in_viewport()
        steps.eventually(page, AT_END)


AT_END = """(() => {
  const list = document.querySelector('[role=log]')
  return list.scrollHeight > list.clientHeight && list.scrollHeight - list.clientHeight - list.scrollTop < 48
})()"""
