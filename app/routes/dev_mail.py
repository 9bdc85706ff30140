"""The page /dev/mail: what the mail catcher of a local installation caught. Elsewhere there is no such page."""

from __future__ import annotations

import re

from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.clients import mail_catcher
from app.deps import Deps
from app.pages import ROOT

LINK = re.compile(r"https?://[^\s<>\"']+")
SHOWN = 50


async def page(request: Request) -> Response:
    deps: Deps = request.app.state.deps
    if not deps.settings.dev_mail_url:
        raise HTTPException(404)
    caught = await mail_catcher.messages(deps.settings.dev_mail_url)
    html = deps.pages.render("dev_mail.html", mails=caught[:SHOWN], count=len(caught), linked=linked)
    return HTMLResponse(html, headers={"cache-control": "no-store"})


async def style(request: Request) -> Response:
    deps: Deps = request.app.state.deps
    if not deps.settings.dev_mail_url:
        raise HTTPException(404)
    text = (ROOT / "app" / "templates" / "dev_mail.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"cache-control": "public, max-age=3600"})


def linked(text: str) -> Markup:
    """A mail's text, escaped, with its addresses clickable."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        address = match[0].rstrip(".,;:)")
        parts += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(address)]
        end = match.start() + len(address)
    return Markup("").join([*parts, escape(text[end:])])


ROUTES = [
    Route("/dev/mail", page, methods=["GET"]),
    Route("/dev/mail.css", style, methods=["GET"]),
]
