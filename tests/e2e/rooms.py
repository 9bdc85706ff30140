"""What people do in a live and its chat, in their words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from playwright.sync_api import Locator, Page, expect

from tests.e2e.product import Product


@dataclass(frozen=True)
class Pair:
    """A creator's page, and the page of somebody who watches on a phone; both signed in."""

    owner: Page
    guest: Page
    guest_name: str


@dataclass(frozen=True)
class Room(Pair):
    """Both on the page of a live of the owner's."""

    id: str


def make(page: Page, title: str) -> str:
    """Make a live that starts at once; returns its id, from where its key is shown."""
    page.goto("/lives/create")
    page.get_by_label("Title").fill(title)
    page.get_by_role("main").get_by_role("button", name="Go live").click()
    expect(page.get_by_text("Copy the key now")).to_be_visible()
    return live_id(page)


def live_id(page: Page) -> str:
    link = page.get_by_role("link", name="Go to the console").get_attribute("href") or ""
    return link.split("/")[2]


def enter(pair: Pair) -> Room:
    """A new live, with both on its page."""
    live = make(pair.owner, "An evening in the meadow")
    for page in (pair.owner, pair.guest):
        page.goto(f"/lives/{live}")
        expect(field(page)).to_be_visible()
    return Room(pair.owner, pair.guest, pair.guest_name, live)


@contextmanager
def psql(product: Product) -> Iterator[psycopg.Connection]:
    with psycopg.connect(product.database(), autocommit=True) as connection:
        yield connection


def field(page: Page) -> Locator:
    return page.get_by_label("Write a message")


def say(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def messages(page: Page) -> Locator:
    return page.get_by_role("log").locator("[data-seq]")


def message(page: Page, text: str) -> Locator:
    return messages(page).filter(has_text=text)


def open_menu(page: Page, text: str) -> None:
    """Of a message."""
    message(page, text).hover()
    message(page, text).get_by_role("button", name="What to do with").click()


def choose(page: Page, text: str, action: str) -> None:
    """From the menu of a message."""
    open_menu(page, text)
    page.get_by_role("menuitem", name=action, exact=True).click()


def confirm(page: Page, button: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=button).click()
