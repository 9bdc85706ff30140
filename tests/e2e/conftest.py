"""A real Chromium against the real product."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e import steps
from tests.e2e.product import Product, start_product
from tests.e2e.rooms import Pair, Room, enter
from tests.house.files import ROOT

# Two cores carry the whole product and the browser: a busy moment must not look like a fault.
WAIT_MILLISECONDS = 30_000
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
# Chromium's own traffic to its maker would be refused here, many times a second.
FLAGS = ["--disable-background-networking", "--disable-quic", "--disable-component-update", "--no-first-run"]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    assert (ROOT / "frontend/dist/index.html").exists(), "build the frontend first: make test does"
    with start_product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MILLISECONDS)
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        # Debian's; elsewhere the one that `playwright install chromium` put in place.
        launched = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=flags, timeout=3 * WAIT_MILLISECONDS
        )
        yield launched
        launched.close()


NewPage = Callable[..., Page]


@contextlib.contextmanager
def pages(browser: Browser, product: Product) -> Iterator[NewPage]:
    """Makes pages in browser profiles of their own; faults and refusals in their consoles fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def make(size: str = "desktop", **options: object) -> Page:
        context = browser.new_context(base_url=product.url, viewport=SIZES[size], locale="en-US", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", hear)
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def new_page(browser: Browser, product: Product) -> Iterator[NewPage]:
    with pages(browser, product) as make:
        yield make


@pytest.fixture(scope="module")
def new_module_page(browser: Browser, product: Product) -> Iterator[NewPage]:
    with pages(browser, product) as make:
        yield make


@pytest.fixture(scope="module")
def pair(new_module_page: NewPage) -> Pair:
    """Two people who stay signed in while their lives come and go."""
    owner, guest = new_module_page(), new_module_page("phone")
    steps.register(owner)
    return Pair(owner, guest, steps.register(guest).name)


@pytest.fixture
def room(pair: Pair) -> Room:
    return enter(pair)
