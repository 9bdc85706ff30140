"""What the environment may say, and what follows from it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from app.cli import main
from app.config import ConfigError, load


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
def test_a_port_that_cannot_be_is_named(port: str) -> None:
    with pytest.raises(ConfigError, match=f"PORT must be 1 to 65535, not {port}"):
        load({"PORT": port})


def test_the_address_follows_the_port_unless_it_is_given() -> None:
    assert load({"PORT": "8081"}).public_url == "http://localhost:8081"
    assert load({"PORT": "8081", "PUBLIC_URL": "https://video.example.com"}).public_url == "https://video.example.com"


@pytest.mark.parametrize("dsn", ["nonsense", "postgresql://127.0.0.1:1/x"])
def test_a_database_that_is_not_there_is_said_in_a_sentence(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err.startswith("trunkline: migrate stopped: ")


@pytest.mark.parametrize("command", [["serve"], ["work"], ["migrate"], ["create-admin"]])
@pytest.mark.parametrize("given", [{}, {"DATABASE_URL": " "}, {"DATABASE_LISTEN_URL": "postgresql://127.0.0.1:1/x"}])
def test_without_a_database_a_command_ends_at_once_and_names_the_setting(
    command: list[str], given: dict[str, str]
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    ended = subprocess.run(
        [sys.executable, "-m", "app", *command],
        env=environment | given,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("trunkline: DATABASE_URL is missing")
    assert ended.stdout == ""
