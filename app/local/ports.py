"""Loopback ports: free ones for the stand-ins, kept between starts so that stored addresses stay true."""

import contextlib
import json
import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
# SeaweedFS opens every port again at +10000, and both must stay below the usual ephemeral range.
LOWEST, HIGHEST = 20_000, 22_700


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could bind `port` right now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def pick(names: list[str], known: dict[str, int] | None = None) -> dict[str, int]:
    """A port for each name: the known one while it is free, else a new one whose +10000 is free too."""
    chosen: dict[str, int] = {}
    for name in names:
        port = (known or {}).get(name, 0)
        while not port or port in chosen.values() or not (is_free(port) and is_free(port + 10_000)):
            port = random.randrange(LOWEST, HIGHEST)  # noqa: S311 - spread, not secrecy
        chosen[name] = port
    return chosen


def keep(path: Path, names: list[str]) -> dict[str, int]:
    """`pick`, remembered in a JSON file."""
    known: dict[str, int] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        known = {str(name): int(port) for name, port in json.loads(path.read_text()).items()}
    chosen = pick(names, known)
    path.write_text(json.dumps(known | chosen, indent=1) + "\n")
    return chosen
