"""Access tokens: short-lived JWTs a browser keeps in memory, and the opaque secrets kept in cookies and mails.

Follows RFC 8725: one algorithm, our own `typ`, issuer and audience checked, no key named by the token, and a
key too short for the algorithm refused.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass

import jwt

from app.errors import AppError

ALGORITHM = "HS256"
ISSUER = "trunkline"
AUDIENCE = "trunkline:api"
TYPE = "at+jwt"
# Clocks of two processes may differ this much.
LEEWAY_SECONDS = 30


@dataclass(frozen=True)
class Claims:
    user_id: int
    session_id: str


class Tokens:
    """Issues and reads access tokens with one key."""

    def __init__(self, key: str, lifetime_seconds: int) -> None:
        self.key = key.encode()
        self.lifetime_seconds = lifetime_seconds
        self.jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})

    def issue(self, user_id: int, session_id: str) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": session_id,
            "iat": now,
            "exp": now + self.lifetime_seconds,
        }
        return self.jwt.encode(claims, self.key, ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str) -> Claims:
        """Raises AppError("not_signed_in"), whatever is wrong with the token."""
        try:
            whole = self.jwt.decode_complete(
                token,
                self.key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "sub", "sid", "iat", "exp"], "strict_aud": True},
            )
            # PyJWT leaves `typ` to us; any further header (kid, jku, x5u, crit …) is none of ours.
            if whole["header"] != {"alg": ALGORITHM, "typ": TYPE}:
                raise AppError("not_signed_in")
            claims = whole["payload"]
            return Claims(int(claims["sub"]), str(uuid.UUID(claims["sid"])))
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
            raise AppError("not_signed_in") from None


def new_secret() -> str:
    """256 random bits for a cookie or a mail; the database gets only its hash."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    # No salt and no slow hash: the secret is random, there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
