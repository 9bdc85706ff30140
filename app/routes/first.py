"""What a page asks first, sent along with its shell: a guest's page need not wait for another way there and back.

Each answer is what the API gives a guest, from the same cache. Who is signed in asks the API, see
frontend/src/api/first.ts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import Request

from app.addresses import client_ip
from app.deps import Deps
from app.errors import AppError
from app.pg import chat, guests, live_lists, lives
from app.pg.limits import address_key
from app.pg.pool import encode_json

Answers = dict[str, bytes]
# As the frontend asks (useLive.ts).
FIRST_MESSAGES = 60


async def home(deps: Deps, _: str) -> Answers:
    newest, popular, on_air = await asyncio.gather(
        guests.home_list(deps.cache, deps.db, "newest"),
        guests.home_list(deps.cache, deps.db, "popular"),
        live_lists.first_page(deps.cache, deps.db, "live", 12),
    )
    return {
        "/api/videos?limit=24&sort=newest": newest,
        "/api/videos?limit=8&sort=popular": popular,
        "/api/lives?limit=12&status=live": on_air,
    }


async def newest_videos(deps: Deps, _: str) -> Answers:
    return {"/api/videos?limit=24&sort=newest": await guests.home_list(deps.cache, deps.db, "newest")}


async def all_lives(deps: Deps, _: str) -> Answers:
    asked = (("live", 12), ("upcoming", 6), ("past", 24))
    pages = await asyncio.gather(*(live_lists.first_page(deps.cache, deps.db, *one) for one in asked))
    return {
        f"/api/lives?limit={limit}&status={status}": page
        for (status, limit), page in zip(asked, pages, strict=True)
    }  # fmt: skip


async def video(deps: Deps, id: str) -> Answers:
    return {f"/api/videos/{id}": await guests.video(deps.cache, deps.db, id)}


async def live(deps: Deps, id: str) -> Answers:
    """The messages first: events from their end on miss nothing of what is read after them."""
    messages = await chat.list_messages(deps.db, id, None, None, None, FIRST_MESSAGES)
    return {
        f"/api/lives/{id}/messages?limit={FIRST_MESSAGES}": messages,
        f"/api/lives/{id}": encode_json(await lives.get_live(deps.db, id, None)).encode(),
    }


# Page → its first answers. An address with a query asks for something else.
PAGES: dict[str, Callable[[Deps, str], Awaitable[Answers]]] = {
    "/": home,
    "/videos": newest_videos,
    "/videos/{id}": video,
    "/lives": all_lives,
    "/lives/{id}": live,
}
# Not from the cache, and therefore counted as the API counts them.
COUNTED = {"/lives/{id}"}


async def answers(request: Request, id: str = "") -> Answers:
    """Address of the API, its parameters in the order of their names → JSON. Empty when there is none to be had: the
    page asks by itself and hears why."""
    deps: Deps = request.app.state.deps
    template = request.scope["route"].path
    if template not in PAGES or (request.url.query and not id and template != "/"):
        return {}
    try:
        if template in COUNTED:
            await deps.limits.hit("read", address_key(client_ip(request, deps.settings.proxies)))
        return await PAGES[template](deps, id)
    except AppError:
        return {}


def as_script(found: Answers) -> str:
    """JSON for a script element: no text in it can end the element."""
    pairs = b",".join(b'"%s":%s' % (path.encode(), body) for path, body in found.items())
    return (b"{%s}" % pairs).decode().replace("<", "\\u003c")


class Picture(msgspec.Struct):
    poster_url: str | None = None


class Pictures(msgspec.Struct):
    items: list[Picture] = []


def pictures(found: Answers, path: str, most: int) -> Sequence[str]:
    """Posters of the first cards of a list, of which one is likely the largest thing on its page."""
    body = found.get(path)
    if body is None:
        return []
    items = msgspec.json.decode(body, type=Pictures).items[:most]
    return [item.poster_url for item in items if item.poster_url]
