"""Every setting of the service: name, unit, default. The only place that reads the environment.

`.env.example` is written from this file (`python -m app env`) and compared with it by a test.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MINIMUM_SECRET_BYTES = 32
# What an example file may show; a production service refuses to start with it.
DEFAULT_SECRET = "change-me-change-me-change-me-change-me"  # noqa: S105


class ConfigError(Exception):
    """A setting is missing or wrong; the message names it."""


def setting(default: Any, help: str, unit: str = "", secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help, "unit": unit, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Field `x_y` is read from the environment variable `X_Y`."""

    # Service
    trunkline_env: str = setting("local", "local or production; production refuses weak secrets")
    trunkline_data: str = setting(".trunkline", "folder of the local stand-ins' data")
    host: str = setting("127.0.0.1", "address the service listens on")
    port: int = setting(8080, "port the service listens on")
    public_url: str = setting("http://localhost:8080", "address users type; links in mail start with it")
    allowed_origins: str = setting("", "further origins that may open sockets, comma separated")
    trusted_proxies: str = setting("", "addresses whose X-Forwarded-For is believed, comma separated")
    secret_key: str = setting(DEFAULT_SECRET, "signs access tokens and media links", "≥ 32 bytes", True)
    log_level: str = setting("info", "debug, info, warning or error")
    log_format: str = setting("json", "json, or text for people")
    max_body_bytes: int = setting(1_048_576, "largest request body", "bytes")
    shutdown_seconds: int = setting(8, "time open requests get when the service stops", "seconds")
    serve_worker: bool = setting(True, "serve also works the job queue; false when workers run apart")

    # PostgreSQL
    database_url: str = setting("", "PostgreSQL ≥ 15; empty starts the embedded one (make run)", "", True)
    database_listen_url: str = setting("", "direct address for LISTEN when DATABASE_URL is a pooler", "", True)
    db_pool_size: int = setting(10, "connections of one process's request pool", "connections")
    db_acquire_seconds: float = setting(2.0, "wait for a free connection before 503", "seconds")
    db_statement_seconds: float = setting(15.0, "longest statement of a request", "seconds")

    def __post_init__(self) -> None:
        if self.is_production:
            refuse_weak_secrets(self)

    @property
    def is_production(self) -> bool:
        return self.trunkline_env == "production"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def listen_url(self) -> str:
        return self.database_listen_url or self.database_url


def refuse_weak_secrets(settings: Settings) -> None:
    """Raise ConfigError when a production secret is a default or short."""
    for f in dataclasses.fields(settings):
        value = getattr(settings, f.name)
        if f.name in REQUIRED_SECRETS and (value == f.default or len(value.encode()) < MINIMUM_SECRET_BYTES):
            raise ConfigError(
                f"{f.name.upper()} is missing, a default or shorter than {MINIMUM_SECRET_BYTES} bytes; "
                "production needs a random one (for example: openssl rand -hex 32)"
            )


# Secrets a production service cannot do without.
REQUIRED_SECRETS = {"secret_key"}


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises ConfigError naming the setting and what it expects."""
    env = os.environ if env is None else env
    values: dict[str, Any] = {}
    for f in dataclasses.fields(Settings):
        raw = env.get(f.name.upper())
        if raw is not None and raw.strip() != "":
            values[f.name] = convert(f.name.upper(), raw.strip(), f.default)
    return Settings(**values)


def convert(name: str, raw: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[raw.lower()]
        if isinstance(default, int):
            return int(raw)
        if isinstance(default, float):
            return float(raw)
    except (KeyError, ValueError):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(default)]
        raise ConfigError(f"{name} must be {kind}, not {raw!r}") from None
    return raw


def example() -> str:
    """The text of `.env.example`."""
    lines = ["# Every setting with its unit and default. Written by `python -m app env`.", ""]
    for f in dataclasses.fields(Settings):
        unit = f" ({f.metadata['unit']})" if f.metadata["unit"] else ""
        lines.append(f"# {f.metadata['help']}{unit}")
        value = str(f.default).lower() if isinstance(f.default, bool) else str(f.default)
        lines.append(f"{f.name.upper()}={value}")
    return "\n".join(lines) + "\n"
