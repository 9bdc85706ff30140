"""Pages of other sites, open in the browser of somebody who runs everything on this machine."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.product import Product
from tests.servers import MEDIA, S3Server


@pytest.fixture
def ports(product: Product) -> dict[str, int]:
    found: dict[str, int] = json.loads((product.log.parent / "data/ports.json").read_text())
    return found


@pytest.fixture
def evil(ports: dict[str, int]) -> Iterator[str]:
    """A page that asks for the deletion of all media, as pictures. Browsers resolve *.localhost to this machine."""
    pictures = "".join(
        f'<img src="http://127.0.0.1:{port}/col/delete?collection=trunkline-media">'
        for name, port in ports.items()
        if name.startswith(("s3", "desk"))
    )

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            # A browser that has left already wants no more of it (its icon, for one).
            with contextlib.suppress(BrokenPipeError):
                self.wfile.write(pictures.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://evil.localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def storage_of(product: Product) -> Any:
    env = product.service().environ()
    return S3Server(env["S3_ENDPOINT"], env["S3_ACCESS_KEY_ID"], env["S3_SECRET_ACCESS_KEY"], product.log, {}).client()


def test_a_picture_s_address_deletes_nothing(
    browser: Browser, product: Product, evil: str, ports: dict[str, int]
) -> None:
    bucket, key = MEDIA, "vod/kept.txt"
    s3 = storage_of(product)
    s3.put_object(Bucket=bucket, Key=key, Body=b"still there")
    context = browser.new_context()
    page = context.new_page()
    asked: set[str] = set()
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: asked.add(request.url))
    page.goto(evil, wait_until="load")
    context.close()
    attacks = {url for url in asked if "/col/delete" in url}
    assert len(attacks) == len([name for name in ports if name.startswith(("s3", "desk"))])
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"still there"


def test_a_name_resolved_to_this_machine_reads_no_mail(
    browser: Browser, product: Product, ports: dict[str, int]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    for port, path in ((product.url.rpartition(":")[2], "/dev/mail"), (ports["desk"], "/messages")):
        answer = page.goto(f"http://rebound.localhost:{port}{path}")
        assert answer is not None
        assert answer.status in (400, 403)
        assert "#token=" not in page.content()
    own = page.goto(f"{product.url}/dev/mail")
    assert own is not None
    assert own.status == 200
    context.close()
