"""MediaConvert for a laptop: its REST routes (2017-08-29), signed requests only, FFmpeg behind them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.local import ladder, sigv4
from app.local.transcoder_jobs import Config, Transcoder
from app.local.transcoder_store import FINISHED, Job, shown

VERSION = "/2017-08-29"
BODY_LIMIT = 1 << 20
PAGE = 20
INTERVALS = {f"SECONDS_{n}" for n in (10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600)}

Answer = Callable[["Desk", Request, bytes], Awaitable[Response]]


class Refused(Exception):
    """An error as the AWS clients read it: status, type in a header, message in the body."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class Desk:
    """Holds the transcoder while the routes live; `open` and `close` belong to the server's life."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.transcoder: Transcoder | None = None

    async def open(self) -> None:
        self.transcoder = Transcoder(self.config)
        await self.transcoder.open()

    async def close(self) -> None:
        if self.transcoder:
            await self.transcoder.close()

    @property
    def running(self) -> Transcoder:
        if self.transcoder is None:
            raise RuntimeError("open() comes first")
        return self.transcoder


def routes(desk: Desk) -> list[Route]:
    """The REST surface, and `/_control` for tests when the config says so."""
    table: list[tuple[str, str, Answer]] = [
        ("POST", f"{VERSION}/jobs", _create),
        ("GET", f"{VERSION}/jobs", _list),
        ("GET", f"{VERSION}/jobs/{{id}}", _get),
        ("DELETE", f"{VERSION}/jobs/{{id}}", _cancel),
    ]
    made = [Route(path, _signed(desk, answer), methods=[method]) for method, path, answer in table]
    if desk.config.has_controls:
        made.append(Route("/_control", _control(desk), methods=["GET", "POST"]))
    return made


async def _create(desk: Desk, _: Request, body: bytes) -> Response:
    try:
        wish = json.loads(body)
        if not isinstance(wish, dict) or not wish.get("role") or not isinstance(wish.get("settings"), dict):
            raise Refused(400, "BadRequestException", "role and settings are required")
        if wish.get("statusUpdateInterval", "SECONDS_60") not in INTERVALS:
            raise Refused(400, "BadRequestException", "unknown statusUpdateInterval")
        ladder.read_input(wish["settings"])
        ladder.read_track(wish["settings"])
        ladder.read_groups(wish["settings"], None)
    except (ValueError, TypeError, AttributeError, ladder.SettingsError) as error:
        raise Refused(400, "BadRequestException", str(error)) from error
    return JSONResponse({"job": shown(desk.running.create(wish))}, 201)


async def _list(desk: Desk, request: Request, _: bytes) -> Response:
    asked = request.query_params
    most, start = asked.get("maxResults", str(PAGE)), asked.get("nextToken", "0")
    if not (most.isdigit() and 1 <= int(most) <= PAGE and start.isdigit()):
        raise Refused(400, "BadRequestException", "maxResults is 1 to 20")
    found = desk.running.jobs.listed(asked.get("status"), asked.get("order") != "ASCENDING")
    end = int(start) + int(most)
    page: dict[str, Any] = {"jobs": [shown(job) for job in found[int(start) : end]]}
    return JSONResponse(page | ({"nextToken": str(end)} if end < len(found) else {}))


async def _get(desk: Desk, request: Request, _: bytes) -> Response:
    return JSONResponse({"job": shown(_find(desk, request))})


async def _cancel(desk: Desk, request: Request, _: bytes) -> Response:
    job = _find(desk, request)
    if job["status"] in FINISHED:
        raise Refused(409, "ConflictException", f"the job is {job['status']} already")
    desk.running.cancel(job)
    return JSONResponse({}, 202)


def _find(desk: Desk, request: Request) -> Job:
    job = desk.running.jobs.by_id.get(request.path_params["id"])
    if job is None:
        raise Refused(404, "NotFoundException", "no such job")
    return job


def _signed(desk: Desk, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _inject_fault(desk)
            body = await _read(request)
            url = f"http://{request.headers.get('host', '')}{request.scope['raw_path'].decode()}"
            query = f"?{request.url.query}" if request.url.query else ""
            signed = (request.method, url + query, request.headers, body, desk.config.keys, "mediaconvert")
            # In a thread, since the first call imports botocore.
            await asyncio.to_thread(sigv4.verify, *signed)
            return await answer(desk, request, body)
        except sigv4.BadSignature as error:
            return _error(403, "InvalidSignatureException", str(error))
        except Refused as error:
            return _error(error.status, error.kind, str(error))

    return endpoint


def _error(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"message": message}, status, {"x-amzn-ErrorType": kind})


async def _read(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refused(413, "BadRequestException", "the request is too large")
    return body


def _inject_fault(desk: Desk) -> None:
    faults = desk.running.faults
    if faults.refuse_count > 0:
        faults.refuse_count -= 1
        kind = "TooManyRequestsException" if faults.refuse_status == 429 else "InternalServerErrorException"
        raise Refused(faults.refuse_status or 503, kind, "a refusal that a test asked for")


def _control(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        transcoder = desk.running
        if request.method == "POST":
            asked = await request.json()
            url, key = asked.pop("webhook_url", None), asked.pop("webhook_key", None)
            if url is not None or key is not None:
                old = transcoder.bus.destination
                new = replace(old, url=old.url if url is None else url, key=old.key if key is None else key)
                transcoder.bus.destination = new
            for name, value in asked.items():
                if not hasattr(transcoder.faults, name):
                    return JSONResponse({"message": f"no switch {name}"}, 400)
                setattr(transcoder.faults, name, value)
            transcoder.start_waiting()
        sent = [asdict(one) for one in transcoder.bus.sent]
        return JSONResponse({"faults": asdict(transcoder.faults), "sent": sent})

    return endpoint
