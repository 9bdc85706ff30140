"""Secrets of a laptop's stand-ins: made at the first start, kept readable by their owner only."""

import contextlib
import json
import os
import secrets
from pathlib import Path

NAMES = [
    "secret_key",
    "mediaconvert_webhook_key",
    "s3_access_key_id",
    "s3_secret_access_key",
    "postgres_admin_password",
    "postgres_password",
]


def keep(path: Path) -> dict[str, str]:
    """Every secret by name; missing ones are made."""
    known: dict[str, str] = {}
    with contextlib.suppress(FileNotFoundError):
        known = json.loads(path.read_text())
    missing = {name: secrets.token_hex(32) for name in NAMES if name not in known}
    if missing:
        half = path.with_suffix(".tmp")
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(known | missing, file, indent=1)
        os.replace(half, path)
    return known | missing
