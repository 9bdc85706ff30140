"""What handlers and jobs may ask for. Everything with a life is built once, in lifespan, and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from app.clients.storage import Storage
from app.config import Settings
from app.pg.pool import Database


@dataclass
class Deps:
    settings: Settings
    db: Database
    storage: Storage
