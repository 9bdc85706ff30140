"""Who counts as one viewer."""

from __future__ import annotations

import hashlib
import hmac

from app.auth.media_token import derive_key
from app.pg.limits import address_key


def viewer_key(secret: str, user_id: int | None, ip: str, agent: str, guests: int) -> bytes:
    """16 bytes: of the user, else of address and browser; keyed, so that no address can be read back.

    Browsers of one address share `guests` places, by what they call themselves: a household counts as the people it
    is, or nearly; who makes up a thousand names counts as `guests` and no more.
    """
    key = derive_key(secret, "viewer v1")
    if user_id is not None:
        return digest(key, f"user {user_id}")
    place = int.from_bytes(digest(key, f"agent {agent}")) % guests
    return digest(key, f"guest {address_key(ip)} {place}")


def digest(key: bytes, name: str) -> bytes:
    return hmac.digest(key, name.encode("utf-8", "surrogateescape"), hashlib.sha256)[:16]
