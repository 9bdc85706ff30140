"""What a person does on the pages, in their words."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.product import Product, until
from tests.house.files import ROOT

CLIP = ROOT / "tests/media/bigbuckbunny.mp4"
PASSWORD = "seven quiet rabbits"
# An encode shares two cores with PostgreSQL, S3, the service and the browser.
READY_MILLISECONDS = 180_000


@dataclass(frozen=True)
class Person:
    name: str
    email: str


def register(page: Page) -> Person:
    name = f"person_{secrets.token_hex(4)}"
    person = Person(name, f"{name}@example.org")
    page.goto("/register")
    page.get_by_label("User name").fill(person.name)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(re.compile(r"/$"))
    return person


def mailed_link(product: Product, person: Person, path: str) -> str:
    """The address in the newest such mail to that person, as the local mailbox shows it."""

    def look() -> str:
        links = re.findall(rf"{re.escape(product.url)}/{path}#token=[\w.~-]+", product.mail_to(person.email))
        return links[0] if links else ""

    return until(look, f"a mail to {person.email}")


def confirm_address(page: Page, product: Product, person: Person) -> None:
    page.goto(mailed_link(product, person, "verify-email"))
    expect(page.get_by_text("Your address is confirmed")).to_be_visible()


def sign_in(page: Page, person: Person, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("User name or e-mail").fill(person.name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/login"))


def upload(page: Page, clip: Path = CLIP) -> None:
    page.goto("/videos/upload")
    page.locator("input[type=file]").first.set_input_files(clip)


def describe(page: Page, title: str, audience: str = "Public") -> None:
    """Fill the form that is open beside the upload, see it saved, and publish what it becomes."""
    page.get_by_label("Title").fill(title)
    page.get_by_label("Description").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=2, name=title)).to_be_visible()
    radio = page.get_by_role("radio", name=audience)
    radio.focus()
    page.keyboard.press("Space")
    expect(radio).to_be_checked()
    # Before it can be watched: "Publish when ready".
    page.get_by_role("button", name=re.compile("^Publish")).first.click()
    # Whoever has no mouse goes on from there.
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()


def choose_visibility(page: Page, visibility: str) -> None:
    """By keyboard, as the radio itself lies under its drawing; then see it saved."""
    radio = page.get_by_role("radio", name=re.compile(f"^{visibility}"))
    radio.focus()
    page.keyboard.press("Space")
    expect(radio).to_be_checked()
    page.get_by_label("Description").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def video_id(page: Page) -> str:
    """Of the video whose "watch" link is shown."""
    link = page.get_by_role("link", name="Watch the video")
    link.wait_for(timeout=READY_MILLISECONDS)
    return (link.get_attribute("href") or "").rsplit("/", 1)[-1]


def wait_until_ready(page: Page, product: Product, video: str) -> None:
    """By the API with the page's own account: the pages' words are looked at elsewhere."""

    def is_ready() -> bool:
        return bool(status_of(page, video) == "ready")

    until(is_ready, "the video to be ready", seconds=READY_MILLISECONDS / 1000, every=0.5)


def status_of(page: Page, video: str) -> str:
    """What the product says of a video, asked from the page with its cookie."""
    answer = page.evaluate(
        """async (id) => {
          const headers = {'X-Requested-With': 'trunkline', 'Content-Type': 'application/json'}
          let token = window.__e2e_token
          const get = () => fetch('/api/videos/' + id, {headers: {Authorization: 'Bearer ' + token}})
          let answer = token ? await get() : {status: 401}
          if (answer.status === 401) {
            const session = await (await fetch('/api/auth/refresh', {method: 'POST', headers, body: '{}'})).json()
            token = window.__e2e_token = session.access_token
            answer = await get()
          }
          return (await answer.json()).status
        }""",
        video,
    )
    return str(answer)


def play(page: Page) -> None:
    """Start it if it does not play by itself, and see the picture's clock advance."""
    page.locator("video").wait_for()
    # From the earliest moment seen: the clip is short, one that played by itself may be at its end, and begins anew.
    # Not by the key, which would stop a player that starts by itself at that very moment.
    eventually(
        page,
        """(() => {
          const video = document.querySelector('video')
          if (video.paused) void video.play().catch(() => undefined)
          window.__e2e_start = Math.min(window.__e2e_start ?? Infinity, video.currentTime)
          return video.currentTime > window.__e2e_start + 0.5
        })()""",
    )


def eventually(page: Page, expression: str) -> None:
    """Wait for a JavaScript expression; the page's security policy refuses the library's own way of polling."""
    until(lambda: page.evaluate(expression), expression)


def plays_hls(page: Page) -> bool:
    """hls.js feeds the element through a MediaSource, whose address starts with blob:."""
    return bool(page.evaluate("document.querySelector('video').currentSrc.startsWith('blob:')"))


def ask_all(page: Page) -> None:
    """From now on pages ask the service for everything, so that a test can answer in its place."""
    page.add_init_script(
        "document.addEventListener('readystatechange', () => document.getElementById('first')?.remove())"
    )
