"""Rate limits in this process and in PostgreSQL."""

from __future__ import annotations

import dataclasses
import time

import pytest

from app.config import ConfigError, Rate, Settings, parse_rate
from app.errors import AppError
from app.pg.limits import LIMITS, Buckets, Limiter, address_key
from app.pg.pool import Database


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_local_bucket_does_the_same_arithmetic_as_sql() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    rate = Rate(5, 10)
    assert [buckets.hit("k", rate) for _ in range(5)] == [0] * 5
    assert buckets.hit("k", rate) == pytest.approx(2)
    clock.now += 1.5
    assert buckets.hit("k", rate) == pytest.approx(0.5)
    clock.now += 0.5
    assert buckets.hit("k", rate) == 0
    assert buckets.hit("k", rate) == pytest.approx(2)
    assert buckets.hit("other", rate) == 0


def test_a_flood_of_addresses_takes_bounded_memory() -> None:
    buckets = Buckets(Clock(), size=100)
    for n in range(1000):
        buckets.hit(str(n), Rate(1, 60))
    assert len(buckets._empty_at) == 100


@pytest.mark.parametrize("name", ["login", "write"])
async def test_the_answer_says_when_to_come_back(settings: Settings, db: Database, name: str) -> None:
    limits = Limiter(dataclasses.replace(settings, **{LIMITS[name].setting: "2/60"}), db)  # type: ignore[arg-type]
    started = time.monotonic()
    for _ in range(2):
        await limits.hit(name, "somebody")
    with pytest.raises(AppError, match="too_many_requests") as refused:
        await limits.hit(name, "somebody")
    # Half of the time, and what these lines took of it.
    assert refused.value.retry_after is not None
    assert 30 - (time.monotonic() - started) <= refused.value.retry_after <= 30
    await limits.hit(name, "somebody else")


async def test_a_limit_can_be_off(settings: Settings, db: Database) -> None:
    limits = Limiter(dataclasses.replace(settings, limit_login="off"), db)
    for _ in range(200):
        await limits.hit("login", "somebody")
    assert await db.fetchval("select count(*) from util.rate") == 0


@pytest.mark.parametrize("raw", ["", "5", "5/", "0/60", "-1/60", "5/0", "5/x", "5/60/1"])
def test_a_wrong_limit_is_named_at_the_start(raw: str) -> None:
    with pytest.raises(ConfigError, match=r"LIMIT_LOGIN must be attempts/seconds"):
        Settings(limit_login=raw)


def test_every_limit_has_its_setting() -> None:
    fields = {f.name for f in dataclasses.fields(Settings) if f.name.startswith("limit_")}
    assert {limit.setting for limit in LIMITS.values()} == fields
    assert parse_rate("off") is None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_whom_an_address_stands_for(address: str, key: str) -> None:
    assert address_key(address) == key
