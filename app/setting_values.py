"""What a setting may hold: read from text, and refused with a sentence that names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.addresses import WIDEST_PREFIX, parse_networks
from app.origins import parse_origin

PRIMARY = ("read-write", "primary")


class ConfigError(Exception):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Rate:
    """So many attempts in so many seconds; unused ones come back evenly."""

    count: int
    seconds: float


RATE = "attempts/seconds, or off"
LIST = "comma separated"


def parse_rate(raw: str) -> Rate | None:
    """ "20/60" → Rate(20, 60.0); "off" → None. Raises ValueError."""
    if raw == "off":
        return None
    count, seconds = raw.split("/")
    rate = Rate(int(count), float(seconds))
    if rate.count < 1 or not 0 < rate.seconds < 1e6:
        raise ValueError(raw)
    return rate


def check_rate(name: str, raw: str) -> None:
    try:
        parse_rate(raw)
    except ValueError:
        raise ConfigError(f"{name} must be {RATE} (for example 20/60), not {raw!r}") from None


def check_origin(name: str, raw: str) -> str:
    try:
        return parse_origin(raw)
    except ValueError:
        raise ConfigError(
            f"{name} must be http:// or https:// with a host, such as https://video.example.org, and nothing behind: "
            f"pages lie at the root of their host; not {raw!r}"
        ) from None


def check_hosts(name: str, url: str) -> None:
    """Of several hosts any one would do, a standby too, unless the address says otherwise."""
    parts = urlsplit(url)
    if "," in parts.netloc.rpartition("@")[2]:
        wanted = parse_qs(parts.query).get("target_session_attrs", [""])[0]
        if wanted not in PRIMARY:
            raise ConfigError(f"{name} names several hosts and must end in ?target_session_attrs=read-write")


def check_proxies(name: str, entries: tuple[str, ...], is_production: bool) -> None:
    try:
        networks = parse_networks(entries)
    except ValueError as error:
        raise ConfigError(f"{name} must be addresses or networks, {LIST}: {error}") from None
    if is_production and any(network.prefixlen < WIDEST_PREFIX for network in networks):
        raise ConfigError(f"{name} must not take in everybody: whoever writes the header would be believed")


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
    if isinstance(default, tuple):
        return tuple(word.strip().lower() for word in raw.split(",") if word.strip())
    return raw
