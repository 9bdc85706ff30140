"""Only the stand-ins that are Python, transcoder and mail catcher: the container of docker-compose.yml.

They listen where MEDIACONVERT_ENDPOINT and SMTP_URL say, on loopback only: whoever uses them shares the network.
"""

import asyncio
import contextlib
import dataclasses
import signal
from pathlib import Path
from urllib.parse import urlsplit

from app.config import ConfigError, Settings
from app.local import private, wiring
from app.local.desk import Server


def main(settings: Settings) -> int:
    """Run until a signal. Raises ConfigError when an address is missing."""
    private.by_default()
    asyncio.run(_main(settings))
    return 0


async def _main(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    known = {
        "desk": _port("MEDIACONVERT_ENDPOINT", settings.mediaconvert_endpoint),
        "smtp": _port("SMTP_URL", settings.smtp_url),
    }
    env = {name.upper(): str(value) for name, value in dataclasses.asdict(settings).items()}
    # Empty addresses are what makes the stand-ins start.
    bare = dataclasses.replace(settings, mediaconvert_endpoint="", smtp_url="")
    async with contextlib.AsyncExitStack() as stack:
        app = await wiring.open_desk(stack, bare, Path(settings.trunkline_data), env, known)
        server = Server(app, known["desk"])
        await server.start()
        stack.push_async_callback(server.stop)
        await stopping.wait()


def _port(name: str, address: str) -> int:
    port = urlsplit(address).port
    if port is None:
        raise ConfigError(f"{name} must be an address with a port, such as http://127.0.0.1:8090")
    return port
