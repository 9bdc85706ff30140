"""SeaweedFS's own ports: neither a web page nor another user of the machine gets anything done there without a key."""

from __future__ import annotations

import os
import socket
import ssl
import uuid
from collections.abc import Iterator

import httpx
import psutil
import pytest

from app.local import ports, storage
from tests.servers import MEDIA, S3Server

SECONDS = 60
BODY = b"what somebody uploaded"
ASKED = [f"/col/delete?collection={MEDIA}", "/dir/assign", "/vol/vacuum", "/vol/grow?count=1", "/submit", "/dir/status"]
# How HTTP/2 begins, and the number of its first frame.
PREFACE, SETTINGS = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 4


@pytest.fixture
def stored(s3: S3Server) -> Iterator[str]:
    """The key of a file that must still be there afterwards."""
    key = f"vod/{uuid.uuid4().hex}.txt"
    s3.client().put_object(Bucket=MEDIA, Key=key, Body=BODY)
    yield key
    assert s3.client().get_object(Bucket=MEDIA, Key=key)["Body"].read() == BODY


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("path", ASKED)
def test_nothing_is_done_without_a_key(s3: S3Server, path: str) -> None:
    for name, port in s3.ports.items():
        for method in ("GET", "POST", "DELETE"):
            answer = httpx.request(method, f"http://{ports.LOOPBACK}:{port}{path}", timeout=SECONDS)
            # No such thing on that port, or no right to it.
            assert answer.status_code in (400, 401, 403, 404, 405), (name, method, answer.text)


@pytest.mark.usefixtures("stored")
def test_a_volume_neither_takes_nor_gives_bytes(s3: S3Server) -> None:
    for volume in range(1, 20):
        url = f"http://{ports.LOOPBACK}:{s3.ports['s3_volume']}/{volume},01637037d6"
        for method in ("GET", "PUT", "POST", "DELETE"):
            assert httpx.request(method, url, content=b"x", timeout=SECONDS).status_code == 401


@pytest.mark.parametrize("name", storage.PORTS)
def test_grpc_asks_for_our_certificate(s3: S3Server, name: str) -> None:
    at = (ports.LOOPBACK, s3.ports[name] + 10_000)
    with socket.create_connection(at, SECONDS) as plain:
        plain.sendall(PREFACE)
        assert plain.recv(1024)[3:4] != bytes([SETTINGS]), "it speaks without TLS"
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(at, SECONDS) as raw,
        pytest.raises(ssl.SSLError, match="certificate required"),
        context.wrap_socket(raw) as wrapped,
    ):
        # TLS 1.3 says it with the first bytes that are read.
        wrapped.recv(1)


def test_no_key_shows_in_ps(s3: S3Server) -> None:
    (weed,) = [p for p in psutil.Process().children(recursive=True) if f"-s3.port={s3.ports['s3']}" in p.cmdline()]
    keys = {value for name, value in weed.environ().items() if name.startswith("WEED_JWT_")} | {s3.secret_key}
    assert len(keys) == len(storage.TOKEN_KEYS) + 1
    assert not keys & set(" ".join(weed.cmdline()).replace("=", " ").split())
    for path in (s3.log.parent / "parts.key", s3.log.parent / "s3.json"):
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_uid == os.getuid()
