"""A mail catcher: SMTP on loopback, one JSON file a message, a small HTTP surface to read them."""

import asyncio
import json
import os
import time
import uuid
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.local import ports

MESSAGE_BYTES = 1 << 20
KEPT = 500


class Mailbox:
    """Accepts every mail for everybody and sends none on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: asyncio.Server | None = None

    async def open(self, port: int) -> int:
        """Listen on `port`, 0 picks one. Returns the port."""
        from aiosmtpd.smtp import SMTP

        self.folder.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, data_size_limit=MESSAGE_BYTES, enable_SMTPUTF8=True, hostname="localhost"),
            ports.LOOPBACK,
            port,
        )
        taken: int = self._server.sockets[0].getsockname()[1]
        return taken

    async def close(self) -> None:
        if self._server:
            self._server.close()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd calls this with a whole message."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        kept = {
            "id": f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}",
            "from": envelope.mail_from,
            "to": list(envelope.rcpt_tos),
            "subject": str(mail.get("Subject", "")),
            "date": str(mail.get("Date", "")),
            "text": _text(mail),
        }
        await asyncio.to_thread(self._keep, kept)
        return "250 Message kept"

    def listed(self) -> list[dict[str, Any]]:
        """Newest first."""
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"), reverse=True)]

    def empty(self) -> None:
        for path in self.folder.glob("*.json"):
            path.unlink(missing_ok=True)

    def _keep(self, mail: dict[str, Any]) -> None:
        half = self.folder / f"{mail['id']}.tmp"
        half.write_text(json.dumps(mail))
        os.replace(half, half.with_suffix(".json"))
        for old in sorted(self.folder.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)


def routes(box: Mailbox) -> list[Route]:
    """`GET /messages` → {items}, `DELETE /messages` → 204."""

    async def listed(_: Request) -> Response:
        return JSONResponse({"items": await asyncio.to_thread(box.listed)})

    async def emptied(_: Request) -> Response:
        await asyncio.to_thread(box.empty)
        return Response(status_code=204)

    return [Route("/messages", listed, methods=["GET"]), Route("/messages", emptied, methods=["DELETE"])]


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""
