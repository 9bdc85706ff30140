"""A new user's whole way, at desktop and phone width: from registering to deleting the video."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.clients import ffmpeg
from app.config import Settings
from tests.e2e import steps
from tests.e2e.conftest import SIZES, NewPage
from tests.e2e.product import LOOK_SECONDS, Product, until


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real clip as a phone held upright would film it, 404 × 720."""
    path = tmp_path_factory.mktemp("clips") / "portrait.mp4"
    command = [
        ffmpeg.find(Settings()).ffmpeg,
        "-v",
        "error",
        "-i",
        str(steps.CLIP),
        "-vf",
        "crop=404:720",
        "-c:v",
        "libx264",
    ]
    subprocess.run([*command, "-preset", "veryfast", "-c:a", "copy", str(path)], check=True)
    return path


@pytest.mark.parametrize("size", SIZES)
def test_from_registering_to_deleting(product: Product, new_page: NewPage, size: str, portrait: Path) -> None:
    page = new_page(size)
    person = steps.register(page)
    steps.confirm_address(page, product, person)

    steps.upload(page, portrait if size == "phone" else steps.CLIP)
    title = f"大雄兔 {person.name}"
    steps.describe(page, title)
    video = steps.video_id(page)
    steps.wait_until_ready(page, product, video)

    page.goto(f"/videos/{video}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    segments = watch_hls(page)
    switch_quality(page, "Width" if size == "phone" else "Height")

    found = new_page(size)
    found.goto("/videos")
    found.get_by_role("searchbox").last.fill("大雄兔")
    expect(found.get_by_text(title).first).to_be_visible()

    edit(page, f"{title}, edited")
    expect(page.get_by_role("heading", level=1)).to_contain_text("edited")
    assert status(segments[0]) == 200
    steps.choose_visibility(page, "Private")

    stranger = new_page(size)
    answer = stranger.goto(f"/videos/{video}")
    assert answer is not None
    assert answer.status == 404
    assert title not in stranger.content()
    expect(stranger.get_by_text("There is nothing at this address")).to_be_visible()
    until(lambda: status(segments[0]) == 404, "the segments to be refused", seconds=30)

    delete(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("edited")
    delete(page)
    expect(page.get_by_role("article", name=title)).to_have_count(0)


def delete(page: Page) -> None:
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/dashboard"))


def status(url: str) -> int:
    return httpx.get(url, timeout=LOOK_SECONDS).status_code


def watch_hls(page: Page) -> list[str]:
    """Play by HLS; returns the addresses of the segments that came."""
    segments: list[str] = []
    page.on("response", lambda r: segments.append(r.url) if r.url.endswith(".ts") and r.ok else None)
    page.reload()
    steps.play(page)
    assert steps.plays_hls(page)
    steps.eventually(page, "document.querySelector('video').currentTime > 1")
    assert segments
    return segments


def switch_quality(page: Page, short_side: str) -> None:
    """Choose 360p by hand and see the picture change its size; an upright picture's short side is its width."""
    page.get_by_label("Video player").hover(force=True)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name=re.compile("Quality")).click()
    page.get_by_role("menuitemradio", name=re.compile("^360p")).click()
    # From the start, as often as it takes: what was loaded before the choice may play to its end first.
    page.evaluate("document.querySelector('video').currentTime = 0")
    steps.eventually(
        page,
        f"""(() => {{
          const video = document.querySelector('video')
          if (video.paused) void video.play().catch(() => undefined)
          return video.video{short_side} === 360
        }})()""",
    )


def edit(page: Page, title: str) -> None:
    page.get_by_role("button", name="Edit").first.click()
    picture = page.get_by_role("radio", name="Picture 2 from the video")
    # By keyboard, as the radio itself lies under its picture.
    picture.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("The picture is changed.")).to_be_visible()
    expect(picture).to_be_checked()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Description").click()
