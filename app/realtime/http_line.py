"""Under uvicorn: HTTP connections with bounds on what comes before a request is one, and on how long it takes.

Limits are those of the settings `HTTP_…`; `lines.py` looks at the clock.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.errors import ERRORS
from app.realtime.lines import Lines, cut

# Requests sent ahead of their answers. Browsers do not; a few kilobytes each.
MAXIMUM_AHEAD = 100
# A body slower than this, after the time it has to begin, is one that is never meant to end.
LEAST_BODY_BYTES_PER_SECOND = 500
# Who is refused may still be sending: closing at once would take the answer away from under it.
GOODBYE_SECONDS = 2.0
GOODBYE_BYTES = 1_048_576


class Refused(Exception):
    """Raised in the parser's callbacks: nothing more of this connection is read."""


class HttpLine(HttpToolsProtocol):
    """uvicorn's own protocol. `due` is when what it waits for must have come; `mark` is for `lines.py`."""

    def __init__(self, lines: Lines, **options: Any) -> None:
        super().__init__(**options)
        self.lines = lines
        self.limits = lines.settings
        self.due = math.inf
        self.waits_for = "head"
        self.mark: int | None = None
        self.marked_at = 0.0
        self.unparsed = 0  # bytes since the head began, or since the last of the body
        self.refused: str | None = None
        self.is_over = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        refused = self.lines.enter(self)
        self.wait("head", self.limits.http_head_seconds)
        if refused:
            self.refuse(refused)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lines.leave(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        # From here on it is a socket, with bounds of its own.
        self.lines.leave(self)
        super().handle_websocket_upgrade()

    def wait(self, what: str, seconds: float) -> None:
        self.waits_for = what
        self.due = self.loop.time() + seconds

    def data_received(self, data: bytes) -> None:
        self.unparsed += len(data)
        if self.is_over:
            if self.unparsed > GOODBYE_BYTES:
                cut(self.transport)
            return
        if self.due == math.inf:
            self.wait("head", self.limits.http_head_seconds)
        super().data_received(data)
        # A head that is not over yet, a line in it, or what stands between the parts of a body.
        if self.unparsed > self.limits.http_head_bytes and not self.is_over:
            self.refuse("head_too_large")

    def on_headers_complete(self) -> None:
        headers = self.headers
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in headers)
        if len(headers) > self.limits.http_head_lines or size > self.limits.http_head_bytes:
            self.refused = "head_too_large"
            raise Refused
        if len(self.pipeline) >= MAXIMUM_AHEAD:
            self.refused = "too_many_requests"
            raise Refused
        self.unparsed = 0
        self.wait("body", self.limits.http_body_seconds)
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            # Trailers are nobody's.
            self.headers = []

    def on_body(self, body: bytes) -> None:
        self.unparsed = 0
        later = self.due + len(body) / LEAST_BODY_BYTES_PER_SECOND
        self.due = min(later, self.loop.time() + self.limits.http_body_seconds)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.unparsed = 0
        self.due = math.inf
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.due != math.inf and self.waits_for == "body":
            # Answered before the body came: it may end, but nobody waits for it.
            self.due = min(self.due, self.loop.time() + GOODBYE_SECONDS)

    def send_400_response(self, msg: str) -> None:
        if self.refused:
            self.refuse(self.refused)
        else:
            super().send_400_response(msg)

    def refuse(self, code: str) -> None:
        """Answer without a request, take what still comes for a moment, and close."""
        self.is_over = True
        self.lines.closed(code)
        if self.cycle is not None and not self.cycle.response_complete:
            # In the middle of another answer there is no place for one.
            cut(self.transport)
            return
        status, sentence = ERRORS[code]
        body = msgspec.json.encode({"error": code, "message": sentence, "request_id": ""})
        head = [
            STATUS_LINE[status],
            b"content-type: application/json\r\ncontent-length: %d\r\nretry-after: 1\r\n" % len(body),
            b"connection: close\r\n\r\n",
        ]
        self.unparsed = 0
        self.wait("goodbye", GOODBYE_SECONDS)
        self.transport.write(b"".join(head) + body)
        self.transport.write_eof()
