"""Rate limits: every one in the table below, with its setting, whom it counts and where.

`local` limits are a bucket in this process: no round trip, but each process counts for itself, which is enough to
keep one client from taking it all. `shared` ones are counted in PostgreSQL (`util.hit`), for what must not be
tried often however many processes there are: passwords, tokens, mails, uploads.
"""

from __future__ import annotations

import enum
import functools
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil

from app.config import Rate, Settings, parse_rate
from app.errors import AppError
from app.pg.pool import Database


class Per(enum.Enum):
    """Whom a limit counts. ACCOUNT falls back to the address for people who are not signed in."""

    ADDRESS = "address"
    ACCOUNT = "account"
    # Something the request names (a login name, an e-mail address); the handler passes it.
    NAMED = "named"


@dataclass(frozen=True)
class Limit:
    """`setting` is the field of Settings that holds "requests/seconds"."""

    setting: str
    per: Per
    is_shared: bool


LIMITS: dict[str, Limit] = {
    # Accounts
    "login": Limit("limit_login", Per.ADDRESS, True),
    "login_account": Limit("limit_login_account", Per.NAMED, True),
    "login_elsewhere": Limit("limit_login_elsewhere", Per.NAMED, True),
    "register": Limit("limit_register", Per.ADDRESS, True),
    "forgot": Limit("limit_forgot", Per.ADDRESS, True),
    "resend": Limit("limit_resend", Per.ACCOUNT, True),
    "mail": Limit("limit_mail", Per.NAMED, True),
    "mail_token": Limit("limit_mail_token", Per.ADDRESS, True),
    "password": Limit("limit_password", Per.ACCOUNT, True),
    "refresh": Limit("limit_refresh", Per.ADDRESS, False),
    "avatar": Limit("limit_avatar", Per.ACCOUNT, True),
    # Uploads
    "upload_start": Limit("limit_upload_start", Per.ACCOUNT, True),
    "upload_parts": Limit("limit_upload_parts", Per.ACCOUNT, False),
    "retry": Limit("limit_retry", Per.ACCOUNT, True),
    # Watching
    "search": Limit("limit_search", Per.ADDRESS, False),
    "view": Limit("limit_view", Per.ADDRESS, False),
    "position": Limit("limit_position", Per.ACCOUNT, False),
    "read": Limit("limit_read", Per.ACCOUNT, False),
    # Lives
    "live_create": Limit("limit_live_create", Per.ACCOUNT, True),
    # Chat: per process here; chat.post bounds what somebody sends through several at once
    "chat": Limit("limit_chat", Per.ACCOUNT, False),
    "chat_effect": Limit("limit_chat_effect", Per.ACCOUNT, False),
    "chat_typing": Limit("limit_chat_typing", Per.ACCOUNT, False),
    # Anything else that writes, and tickets for sockets
    "write": Limit("limit_write", Per.ACCOUNT, False),
    "ticket": Limit("limit_ticket", Per.ACCOUNT, False),
}


class Limiter:
    """Counts attempts. One per process."""

    def __init__(self, settings: Settings, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.db = db
        self.rates = {name: parse_rate(getattr(settings, limit.setting)) for name, limit in LIMITS.items()}
        self.buckets = Buckets(clock)

    async def hit(self, name: str, who: str | int) -> None:
        """Count one attempt. Raises AppError("too_many_requests") with Retry-After."""
        rate = self.rates[name]
        if rate is None:
            return
        key = f"{name}:{who}"
        if LIMITS[name].is_shared:
            wait = await self.db.fetchval("select util.hit($1, $2, $3)", key, rate.count, rate.seconds)
        else:
            wait = self.buckets.hit(key, rate)
        if wait > 0:
            raise AppError("too_many_requests", retry_after=ceil(wait))

    def local(self, name: str, who: str | int) -> float:
        """Count one attempt at a limit of this process: 0 when it may pass, else seconds to wait."""
        rate = self.rates[name]
        return 0.0 if rate is None else self.buckets.hit(f"{name}:{who}", rate)

    async def forgive(self, name: str, who: str | int) -> None:
        """The attempts were rightful: count from zero."""
        if self.rates[name] is not None and LIMITS[name].is_shared:
            await self.db.execute("select util.forgive($1)", f"{name}:{who}")


class Buckets:
    """Leaky buckets of this process, the same arithmetic as util.hit. The one longest untouched gives way."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, size: int = 50_000) -> None:
        self.clock = clock
        self.size = size
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def hit(self, key: str, rate: Rate) -> float:
        """0 when the attempt may pass, else seconds to wait."""
        now = self.clock()
        step = rate.seconds / rate.count
        empty_at = max(self._empty_at.get(key, 0.0), now) + step
        if empty_at > now + rate.seconds:
            return empty_at - rate.seconds - now
        self._empty_at[key] = empty_at
        self._empty_at.move_to_end(key)
        if len(self._empty_at) > self.size:
            self._empty_at.popitem(last=False)
        return 0.0


@functools.lru_cache(maxsize=20_000)
def address_key(ip: str) -> str:
    """Whom an address stands for: itself, or its /64 network, which one IPv6 customer has to himself."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip[:64]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)
