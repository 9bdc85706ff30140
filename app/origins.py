"""Addresses of pages as browsers name them: scheme, host, port where it is not the usual one."""

from __future__ import annotations

import re

ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
)
USUAL_PORTS = {"http": "80", "https": "443"}
# What a browser on this machine calls it.
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
# A service that listens there listens at every address of the machine.
EVERYWHERE = ("0.0.0.0", "::")


def parse_origin(text: str) -> str:
    """ "https://Video.example.org:443/" → "https://video.example.org". Raises ValueError, for a path too."""
    match = ADDRESS.fullmatch(text.strip().lower().removesuffix("/"))
    if match is None:
        raise ValueError(text)
    origin = f"{match['scheme']}://{match['host']}"
    is_usual = match["port"] in (None, USUAL_PORTS[match["scheme"]])
    return origin if is_usual else f"{origin}:{int(match['port'])}"


def host_of(origin: str) -> str:
    """The name alone, without scheme and port."""
    match = ADDRESS.fullmatch(origin)
    return match["host"] if match else ""


def other_names(origin: str) -> list[str]:
    """The further addresses of a page that is served from this very machine; none for others."""
    name = host_of(origin)
    return [origin.replace(name, other, 1) for other in LOOPBACK if other != name] if name in LOOPBACK else []


def is_loopback(host: str) -> bool:
    """Whether a service that listens at HOST is out of other machines' reach."""
    return host.startswith("127.") or host in (*LOOPBACK, "::1")


def own_names(origins: tuple[str, ...], host: str) -> frozenset[str]:
    """Hosts, at whatever port, that a service in local mode answers for.

    Any page may have its own name resolved to this machine and would then be taken for ours (DNS rebinding).
    """
    named = f"[{host}]" if ":" in host else host.lower()
    return frozenset({*LOOPBACK, *map(host_of, origins), *(() if host in EVERYWHERE else (named,))})
