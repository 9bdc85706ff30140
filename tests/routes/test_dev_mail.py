"""The page of caught mail: there in local mode, text only, absent elsewhere."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import smtplib
from email.message import EmailMessage

import httpx
import pytest

from app.config import ConfigError, Settings
from tests.conftest import running_app
from tests.servers import MailServer

NASTY = "Hello <script>alert(1)</script>\nhttp://localhost:8080/verify-email#token=abc. Bye"


def send(mailbox: MailServer) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Grüße & <b>more</b>"
    mail["From"], mail["To"] = "trunkline@example.org", "ann@example.org"
    mail.set_content(NASTY)
    host, port = mailbox.url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.send_message(mail)


async def get(settings: Settings, path: str) -> httpx.Response:
    async with running_app(settings) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as browser:
            return await browser.get(path)


async def test_mail_is_shown_as_text_with_links(
    settings: Settings, mailbox: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.clients.mail_catcher.ANSWER_SECONDS", 60)
    await asyncio.to_thread(send, mailbox)
    answer = await get(dataclasses.replace(settings, dev_mail_url=mailbox.http), "/dev/mail")
    assert answer.status_code == 200
    assert "Grüße &amp; &lt;b&gt;more&lt;/b&gt;" in answer.text
    assert "<script>alert" not in answer.text
    link = "http://localhost:8080/verify-email#token=abc"
    assert f'<a href="{link}">{link}</a>. Bye' in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_without_the_setting_there_is_no_page(settings: Settings) -> None:
    for path in ("/dev/mail", "/dev/mail.css"):
        assert (await get(settings, path)).status_code == 404


async def test_a_catcher_that_is_away_is_503(settings: Settings) -> None:
    answer = await get(dataclasses.replace(settings, dev_mail_url="http://127.0.0.1:9"), "/dev/mail")
    assert answer.status_code == 503


def test_production_refuses_the_setting() -> None:
    strong = secrets.token_hex(32)
    with pytest.raises(ConfigError, match="DEV_MAIL_URL"):
        Settings(
            trunkline_env="production",
            public_url="https://video.example.com",
            secret_key=strong,
            mediaconvert_webhook_key=strong,
            dev_mail_url="http://127.0.0.1:1",
        )
