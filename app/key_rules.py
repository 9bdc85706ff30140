"""Which secrets a service may start with."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.origins import is_loopback

MINIMUM_SECRET_BYTES = 32
MINIMUM_GIVEN_BYTES = 16
MINIMUM_DIFFERENT = 8  # characters; of 32 random hexadecimal digits one in 27 million has fewer
# Secrets a production service cannot do without.
REQUIRED_SECRETS = {"secret_key", "mediaconvert_webhook_key"}
# Secrets that others make, by the name that goes with them; without the name AWS's usual chain is asked.
GIVEN_SECRETS = {
    "s3_access_key_id": "s3_secret_access_key",
    "mediaconvert_access_key_id": "mediaconvert_secret_access_key",
}


def weak_key(settings: Any) -> str | None:
    """What is wrong with a production's secrets (`settings` as in app/config.py): a default, short, easily guessed."""
    for name, is_default in published(settings):
        if is_default or is_weak(getattr(settings, name)):
            return (
                f"{name.upper()} is missing, a default, shorter than {MINIMUM_SECRET_BYTES} bytes or of few "
                "characters repeated; production needs a random one (for example: openssl rand -hex 32)"
            )
    if settings.metrics_token and len(settings.metrics_token.encode()) < MINIMUM_GIVEN_BYTES:
        return f"METRICS_TOKEN is shorter than {MINIMUM_GIVEN_BYTES} bytes"
    for key, secret in GIVEN_SECRETS.items():
        if getattr(settings, key) and len(getattr(settings, secret)) < MINIMUM_GIVEN_BYTES:
            return f"{secret.upper()} is missing or short, and {key.upper()} is set"
    return None


def published_key(settings: Any) -> str | None:
    """What is wrong where a secret that everybody can read here would guard what others can reach."""
    if is_loopback(settings.host) and not settings.is_https:
        return None
    for name, is_default in published(settings):
        if is_default:
            return (
                f"{name.upper()} is the published default, and HOST={settings.host} with PUBLIC_URL="
                f"{settings.public_url} is for more than this machine; give a random one (openssl rand -hex 32)"
            )
    return None


def published(settings: Any) -> list[tuple[str, bool]]:
    """Each secret of ours, and whether it is the default."""
    fields = [f for f in dataclasses.fields(settings) if f.name in REQUIRED_SECRETS]
    return [(f.name, getattr(settings, f.name) == f.default) for f in fields]


def is_weak(secret: str) -> bool:
    """Short, of few different characters, or the same piece again and again. A random one never is."""
    repeats = secret in (secret + secret)[1:-1]
    return len(secret.encode()) < MINIMUM_SECRET_BYTES or len(set(secret)) < MINIMUM_DIFFERENT or repeats
