"""SMTP: one message a call, with deadlines. Speaks smtp:// (STARTTLS when offered) and smtps://."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.config import Settings
from app.errors import unavailable


class MailRefused(Exception):
    """The mail server will not take this message, now or later."""


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    username: str | None
    password: str | None
    is_tls: bool


def parse_url(url: str) -> Server:
    """Raises ValueError when it is not an SMTP address."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("SMTP_URL must look like smtp://user:password@host:587 or smtps://host")
    is_tls = parts.scheme == "smtps"
    return Server(
        parts.hostname,
        parts.port or (465 if is_tls else 25),
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        is_tls,
    )


def compose(letter: Letter, sender: str) -> EmailMessage:
    """A text and an HTML version; marked as automatic, so that nobody's out-of-office answers it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].partition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    return message


async def send(settings: Settings, letter: Letter) -> None:
    """Raises MailRefused (never try again) or AppError("unavailable") (try later)."""
    server = parse_url(settings.smtp_url)
    try:
        await aiosmtplib.send(
            compose(letter, settings.mail_from),
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.is_tls,
            # None: upgrade when the server offers it. A password never travels in the clear.
            start_tls=None if not server.is_tls and not server.username else not server.is_tls,
            tls_context=ssl.create_default_context(),
            timeout=settings.smtp_seconds,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(500 <= refused.code < 600 for refused in error.recipients):
            raise MailRefused("the mail server refused the address") from error
        raise unavailable() from error
    except aiosmtplib.SMTPResponseException as error:
        if 500 <= error.code < 600:
            raise MailRefused(f"the mail server answered {error.code}") from error
        raise unavailable() from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise unavailable() from error
