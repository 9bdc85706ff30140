"""Did one of our own pages send this? For what is carried by a cookie, and for sockets. (OWASP CSRF sheet.)"""

from __future__ import annotations

from collections.abc import Mapping

from app.config import Settings
from app.errors import AppError

REQUESTED_WITH = "trunkline"


def is_own_origin(origin: str, host: str, settings: Settings) -> bool:
    """Named in the settings, or the very address the browser sent this request to: `host` is one of ours (OwnHost).

    Where ours is https, a plain page of the same name is not: anybody on the way may have written it.
    """
    scheme, _, at = origin.partition("://")
    is_here = bool(host) and at == host.lower() and scheme in (("https",) if settings.is_https else ("http", "https"))
    return is_here or origin in settings.origins


def demand_own_page(headers: Mapping[str, str], settings: Settings) -> None:
    """Raise wrong_origin unless the custom header is there and Origin or Sec-Fetch-Site say "our page"."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    own = origin is not None and is_own_origin(origin, headers.get("host", ""), settings)
    fits = site == "same-origin" or (site is None and own) or (origin is not None and origin in settings.origins)
    if headers.get("x-requested-with") != REQUESTED_WITH or not fits or (origin is not None and not own):
        raise AppError("wrong_origin")
