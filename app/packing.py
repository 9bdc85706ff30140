"""Answers in gzip for those who take it. What many ask for alike is packed once and kept beside what it was made of."""

from __future__ import annotations

import functools
import zlib

from cachetools import LRUCache
from starlette.requests import Request
from starlette.responses import Response

# What is sent once is packed as it leaves, so quickly; what is kept, as small as it gets.
QUICK, SMALL = 4, 9
GZIP = 16 + zlib.MAX_WBITS


@functools.lru_cache(maxsize=256)
def accepted(header: str) -> frozenset[str]:
    """Names of the encodings that an Accept-Encoding header takes."""
    parts = header[:500].split(",")
    return frozenset(part.partition(";")[0].strip().lower() for part in parts if "q=0" not in part.replace("q=0.", ""))


def gzipped(body: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, wbits=GZIP)
    return packer.compress(body) + packer.flush()


class Packer:
    """`least_bytes`: shorter answers go as they are; 0 packs nothing. `keep_bytes`: kept for those that others ask for,
    with what they were packed from."""

    def __init__(self, least_bytes: int, keep_bytes: int) -> None:
        self.least_bytes = least_bytes
        # By content: a value that is kept near is the same object each time, whose hash Python remembers.
        self._kept: LRUCache[bytes, tuple[bytes, int]] = LRUCache(keep_bytes, lambda kept: kept[1])

    def pack(self, request: Request, response: Response, *, is_shared: bool) -> Response:
        """The same response, with its body packed where that is worth it. For answers that are whole in memory, and
        not for those that hold a secret beside words of who asks: their length would tell about it."""
        body = bytes(response.body)
        if not self.least_bytes or len(body) < self.least_bytes:
            return response
        response.headers.add_vary_header("accept-encoding")
        if "gzip" not in accepted(request.headers.get("accept-encoding", "")):
            return response
        response.body = self.shared(body) if is_shared else gzipped(body, QUICK)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
        return response

    def shared(self, body: bytes) -> bytes:
        kept = self._kept.get(body)
        if kept is not None:
            return kept[0]
        packed = gzipped(body, SMALL)
        size = len(body) + len(packed)
        if size <= self._kept.maxsize:
            self._kept[body] = packed, size
        return packed
