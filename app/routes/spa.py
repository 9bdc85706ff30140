"""The page shell and the built frontend's files. Unknown pages get the shell too, with status 404."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.deps import Deps
from app.errors import AppError
from app.packing import accepted
from app.pages import File
from app.pg import account, lives, videos
from app.pg.ids import PUBLIC_ID
from app.routes import first

# What the frontend's router knows; a test compares the two lists.
PAGES = (
    "/",
    "/login",
    "/register",
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/dashboard",
    "/profile",
    "/following",
    "/videos",
    "/videos/upload",
    "/videos/{id}",
    "/lives",
    "/lives/create",
    "/lives/{id}/stream",
    "/lives/{id}",
    "/@{username}",
)
# Pages worth finding from outside; the rest are forms and people's own rooms.
LISTED = {"/", "/videos", "/videos/{id}", "/lives", "/lives/{id}", "/@{username}"}
# Where the frontend keeps what these pages show first; a test compares with its router.
VIEWS = {
    "/": "HomeView",
    "/videos": "VideosView",
    "/videos/{id}": "WatchView",
    "/lives": "LivesView",
    "/lives/{id}": "LiveView",
    "/@{username}": "ChannelView",
}
# Pages about one thing: what its shared link tells, if everybody may know it.
CARDS = {
    "/videos/{id}": (videos.page_card, "A video by {}."),
    "/lives/{id}": (lives.page_card, "A broadcast by {}."),
    "/@{username}": (account.page_card, "The channel of {}."),
}
# Addresses of programs: whoever asks there for nothing gets a problem in JSON, not a page.
NOT_PAGES = ("/api/", "/hooks/", "/media/", "/assets/", "/dev/")
LANGUAGES = ("en", "zh-TW", "ko")
# All that is said without JavaScript, which also carries the other texts.
NO_SCRIPT = {
    "en": "Trunkline plays and uploads video with JavaScript. Please switch it on for this site.",
    "zh-TW": "Trunkline 需要 JavaScript 才能播放和上傳影片。請在這個網站啟用 JavaScript。",
    "ko": "Trunkline에서 동영상을 재생하고 업로드하려면 JavaScript가 필요합니다. 이 사이트에서 JavaScript를 켜 주세요.",
}
NEWEST = "/api/videos?limit=24&sort=newest"
DESCRIPTION = "Upload, watch and share video."
DESCRIPTION_LENGTH = 200


async def page(request: Request) -> Response:
    """A page of the app; that of a video or a live carries what shared links show."""
    deps: Deps = request.app.state.deps
    template = request.scope["route"].path
    name: str = next(iter(request.path_params.values()), "")
    if "{id}" in template and not PUBLIC_ID.fullmatch(name):
        return shell(request, status=404)
    if template not in CARDS:
        found = await first.answers(request)
        return shell(
            request,
            url=deps.settings.public_url + request.url.path,
            found=found,
            preloads=first.pictures(found, NEWEST, most=1),
            is_listed=template in LISTED,
        )
    try:
        card = await CARDS[template][0](deps.db, name)
    except AppError as error:
        return shell(request, status=error.status, headers={"retry-after": str(error.retry_after or 1)})
    if card is None:
        return shell(request, status=404)
    found = await first.answers(request, name)
    return card_page(request, deps.settings.public_url, card, CARDS[template][1].format(card["owner"]), found)


def card_page(request: Request, origin: str, card: dict[str, Any], otherwise: str, found: first.Answers) -> Response:
    is_video = request.scope["route"].path == "/videos/{id}"
    text = " ".join(card["description"].split())
    if len(text) > DESCRIPTION_LENGTH:
        text = text[: DESCRIPTION_LENGTH - 1].rstrip() + "…"
    return shell(
        request,
        title=card["title"],
        description=text or otherwise,
        url=origin + request.url.path,
        image=origin + card["poster_url"] if card["poster_url"] else None,
        # A person's picture is small; a video's poster is what its page shows first.
        preloads=[card["poster_url"]] if is_video and card["poster_url"] else [],
        has_stage=is_video,
        found=found,
        is_listed=card["is_listed"],
    )


def shell(
    request: Request,
    *,
    status: int = 200,
    title: str | None = None,
    description: str = DESCRIPTION,
    url: str | None = None,
    image: str | None = None,
    preloads: Sequence[str] = (),
    has_stage: bool = False,
    found: first.Answers | None = None,
    is_listed: bool = False,
    headers: dict[str, str] | None = None,
) -> Response:
    """`found`: what the page asks first; `has_stage`: it begins with one large picture."""
    deps: Deps = request.app.state.deps
    common = {"cache-control": "no-cache", "vary": "accept-language"} | (headers or {})
    if not deps.pages.is_built:
        folder = deps.settings.frontend_folder
        return HTMLResponse(deps.pages.render("not_built.html", folder=folder), 503, common)
    lang = language(request.headers.get("accept-language", ""))
    view = VIEWS.get(getattr(request.scope.get("route"), "path", "")) if status == 200 else None
    parts = [f"src/views/{view}.vue"] if view else []
    modules, styles = deps.pages.needs(*parts, f"src/locales/{lang}/index.ts")
    html = deps.pages.render(
        "shell.html", pages=deps.pages, lang=lang, no_script=NO_SCRIPT[lang], title=title,
        description=description, url=url, image=image, preloads=preloads, has_stage=has_stage,
        modules=modules, styles=styles, first=first.as_script(found) if found else None,
        date=formatdate(usegmt=True), is_listed=is_listed and status == 200,
    )  # fmt: skip
    return deps.packer.pack(request, HTMLResponse(html, status, common), is_shared=True)


def language(accepted: str) -> str:
    """The first language of the browser that we have; the app itself may switch later."""
    for item in accepted[:200].split(","):
        name = item.partition(";")[0].strip().lower()
        for known in LANGUAGES:
            if name.partition("-")[0] == known.lower().partition("-")[0]:
                return known
    return LANGUAGES[0]


def is_page_request(request: Request) -> bool:
    return request.method in ("GET", "HEAD") and not f"{request.url.path}/".startswith(NOT_PAGES)


async def asset(request: Request) -> Response:
    """Files named by their content: they never change."""
    return await send(request, f"assets/{request.path_params['path']}", "public, max-age=31536000, immutable")


async def root_file(request: Request) -> Response:
    return await send(request, request.scope["route"].path.lstrip("/"), "public, max-age=3600")


async def send(request: Request, path: str, cache_control: str) -> Response:
    deps: Deps = request.app.state.deps
    file = await deps.pages.file(path)
    if file is None:
        raise AppError("not_found")
    return answer(request, file, cache_control)


def answer(request: Request, file: File, cache_control: str) -> Response:
    """304 to who has it already, else the smallest form the browser takes."""
    headers = {
        "content-type": file.content_type,
        "cache-control": cache_control,
        "etag": file.etag,
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    body, encoding = choose(file, request.headers.get("accept-encoding", ""))
    return Response(body, headers=headers | ({"content-encoding": encoding} if encoding else {}))


def choose(file: File, header: str) -> tuple[bytes, str]:
    names = accepted(header)
    if file.brotli is not None and "br" in names:
        return file.brotli, "br"
    if file.packed is not None and "gzip" in names:
        return file.packed, "gzip"
    return file.body, ""


async def robots(request: Request) -> Response:
    closed = ("/api/", "/dashboard", "/profile", "/lives/create", "/lives/*/stream")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Allow: /", ""]
    return PlainTextResponse("\n".join(lines), headers={"cache-control": "public, max-age=86400"})


async def favicon(request: Request) -> Response:
    return RedirectResponse("/favicon.svg", 301, {"cache-control": "public, max-age=86400"})


async def web_manifest(request: Request) -> Response:
    """What a phone needs to put the app on its home screen."""
    body = {
        "name": "Trunkline",
        "short_name": "Trunkline",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#0f1216",
        "theme_color": "#0f1216",
        "icons": [{"src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return JSONResponse(
        body, media_type="application/manifest+json", headers={"cache-control": "public, max-age=86400"}
    )


ROUTES = [
    Route("/assets/{path:path}", asset, methods=["GET"]),
    Route("/favicon.svg", root_file, methods=["GET"]),
    Route("/theme.js", root_file, methods=["GET"]),
    Route("/favicon.ico", favicon, methods=["GET"]),
    Route("/robots.txt", robots, methods=["GET"]),
    Route("/manifest.webmanifest", web_manifest, methods=["GET"]),
    *(Route(path, page, methods=["GET"]) for path in PAGES),
]
