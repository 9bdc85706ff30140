"""What mails say, and that names of people stay text in them."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from app.clients.mail import compose, parse_url
from app.jobs.letters import LOCALES, lifetime, write

VALUES = {"name": '<b>Anna</b> & "Co"', "username": "anna", "email": "anna@example.com", "lifetime": "30 minutes"}
LINK = "https://video.example.com/verify-email#token=abc"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", ["verify", "in_use", "reset", "password_changed"])
def test_every_mail_has_a_text_and_a_page_with_the_link(template: str, locale: str) -> None:
    letter = write(template, "anna@example.com", locale, VALUES, LINK)
    assert letter.subject
    assert LINK in letter.text
    assert f'href="{LINK}"' in letter.html
    assert "{{" not in letter.text + letter.html + letter.subject


def test_a_name_is_text_in_the_page_and_as_typed_in_the_text() -> None:
    letter = write("verify", "anna@example.com", "en", VALUES, LINK)
    assert "<b>Anna</b>" not in letter.html
    assert "&lt;b&gt;Anna&lt;/b&gt; &amp; " in letter.html
    assert 'Hello <b>Anna</b> & "Co",' in letter.text


def test_a_name_is_never_a_template() -> None:
    values = {**VALUES, "name": "{{ 7 * 7 }}{% include 'layout.txt' %}"}
    assert "{{ 7 * 7 }}" in write("verify", "anna@example.com", "en", values, LINK).text


def test_on_the_wire_a_mail_is_ascii_with_one_recipient() -> None:
    letter = write("verify", "anna@example.com", "zh-TW", VALUES, LINK)
    raw = compose(letter, "Trunkline <no-reply@example.com>").as_bytes()
    assert raw.isascii()
    assert b"\r\n" in raw
    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed["To"] == "anna@example.com"
    assert parsed["Subject"] == letter.subject
    assert parsed["Message-ID"].endswith("@example.com>")
    assert parsed["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("to", ["a@example.com\nBcc: b@example.com", "a@example.com\r\n\r\nbody"])
def test_no_header_can_be_slipped_in(to: str) -> None:
    with pytest.raises(ValueError, match="Header"):
        compose(write("verify", to, "en", VALUES, LINK), "no-reply@example.com")


@pytest.mark.parametrize(
    ("minutes", "locale", "words"),
    [(30, "en", "30 minutes"), (1440, "en", "24 hours"), (90, "ko", "90분"), (120, "zh-TW", "2 小時")],
)
def test_lifetimes_in_words(minutes: int, locale: str, words: str) -> None:
    assert lifetime(minutes, locale) == words


def test_addresses_of_mail_servers() -> None:
    server = parse_url("smtp://user%40x:p%2Fw@mail.example.com:587")
    assert (server.host, server.port, server.username, server.password) == ("mail.example.com", 587, "user@x", "p/w")
    assert (parse_url("smtps://mail.example.com").port, parse_url("smtps://mail.example.com").is_tls) == (465, True)
    for wrong in ("mail.example.com", "http://mail.example.com", "smtp://"):
        with pytest.raises(ValueError, match="SMTP_URL"):
            parse_url(wrong)
