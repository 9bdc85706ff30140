"""Access tokens: what is taken, and everything that is not (RFC 8725)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import jwt
import pytest

from app.auth import tokens
from app.auth.tokens import Claims, Tokens
from app.config import ConfigError, Settings
from app.errors import AppError

KEY = "a test's key, long enough for everybody"
SESSION = str(uuid.uuid4())
TOKENS = Tokens(KEY, 600)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: str = KEY) -> str:
    """A token signed by hand, so that no library keeps a test from being wrong on purpose."""
    now = int(time.time())
    whole = {"iss": "trunkline", "aud": "trunkline:api", "sub": "7", "sid": SESSION, "iat": now, "exp": now + 600}
    whole = {k: v for k, v in {**whole, **(claims or {})}.items() if v is not None}
    head = {"alg": "HS256", "typ": "at+jwt", **(header or {})}
    head = {k: v for k, v in head.items() if v is not None}
    signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(whole).encode())}"
    return f"{signed}.{b64(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())}"


def test_what_was_issued_is_read() -> None:
    assert TOKENS.read(TOKENS.issue(7, SESSION)) == Claims(7, SESSION)
    assert TOKENS.read(forge()) == Claims(7, SESSION)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 31},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 300},
        {"iat": int(time.time()) + 300},
        {"iat": None},
        {"iss": "somebody"},
        {"iss": "trunk"},
        {"iss": None},
        {"aud": "trunkline:media"},
        {"aud": ["trunkline:api", "other"]},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"sub": "seven"},
        {"sid": None},
        {"sid": 7},
        {"sid": "not a uuid"},
        {"sid": ["x"]},
    ],
)
def test_wrong_claims_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(AppError, match="not_signed_in"):
        TOKENS.read(forge(claims))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "refresh+jwt"},
        {"typ": None},
        {"alg": "none"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": None},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"kid": "../../etc/passwd"},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/cert"},
        {"jwk": {"kty": "oct", "k": b64(KEY.encode())}},
    ],
)
def test_wrong_headers_are_refused(header: dict[str, Any]) -> None:
    with pytest.raises(AppError, match="not_signed_in"):
        TOKENS.read(forge(header=header))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "a" * 100_000, forge(key="another key that is long enough for it"), forge()[:-2] + "AA"],
)
def test_nonsense_and_foreign_signatures_are_refused(token: str) -> None:
    with pytest.raises(AppError, match="not_signed_in"):
        TOKENS.read(token)


def test_an_unsigned_token_is_refused() -> None:
    head, claims, _ = forge(header={"alg": "none"}).split(".")
    for token in (f"{head}.{claims}.", f"{head}.{claims}"):
        with pytest.raises(AppError, match="not_signed_in"):
            TOKENS.read(token)


def test_a_short_key_neither_signs_nor_starts_the_service() -> None:
    with pytest.raises(jwt.InvalidKeyError):
        Tokens("tiny!", 600).issue(7, SESSION)
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        Settings(secret_key="tiny!")


def test_production_wants_a_key_of_its_own() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        Settings(trunkline_env="production", public_url="https://video.example.com")


def test_secrets_are_long_and_kept_as_hashes() -> None:
    assert len({tokens.new_secret() for _ in range(100)}) == 100
    assert len(base64.urlsafe_b64decode(tokens.new_secret() + "=")) == 32
    assert len(tokens.hash_secret("x")) == 32
