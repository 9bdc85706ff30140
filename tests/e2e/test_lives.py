"""Two people in one live room: they chat, things fly, order is kept, and nothing is lost when the service dies."""

from __future__ import annotations

import re

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import SIZES, NewPage
from tests.e2e.product import Product, until
from tests.e2e.rooms import Room, choose, field, message, messages, psql, say
from tests.e2e.test_pages import look


def test_two_browsers_chat(room: Room) -> None:
    say(room.owner, "Good evening, look left")
    expect(message(room.guest, "Good evening")).to_have_count(1)

    def is_typing() -> bool:
        """News of typing are neither kept nor sent again, and shown for seconds only: who types on is seen."""
        field(room.guest).press_sequentially("three", delay=20)
        return room.owner.get_by_text("is typing…").is_visible()

    until(is_typing, "the owner to see somebody type")
    # On the phone all of it is in sight already.
    assert room.guest.evaluate("scrollY") == 0
    say(room.guest, "I see three https://example.org/rabbits")
    link = message(room.owner, "I see three").get_by_role("link")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")

    # What does not fit is said before it is sent, by the service's own limit.
    field(room.guest).fill("🐇" * 430)
    expect(room.guest.get_by_text("70 characters left")).to_be_visible()
    say(room.guest, "🐇" * 501)
    expect(room.guest.get_by_text("1 character too many")).to_be_visible()
    expect(field(room.guest)).to_have_value("🐇" * 501)

    choose(room.owner, "I see three", "Reply")
    say(room.owner, "So do I")
    expect(message(room.guest, "So do I").get_by_role("button", name="Show the message")).to_contain_text("I see three")
    # The guest may hear of it before the owner's own page knows that it is stored, and may be edited.
    expect(message(room.owner, "So do I")).to_have_count(1)
    room.owner.get_by_label("Write a message").press("ArrowUp")
    expect(room.owner.get_by_label("Write a message")).to_have_value("So do I")
    say(room.owner, "I see four")
    expect(message(room.guest, "I see four")).to_contain_text("(edited)")
    choose(room.owner, "Good evening", "Pin")
    expect(room.guest.get_by_role("complementary", name="Pinned message")).to_contain_text("Good evening")
    choose(room.owner, "I see four", "Delete")
    expect(messages(room.guest).filter(has_text="Message deleted by its author")).to_have_count(1)
    expect(room.owner.locator("[data-viewers]")).to_have_text("1 is watching")


def test_an_effect_flies_over_every_page(new_page: NewPage, room: Room) -> None:
    still = new_page(reduced_motion="reduce")
    still.goto(f"/lives/{room.id}")
    expect(still.get_by_text("Sign in to chat")).to_be_visible()
    # The owner is no viewer: once it is two, all three hear.
    expect(room.owner.locator("[data-viewers]")).to_have_text("2 are watching")
    # Both are over within seconds: the pages note what they show.
    for page in (room.owner, still):
        page.evaluate(
            """() => {
              window.flown = 0
              window.counted = []
              new MutationObserver((all) => all.forEach((one) => (window.flown += one.addedNodes.length)))
                .observe(document.querySelector('.sky'), {childList: true})
              new MutationObserver(() => {
                const count = document.querySelector('[data-effect-count]')?.textContent.trim()
                if (count && count !== window.counted.at(-1)) window.counted.push(count)
              }).observe(document.body, {childList: true, characterData: true, subtree: true})
            }"""
        )
    room.guest.get_by_role("button", name="🎉 Let it fly").click()
    steps.eventually(room.owner, "window.flown === 1")
    steps.eventually(still, "window.counted.length > 0")
    assert still.evaluate("[window.counted, window.flown]") == [["🎉 1"], 0]
    assert room.owner.evaluate("window.counted") == []
    # Nothing is left behind once it has landed.
    steps.eventually(room.owner, "document.querySelector('.sky').childElementCount === 0")


def test_slow_mode_holds_and_keeps_the_draft(product: Product, room: Room) -> None:
    with psql(product) as connection:
        connection.execute("select ops.set_chat(%s, p_slow_seconds => 300)", [room.id])
    expect(room.guest.get_by_text("Slow mode: one message every 5 minutes")).to_be_visible()
    say(room.guest, "One")
    expect(message(room.owner, "One")).to_have_count(1)
    say(room.guest, "Two")
    expect(room.guest.get_by_text("You can write again in")).to_be_visible()
    expect(room.guest.get_by_label("Write a message")).to_have_value("Two")
    # A page that does not know of its own last message is told by the service, and gives the words back.
    room.guest.reload()
    say(room.guest, "Three")
    expect(room.guest.get_by_role("alert")).to_have_text("You are writing too fast. Please wait a moment.")
    expect(room.guest.get_by_label("Write a message")).to_have_value("Three")
    say(room.owner, "The owner need not wait")
    say(room.owner, "not even a moment")
    expect(message(room.guest, "not even a moment")).to_have_count(1)
    expect(messages(room.owner).filter(has_text=re.compile("Two|Three"))).to_have_count(0)
    with psql(product) as connection:
        connection.execute("select ops.set_chat(%s, p_slow_seconds => 0)", [room.id])
    # Nobody waits for a rule that is no more.
    expect(room.guest.get_by_text("You can write again in")).to_have_count(0)
    field(room.guest).press("Enter")
    expect(message(room.owner, "Three")).to_have_count(1)


def test_a_ban_from_psql_closes_the_field(product: Product, room: Room) -> None:
    say(room.guest, "Something rude")
    expect(message(room.owner, "Something rude")).to_have_count(1)
    with psql(product) as connection:
        connection.execute("select ops.ban(%s, %s, p_reason => 'rudeness')", [room.guest_name, room.id])
        expect(room.guest.get_by_text("You have been banned from this chat")).to_be_visible()
        expect(room.guest.get_by_text("Reason: rudeness")).to_be_visible()
        expect(field(room.guest)).to_have_count(0)
        expect(messages(room.owner).filter(has_text="removed by a moderator")).to_have_count(1)
        connection.execute("select ops.unban(%s, %s)", [room.guest_name, room.id])
    expect(field(room.guest)).to_be_visible()


def test_nothing_is_lost_or_doubled_when_the_service_dies(product: Product, room: Room) -> None:
    for number in range(3):
        say(room.owner, f"before {number}")
    expect(message(room.guest, "before 2")).to_have_count(1)
    product.service().kill()
    for page, name in ((room.owner, "owner"), (room.guest, "guest")):
        say(page, f"meanwhile by {name}")
    for page in (room.owner, room.guest):
        for name in ("owner", "guest"):
            expect(message(page, f"meanwhile by {name}")).to_have_count(1, timeout=90_000)
        expect(page.get_by_role("log").locator("[data-state]")).to_have_count(0)
    say(room.guest, "after")
    expect(message(room.owner, "after")).to_have_count(1)
    texts = [[re.sub(r"\s+", " ", one) for one in said(page)] for page in (room.owner, room.guest)]
    assert texts[0] == texts[1]
    assert texts[0][:3] == ["before 0", "before 1", "before 2"]
    assert len(texts[0]) == 6


def said(page: Page) -> list[str]:
    return page.get_by_role("log").locator(".text").all_inner_texts()


def test_reading_back_does_not_jump(product: Product, room: Room) -> None:
    with psql(product) as connection:
        fill(connection, room.id, 300)
    room.owner.reload()
    expect(message(room.owner, "line 300")).to_be_visible()
    log = room.owner.get_by_role("log")
    log.hover()

    def is_far() -> bool:
        """Further up; older pages come when the reader gets to the top, so how far a turn of the wheel leads varies."""
        room.owner.mouse.wheel(0, -900)
        room.owner.evaluate("() => new Promise(requestAnimationFrame)")
        return message(room.owner, "line 300").count() == 0

    until(is_far, "the end to be out of sight")
    pill = room.owner.get_by_role("button", name=re.compile("newest|new message"))
    expect(pill).to_be_visible()
    expect(room.owner.get_by_text("Loading…")).to_have_count(0)
    # Only what is near stays in the page, not all that was read: the first answer alone had 60.
    until(lambda: 0 < messages(room.owner).count() < 60, "the page to hold what is near", seconds=30)
    # A turn of the wheel goes on for a while, and older pages come when it ends near the top.
    until(lambda: is_at_rest(room.owner), "the list to stand still", seconds=30)
    before = place(room.owner)
    say(room.guest, "news from the end")
    expect(pill).to_have_text("1 new message")
    after = place(room.owner)
    # Heights are fractions of pixels: one may round the other way.
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 2
    pill.click()
    expect(message(room.owner, "news from the end")).to_be_visible()
    expect(pill).to_have_count(0)


def is_at_rest(page: Page) -> bool:
    """Whether the list has stood still for half a second of the browser's own pictures."""
    stood = page.evaluate(
        """async () => {
          const list = document.querySelector('[role=log]')
          const look = () => `${list.scrollTop} ${list.scrollHeight} ${document.querySelector('.list-note')}`
          const before = look()
          for (let frame = 0; frame < 30; frame++) {
            await new Promise(requestAnimationFrame)
            if (look() !== before || document.querySelector('.list-note')) return false
          }
          return true
        }"""
    )
    return bool(stood)


def place(page: Page) -> tuple[str, int]:
    """The first message in sight, and where it stands."""
    seq, top = page.evaluate(
        """() => {
          const log = document.querySelector('[role=log]').getBoundingClientRect()
          const all = [...document.querySelectorAll('[role=log] [data-seq]')]
            .map((one) => [one, one.getBoundingClientRect().top])
          const seen = all.filter(([, top]) => top >= log.top).sort((a, b) => a[1] - b[1])[0]
          return [seen[0].dataset.seq, Math.round(seen[1])]
        }"""
    )
    return str(seq), int(top)


def fill(connection: psycopg.Connection, live: str, count: int) -> None:
    """So many messages by the owner, past all limits, as the chat stores them."""
    connection.execute(
        """
        with live as (
          select l.*, chat.by_json(u.id, u.username, u.display_name, 'owner')::jsonb as by
          from lives l join users u on u.id = l.owner_id where public_id = %s),
        appended as (
          select a.ord, a.seq, a.at
          from (select array_agg('live:' || live.public_id) as channels, array_agg('chat:message'::text) as types,
                  array_agg(jsonb_build_object('by', live.by, 'text', 'line ' || n)
                    order by n) as datas
                from live, generate_series(1, %s) n) t
          cross join lateral rt.append(t.channels, t.types, t.datas) a
        )
        insert into chat_messages (live_id, seq, user_id, at, text, cid)
        select live.id, a.seq, live.owner_id, a.at, 'line ' || a.ord, gen_random_uuid() from live, appended a
        """,
        [live, count],
    )


@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_use_the_page(new_page: NewPage, room: Room, size: str) -> None:
    say(room.owner, "Hello @anna https://example.org")
    expect(message(room.guest, "Hello")).to_have_count(1)
    choose(room.owner, "Hello", "Pin")
    page = new_page(size)
    assert look(page, f"/lives/{room.id}") == []
    page.goto("/lives/nothing-here")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
