"""Did a request that is carried by a cookie come from our own pages? (OWASP CSRF sheet: header and origin.)"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from app.config import Settings
from app.errors import AppError

REQUESTED_WITH = "trunkline"


def origins(settings: Settings) -> set[str]:
    """Origins whose pages are ours."""
    public = urlsplit(settings.public_url)
    further = {o.strip().rstrip("/") for o in settings.allowed_origins.split(",") if o.strip()}
    return {f"{public.scheme}://{public.netloc}", *further}


def is_own_origin(origin: str, host: str, settings: Settings) -> bool:
    """Named in the settings, or the very address the browser sent this request to."""
    return origin in origins(settings) or (bool(host) and urlsplit(origin).netloc == host and origin != "null")


def demand_own_page(headers: Mapping[str, str], settings: Settings) -> None:
    """Raise wrong_origin unless the custom header is there and Origin or Sec-Fetch-Site say "our page"."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    own = origin is not None and is_own_origin(origin, headers.get("host", ""), settings)
    fits = site == "same-origin" or (site is None and own) or (origin is not None and origin in origins(settings))
    if headers.get("x-requested-with") != REQUESTED_WITH or not fits or (origin is not None and not own):
        raise AppError("wrong_origin")
