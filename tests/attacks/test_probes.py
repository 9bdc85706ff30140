"""What monitors and balancers ask, and who else may."""

from __future__ import annotations

import dataclasses
import signal

import httpx
import pytest

from app.config import ConfigError, Settings, load
from tests.attacks.test_addresses import PRODUCTION
from tests.attacks.test_headers import PRODUCTION as IN_PRODUCTION
from tests.conftest import running_app
from tests.faults.serving import serving
from tests.signals import until

TOKEN = "a token for prometheus"


async def asked(settings: Settings, **headers: str) -> int:
    async with running_app(settings) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as anybody:
            answer = await anybody.get("/metrics", headers=headers)
    assert ("trunkline_http_requests" in answer.text) == (answer.status_code == 200)
    return answer.status_code


async def test_figures_are_for_the_token_s_holder_in_production(settings: Settings) -> None:
    production = dataclasses.replace(settings, **IN_PRODUCTION)  # type: ignore[arg-type]
    assert await asked(production) == 404
    assert await asked(production, authorization="Bearer ") == 404
    told = dataclasses.replace(production, metrics_token=TOKEN)
    assert await asked(told) == 404
    assert await asked(told, authorization=f"Bearer {TOKEN}x") == 404
    assert await asked(told, authorization=f"Bearer {TOKEN}") == 200


async def test_figures_are_open_on_a_laptop_unless_a_token_is_set(settings: Settings) -> None:
    assert await asked(settings) == 200
    assert await asked(dataclasses.replace(settings, metrics_token=TOKEN)) == 404


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ConfigError, match="METRICS_TOKEN"):
        load(PRODUCTION | {"METRICS_TOKEN": "short"})


async def test_balancers_are_told_before_a_service_takes_no_more(settings: Settings) -> None:
    with serving(settings, STOP_NOTICE_SECONDS="600", WORKERS="1") as site:
        process = site.spawn()
        site.processes.append(process)

        async def status(path: str) -> int:
            try:
                # A new connection each time, as a balancer's.
                async with httpx.AsyncClient() as balancer:
                    return (await balancer.get(site.url + path)).status_code
            except httpx.TransportError:
                return 0

        async def is_ready() -> bool:
            return await status("/ready") == 200

        async def is_stopping() -> bool:
            return await status("/ready") == 503

        async def has_ended() -> bool:
            return process.poll() is not None

        await until(is_ready, 60)
        process.send_signal(signal.SIGTERM)
        await until(is_stopping)
        assert await status("/health") == 200
        assert await status("/api/videos") == 200
        # Whoever is in a hurry says so again.
        process.send_signal(signal.SIGINT)
        await until(has_ended, 60)
