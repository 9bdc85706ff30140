"""Access tokens: what is taken, and everything that is not (RFC 8725)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from app.auth import tokens
from app.auth.tokens import Claims, Tokens
from app.config import DEFAULT_SECRET, ConfigError, Settings, load, load_with_database
from app.errors import AppError
from app.local import wiring

KEY = "a test's key, long enough for everybody"
SESSION = str(uuid.uuid4())
TOKENS = Tokens(KEY, 600)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_now(seconds: int) -> Callable[[], int]:
    """A time counted from when the token is forged: tests are collected long before they run."""
    return lambda: int(time.time()) + seconds


def forge(claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: str = KEY) -> str:
    """A token signed by hand, so that no library keeps a test from being wrong on purpose."""
    now = int(time.time())
    whole = {"iss": "trunkline", "aud": "trunkline:api", "sub": "7", "sid": SESSION, "iat": now, "exp": now + 600}
    whole = {k: v() if callable(v) else v for k, v in {**whole, **(claims or {})}.items() if v is not None}
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
        {"exp": from_now(-31)},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": from_now(300)},
        {"iat": from_now(300)},
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


def with_another_end(token: str) -> str:
    """The same token, its signature ending otherwise."""
    return token[:-2] + ("BA" if token.endswith("AA") else "AA")


def test_nonsense_and_foreign_signatures_are_refused() -> None:
    foreign = forge(key="another key that is long enough for it")
    for token in ("", ".", "..", "a.b.c", "a" * 100_000, foreign, with_another_end(forge())):
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


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SECRET_KEY", DEFAULT_SECRET),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "8f4e2f6d5e83f8a1598eab4cf1726d6"),
        ("SECRET_KEY", "a" * 40),
        ("SECRET_KEY", "0123456789abcdef" * 4),
        ("MEDIACONVERT_WEBHOOK_KEY", DEFAULT_SECRET),
        ("MEDIACONVERT_WEBHOOK_KEY", ""),
        ("MEDIACONVERT_WEBHOOK_KEY", "short"),
        ("MEDIACONVERT_WEBHOOK_KEY", "secret" * 10),
        ("S3_SECRET_ACCESS_KEY", ""),
        ("S3_SECRET_ACCESS_KEY", "minioadmin"),
        ("MEDIACONVERT_SECRET_ACCESS_KEY", "short"),
    ],
)
def test_production_refuses_each_default_or_short_secret(setting: str, value: str) -> None:
    good = {
        "TRUNKLINE_ENV": "production",
        "PUBLIC_URL": "https://video.example.com",
        "SECRET_KEY": secrets.token_hex(16),
        "MEDIACONVERT_WEBHOOK_KEY": secrets.token_urlsafe(24),
        "S3_ACCESS_KEY_ID": "trunkline",
        "S3_SECRET_ACCESS_KEY": "c" * 31,
        "MEDIACONVERT_ACCESS_KEY_ID": "trunkline",
        "MEDIACONVERT_SECRET_ACCESS_KEY": "d" * 40,
    }
    assert load(good).is_production
    with pytest.raises(ConfigError, match=setting):
        load(good | {setting: value})


@pytest.mark.parametrize("url", ["http://video.example.com", "http://localhost:8080"])
def test_production_wants_https(url: str) -> None:
    keys = dict.fromkeys(("SECRET_KEY", "MEDIACONVERT_WEBHOOK_KEY"), secrets.token_hex(32))
    with pytest.raises(ConfigError, match="PUBLIC_URL must be https"):
        load({"TRUNKLINE_ENV": "production", "PUBLIC_URL": url, **keys})


OPEN = [{"HOST": "0.0.0.0"}, {"HOST": "::"}, {"HOST": "192.0.2.7"}, {"PUBLIC_URL": "https://video.example.com"}]


@pytest.mark.parametrize("given", OPEN)
def test_secrets_that_everybody_can_read_guard_nothing_others_can_reach(given: dict[str, str]) -> None:
    given = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", **given}
    own = {"SECRET_KEY": secrets.token_hex(32), "MEDIACONVERT_WEBHOOK_KEY": secrets.token_hex(32)}
    for name in own:
        with pytest.raises(ConfigError, match=f"{name} is the published default"):
            load_with_database(given | own | {name: DEFAULT_SECRET})
    assert load_with_database(given | own).host
    # What only this machine can reach may have them.
    assert load_with_database({"DATABASE_URL": "postgresql://127.0.0.1:1/x", "HOST": "127.0.0.1"}).host


@pytest.mark.parametrize("name", ["prod", "Production", "staging"])
def test_an_unknown_environment_does_not_start_with_weak_secrets(name: str) -> None:
    with pytest.raises(ConfigError, match="TRUNKLINE_ENV must be local or production"):
        load({"TRUNKLINE_ENV": name})


def test_a_stopping_service_is_gone_within_ten_seconds() -> None:
    settings = load({})
    cancelling_and_reporting = 3
    assert settings.shutdown_seconds + settings.worker_stop_seconds + cancelling_and_reporting <= 10
    names = dict.fromkeys(["secret_key", "mediaconvert_webhook_key", "s3_access_key_id", "s3_secret_access_key"], "x")
    local = load(wiring.environment(settings, names | {"secret_key": "x" * 32}, {"s3": 1, "desk": 2, "smtp": 3}))
    assert local.shutdown_seconds + local.worker_stop_seconds < wiring.SERVICE_STOP_SECONDS - 1


def test_secrets_are_long_and_kept_as_hashes() -> None:
    assert len({tokens.new_secret() for _ in range(100)}) == 100
    assert len(base64.urlsafe_b64decode(tokens.new_secret() + "=")) == 32
    assert len(tokens.hash_secret("x")) == 32
