"""The service is killed in the middle of an upload and in the middle of a transcode; both are finished."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Request, Route, expect

from tests.e2e import steps
from tests.e2e.conftest import NewPage
from tests.e2e.product import Product, until

# The clip lasts five seconds: a busy moment of ours, and its transcode is over.
TRIES = 5


def padded_clip(folder: Path, size: int) -> Path:
    """The real clip with a `free` box behind it: valid MP4, several parts long."""
    clip = steps.CLIP.read_bytes()
    box = size - len(clip)
    path = folder / "padded.mp4"
    path.write_bytes(clip + box.to_bytes(4, "big") + b"free" + bytes(box - 8))
    return path


def test_an_upload_survives_a_killed_service(product: Product, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page()
    steps.register(page)
    parts: list[int] = []

    def kill_once(route: Route) -> None:
        """After the first part's bytes are with S3, the service that should hear of it dies."""
        if not parts:
            parts.append(1)
            product.kill_service()
        route.continue_()

    page.route(re.compile(r"/api/uploads/\w+/parts/\d+"), kill_once)
    steps.upload(page, padded_clip(tmp_path, 40_000_000))
    video = steps.video_id(page)
    assert parts
    steps.wait_until_ready(page, product, video)


def test_a_transcode_survives_a_killed_service(product: Product, new_page: NewPage) -> None:
    page = new_page()
    steps.register(page)
    for _ in range(TRIES):
        steps.upload(page)
        video = steps.video_id(page)
        if is_transcoding(page, video):
            break
    else:
        raise AssertionError("each time over before it could be interrupted")
    product.kill_service()
    steps.wait_until_ready(page, product, video)
    page.goto(f"/videos/{video}")
    steps.play(page)
    assert steps.plays_hls(page)


def is_transcoding(page: Page, video: str) -> bool:
    """Waits for it; false when it was over before one looked."""
    until(lambda: steps.status_of(page, video) in {"transcoding", "ready"}, "the transcode", every=0.05)
    return steps.status_of(page, video) == "transcoding"


def test_an_upload_goes_on_after_a_reload(product: Product, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page()
    steps.register(page)
    clip = padded_clip(tmp_path, 60_000_000)
    stored: list[str] = []
    sent: list[str] = []
    is_cut = True
    # What was asked may be lost with the page; what was answered is a row.
    page.on("response", lambda r: stored.append(r.url) if is_report(r.request) and r.ok else None)

    def cut(route: Route) -> None:
        """Two parts pass, then the line to S3 is dead until the page is loaded anew."""
        if is_cut and len(stored) >= 2:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("partNumber="), cut)
    steps.upload(page, clip)
    until(lambda: pump(page, len(stored) >= 2), "two parts")
    page.goto("/videos/upload")
    expect(page.get_by_text("Interrupted: choose the same file")).to_be_visible()
    there = set(stored)
    page.on("request", lambda r: sent.append(r.url) if is_report(r) else None)
    is_cut = False
    page.locator("input[type=file]").first.set_input_files(clip)
    video = steps.video_id(page)
    assert sent
    assert len({url.split("/")[5] for url in [*there, *sent]}) == 1, "the file was started anew"
    assert there.isdisjoint(sent), "parts that were there already came again"
    steps.wait_until_ready(page, product, video)


def is_report(request: Request) -> bool:
    """The page tells that a part has arrived at S3."""
    return request.method == "PUT" and "/parts/" in request.url


def pump(page: Page, value: bool) -> bool:
    """Let the browser's events arrive while waiting."""
    page.wait_for_timeout(50)
    return value
