"""Who may talk to the stand-ins: the service and its tools, no web page.

A page that is open in a browser reaches loopback too, with plain requests or under a name of its own that it has
resolved to this machine (DNS rebinding), and would read the links in everybody's mails.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.origins import LOOPBACK, host_of

# What browsers say of a request whose address somebody typed.
TYPED = (None, "none")


class OwnCallers:
    """Refuses requests under a foreign name, and those that a page makes a browser send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_own(Headers(scope=scope)):
            await PlainTextResponse("no pages, and no other name than localhost", 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_own(headers: Headers) -> bool:
    hosts = headers.getlist("host")
    is_named = len(hosts) == 1 and host_of(f"http://{hosts[0].lower()}") in LOOPBACK
    return is_named and "origin" not in headers and headers.get("sec-fetch-site") in TYPED
