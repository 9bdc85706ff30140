"""Whose request it is: the one rule about addresses, for limits, logs and sessions."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

Network = IPv4Network | IPv6Network
# A wider network of proxies is nearly everybody.
WIDEST_PREFIX = 8


@functools.lru_cache(8)
def parse_networks(entries: tuple[str, ...]) -> tuple[Network, ...]:
    """Of addresses, each one of its own, and of networks (10.1.0.0/16). Raises ValueError."""
    return tuple(ip_network(entry) for entry in entries)


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address and nothing else; an IPv4 one that came through an IPv6 socket is that IPv4 one."""
    try:
        # A scope ("fe80::1%…") may be any text, and says nothing about whose address it is.
        address = ip_address(text) if "%" not in text else None
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_within(text: str, networks: Iterable[Network]) -> bool:
    address = parse_address(text)
    return address is not None and any(address in network for network in networks)


def client_ip(asked: HTTPConnection, proxies: tuple[Network, ...]) -> str:
    """The peer's address; X-Forwarded-For only from proxies of ours.

    A proxy adds what it saw, to the last line or as a line of its own: read from the right, the first that is no
    proxy is the one. What is no address ends the walk, since whatever stands before it may be made up.
    """
    peer = asked.client.host if asked.client else "unknown"
    if not proxies or not is_within(peer, proxies):
        return peer
    forwarded = ",".join(asked.headers.getlist("x-forwarded-for")).split(",")
    while forwarded and is_within(peer, proxies):
        address = parse_address(forwarded.pop().strip())
        if address is None:
            break
        peer = str(address)
    return peer
