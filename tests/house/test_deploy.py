"""What ships the product fits the code: lock files, containers, the cloud's template."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from typing import Any

import pytest
import yaml

from app.cli import COMMANDS
from app.config import ConfigError, Settings, load_with_database
from tests.house.files import ROOT

NAMES = {f.name.upper() for f in dataclasses.fields(Settings)}
FOREIGN = {
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "POSTGRES_INITDB_ARGS",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~!;\s]", name, maxsplit=1)[0]).lower()


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ["local"]), ("requirements-dev.lock", ["local", "dev"])]
)
def test_lock_files_hold_every_dependency_with_hashes(lock: str, groups: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        wanted += [entry for entry in project["dependency-groups"][group] if isinstance(entry, str)]
    text = (ROOT / lock).read_text()
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", text, re.MULTILINE | re.IGNORECASE)
    assert {normal(name) for name in wanted} <= {normal(name) for name, _ in pinned}, "run make lock"
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text


def test_both_lock_files_agree() -> None:
    versions = [
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert versions[0].items() <= versions[1].items()


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_compose_uses_settings_and_commands_that_exist() -> None:
    services = compose()["services"]
    assert {"postgres", "storage", "service", "worker"} <= set(services)
    for name, service in services.items():
        assert set(service.get("environment", {})) <= NAMES | FOREIGN, name
        if service.get("image") == "trunkline" and "entrypoint" not in service:
            assert service.get("command", ["serve"])[0] in COMMANDS, name


def test_compose_publishes_on_loopback_and_holds_no_secret() -> None:
    for service in compose()["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for name, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|_KEY$", name):
                assert value.startswith("${"), name


def test_compose_waits_for_what_it_needs() -> None:
    services = compose()["services"]
    for service in services.values():
        for other, condition in service.get("depends_on", {}).items():
            assert condition["condition"] in {"service_healthy", "service_completed_successfully"}
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[other]
    assert set(compose()["volumes"]) >= {v.split(":")[0] for s in services.values() for v in s.get("volumes", [])}


def test_the_image_copies_what_the_service_reads_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?:--from=\S+ )?(\S+) \S+$", text, re.MULTILINE)
    assert {"app/", "sql/", "requirements.lock"} <= set(copied)
    assert all((ROOT / path).exists() for path in copied if not path.startswith("/"))
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    assert "--require-hashes" in text


def test_an_image_without_settings_is_no_open_service() -> None:
    """It listens at all addresses, so it must not start with secrets that everybody can read here."""
    told = dict(
        re.findall(r"([A-Z_]+)=(\S+)", re.findall(r"^ENV (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0])
    )
    assert told["HOST"] == "0.0.0.0"
    for env in (told, told | {"TRUNKLINE_ENV": "local"}):
        with pytest.raises(ConfigError, match="SECRET_KEY"):
            load_with_database(env | {"DATABASE_URL": "postgresql://127.0.0.1:1/x"})
    for name, service in compose()["services"].items():
        if "PUBLIC_URL" in (given := service.get("environment", {})):
            assert {"SECRET_KEY", "MEDIACONVERT_WEBHOOK_KEY"} <= set(given), name


def test_the_template_speaks_the_webhook_s_words() -> None:
    text = (ROOT / "deploy/aws/template.yaml").read_text()
    assert "ApiKeyName: X-Trunkline-Webhook-Key" in text
    assert "/hooks/mediaconvert" in text
    told = set(re.findall(r"`([A-Z][A-Z0-9_]{4,})`", (ROOT / "docs/aws.md").read_text()))
    assert told <= NAMES
