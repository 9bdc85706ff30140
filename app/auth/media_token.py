"""The token in the address of a private video's files: who holds it may fetch them until it expires.

It is checked without the database: `<expiry, hex>.<HMAC-SHA256 over video and expiry, base64url>`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re

OPEN = "-"  # in place of a token: public and unlisted videos
FORM = re.compile(r"[0-9a-f]{8,9}\.[A-Za-z0-9_-]{43}")


@functools.lru_cache(maxsize=4)
def derive_key(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one kind of signature is never taken for another."""
    return hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)


def sign(secret: str, video: str, expires_at: int) -> str:
    key = derive_key(secret, "media token v1")
    digest = hmac.digest(key, f"{video}.{expires_at:x}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def issue(secret: str, video: str, expires_at: int) -> str:
    """`expires_at` in seconds since 1970."""
    return f"{expires_at:08x}.{sign(secret, video, expires_at)}"


def is_valid(secret: str, token: str, video: str, now: float) -> bool:
    if not FORM.fullmatch(token):
        return False
    expiry, _, signature = token.partition(".")
    expires_at = int(expiry, 16)
    # One form only: with a zero in front it would be another address of the same file, for caches and logs.
    if expiry != f"{expires_at:08x}":
        return False
    return hmac.compare_digest(signature, sign(secret, video, expires_at)) and expires_at > now
