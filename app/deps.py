"""What handlers and jobs may ask for. Everything with a life is built once, in lifespan, and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from app.auth.passwords import Passwords
from app.auth.sessions import Sessions
from app.auth.tokens import Tokens
from app.clients.cdn import Cdn
from app.clients.storage import Storage
from app.clients.transcoder import Transcoder
from app.config import Settings
from app.metrics import Metrics
from app.packing import Packer
from app.pages import Pages
from app.pg.bell import Bell
from app.pg.cache import Cache
from app.pg.chat import Chat
from app.pg.counter import Counters
from app.pg.instance import Instance
from app.pg.limits import Limiter
from app.pg.open_videos import OpenVideos
from app.pg.pool import Database
from app.pg.stream import Streams
from app.realtime.hub import Hub
from app.realtime.rights import Rights
from app.realtime.shares import Shares


@dataclass
class Deps:
    settings: Settings
    db: Database
    storage: Storage  # for requests; jobs find their own here
    media_storage: Storage  # for what is played
    job_storage: Storage
    downloads: Shares
    transcoder: Transcoder
    tokens: Tokens
    passwords: Passwords
    sessions: Sessions
    limits: Limiter
    metrics: Metrics
    bell: Bell  # ring() after every write that enqueues or publishes
    instance: Instance
    streams: Streams
    counters: Counters  # add(kind, id): counted in batches
    cache: Cache
    hub: Hub
    rights: Rights
    chat: Chat
    open_videos: OpenVideos
    pages: Pages
    packer: Packer
    cdn: Cdn | None  # None: this service sends media files itself
    is_stopping: bool = False  # told at /ready, so that balancers send nobody here any more
