"""The service is killed in the middle of an upload and in the middle of a transcode; both are finished."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.e2e import steps
from tests.e2e.conftest import NewPage
from tests.e2e.product import Product, until


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
    steps.upload(page)
    video = steps.video_id(page)
    until(lambda: steps.status_of(page, video) in {"transcoding", "ready"}, "the transcode", every=0.05)
    assert steps.status_of(page, video) == "transcoding", "over before it could be interrupted"
    product.kill_service()
    steps.wait_until_ready(page, product, video)
    page.goto(f"/videos/{video}")
    steps.play(page)
    assert steps.plays_hls(page)


def test_an_upload_goes_on_after_a_reload(product: Product, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page()
    steps.register(page)
    clip = padded_clip(tmp_path, 60_000_000)
    reports: list[str] = []
    page.on("request", lambda r: reports.append(r.url) if r.method == "PUT" and "/parts/" in r.url else None)
    # Slow enough to be interrupted for sure.
    page.route(re.compile(r"partNumber="), lambda route: route.continue_() if len(reports) < 2 else None)
    steps.upload(page, clip)
    until(lambda: pump(page, len(reports) >= 2), "two parts")
    page.unroute(re.compile(r"partNumber="))
    before = len(reports)
    page.goto("/videos/upload")
    page.locator("input[type=file]").first.set_input_files(clip)
    video = steps.video_id(page)
    sent_again = len(reports) - before
    assert sent_again <= 8 - 2, str(before) + " ".join(r.rsplit("/", 1)[1] for r in reports)
    expect(page.get_by_role("link", name="Watch the video")).to_be_visible()
    steps.wait_until_ready(page, product, video)


def pump(page: object, value: bool) -> bool:
    """Let the browser's events arrive while waiting."""
    page.wait_for_timeout(50)  # type: ignore[attr-defined]
    return value
