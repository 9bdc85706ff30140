"""Who counts as one viewer."""

from __future__ import annotations

import hashlib
import hmac

from app.auth.media_token import derive_key


def viewer_key(secret: str, user_id: int | None, ip: str, agent: str) -> bytes:
    """16 bytes: of the user, else of address and browser; keyed, so that no address can be read back."""
    name = f"user {user_id}" if user_id is not None else f"guest {ip} {agent}"
    return hmac.digest(derive_key(secret, "viewer v1"), name.encode(), hashlib.sha256)[:16]
