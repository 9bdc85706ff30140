"""The mail client against a server that answers as told."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from email import message_from_bytes
from email.policy import SMTP
from typing import cast

import pytest

from app.clients import mail
from app.clients.mail import Letter, MailRefused
from app.config import Settings
from app.errors import AppError

LETTER = Letter("anna@example.com", "Subject", "text", "<p>text</p>")


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[str]:
    """The address of a server; ends when every conversation ended."""
    talks: list[asyncio.Task[None]] = []

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(cast("asyncio.Task[None]", asyncio.current_task()))
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(conversation, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*talks)


def smtp_server(heard: list[bytes] | None = None, /, **answers: str) -> contextlib.AbstractAsyncContextManager[str]:
    """Answers by command; the rest is 250. What it is told goes into `heard`."""
    told = [] if heard is None else heard

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            told.append(line)
            command = line[:4].decode("latin-1").strip().upper()
            default = {"QUIT": "221 bye"}.get(command, "250 ok")
            if command == "DATA" and "DATA" not in answers:
                writer.write(b"354 go on\r\n")
                told.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(f"{answers.get(command, default)}\r\n".encode())

    return listening(talk)


async def test_a_mail_is_taken() -> None:
    heard: list[bytes] = []
    async with smtp_server(heard) as url:
        await mail.send(dataclasses.replace(Settings(), smtp_url=url, mail_from="Us <us@example.com>"), LETTER)
    lines = [line.split(b" SIZE=")[0].strip().lower() for line in heard]
    assert {b"mail from:<us@example.com>", b"rcpt to:<anna@example.com>"} <= set(lines)
    arrived = message_from_bytes(heard[lines.index(b"data") + 1], policy=SMTP)
    assert (arrived["From"], arrived["To"], arrived["Subject"]) == ("Us <us@example.com>", LETTER.to, LETTER.subject)
    parts = {part.get_content_type(): part.get_content() for part in arrived.walk() if not part.is_multipart()}
    assert {kind: text.strip() for kind, text in parts.items()} == {"text/plain": "text", "text/html": "<p>text</p>"}


@pytest.mark.parametrize("command", ["RCPT", "MAIL", "DATA"])
async def test_a_lasting_refusal_is_not_tried_again(command: str) -> None:
    async with smtp_server(**{command: "550 no such user"}) as url:
        with pytest.raises(MailRefused):
            await mail.send(Settings(smtp_url=url), LETTER)


@pytest.mark.parametrize("command", ["RCPT", "MAIL", "DATA"])
async def test_a_passing_refusal_is_tried_again(command: str) -> None:
    async with smtp_server(**{command: "451 come back later"}) as url:
        with pytest.raises(AppError, match="unavailable"):
            await mail.send(Settings(smtp_url=url), LETTER)


async def test_a_server_that_is_away_or_silent_is_tried_again() -> None:
    with pytest.raises(AppError, match="unavailable"):
        await mail.send(Settings(smtp_url="smtp://127.0.0.1:1"), LETTER)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silent) as url:
        settings = dataclasses.replace(Settings(), smtp_url=url, smtp_seconds=0.2)
        with pytest.raises(AppError, match="unavailable"):
            await mail.send(settings, LETTER)


async def test_a_password_never_travels_in_the_clear() -> None:
    """This server offers no STARTTLS."""
    async with smtp_server() as url:
        with pytest.raises(AppError, match="unavailable"):
            await mail.send(Settings(smtp_url=url.replace("//", "//user:secret@")), LETTER)
