"""The socket as a browser meets it: signing in, following, catching up, being refused and being closed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.config import Settings
from app.pg.pool import Database
from app.pg.stream import append
from tests.factories import SAME_ORIGIN, log_in, make_user
from tests.realtime.site import ORIGIN, Person, Site, open_site, person
from tests.signals import soon, until


async def publish(site: Site, person: Person, n: int = 1) -> None:
    await append(site.deps.db, [(person.channel, "test:event", {"n": i}) for i in range(n)])
    site.deps.bell.ring()


@pytest.fixture(params=[True, False], ids=["wire", "plain"])
async def either(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Site]:
    """The site with and without the raw writer."""
    async with open_site(settings, has_wire=request.param) as opened:
        yield opened


async def test_events_reach_their_user_numbered_and_in_order(either: Site, db: Database) -> None:
    ana = await person(either, db)
    async with either.signed_in(ana) as browser:
        answer = await browser.ask(op="sub", ch=ana.channel)
        assert answer["ok"]["seq"] == 0
        assert answer["ok"]["epoch"] > 0
        await publish(either, ana, 3)
        frame = await browser.read()
        assert frame["ch"] == ana.channel
        assert frame["ev"][0].keys() == {"seq", "type", "at", "data"}
        browser.frames.append(frame)
        assert await browser.numbers(3) == [1, 2, 3]


async def test_a_reader_that_was_away_gets_what_it_missed_and_nothing_twice(either: Site, db: Database) -> None:
    ana = await person(either, db)
    async with either.signed_in(ana) as browser:
        top = (await browser.ask(op="sub", ch=ana.channel))["ok"]
        await publish(either, ana, 2)
        assert await browser.numbers(2) == [1, 2]
    await publish(either, ana, 1200)
    async with either.signed_in(ana) as browser:
        since = {"epoch": top["epoch"], "seq": 2}
        answer = await browser.ask(op="sub", ch=ana.channel, since=since)
        assert answer["ok"]["seq"] >= 2
        assert "reset" not in answer["ok"]
        await publish(either, ana)
        assert await browser.numbers(1201) == list(range(3, 1204))


@pytest.mark.parametrize("since", [{"epoch": 1, "seq": 1}, {"seq": 99}, {"seq": 0}])
async def test_what_cannot_be_caught_up_is_said_never_left_out(site: Site, ana: Person, since: dict[str, Any]) -> None:
    """Another epoch, a number from the future, events that retention dropped."""
    await publish(site, ana, 3)
    await site.deps.db.execute("delete from rt.event where seq = 1")
    async with site.signed_in(ana) as browser:
        epoch = site.deps.streams.epoch
        answer = await browser.ask(op="sub", ch=ana.channel, since={"epoch": epoch, **since})
        assert answer["ok"]["reset"] is True


async def test_a_ticket_signs_in_once(site: Site, ana: Person) -> None:
    ticket = await ana.ticket()
    async with site.socket() as browser, site.socket() as thief:
        assert "ok" in await browser.ask(op="auth", ticket=ticket)
        for wrong in (ticket, "x", "", "\x00", "x" * 10_000):
            assert (await thief.ask(op="auth", ticket=wrong))["error"]["code"] == "bad_ticket"
        assert (await thief.ask(op="sub", ch=ana.channel))["error"]["code"] == "unknown_channel"


async def test_a_ticket_needs_a_signed_in_caller(site: Site) -> None:
    async with site.http() as http:
        answer = await http.post("/api/realtime/ticket")
    assert (answer.status_code, answer.json()["error"]) == (401, "not_signed_in")


async def test_nobody_follows_another_users_channel(site: Site, ana: Person, db: Database) -> None:
    bob = await person(site, db)
    async with site.signed_in(bob) as browser:
        for channel in (ana.channel, "user:", "user:0", "live:1", "", "user:" + "9" * 5000):
            assert (await browser.ask(op="sub", ch=channel))["error"]["code"] == "unknown_channel"


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:8080.evil.example", "null", ""])
async def test_a_foreign_page_is_refused_before_the_upgrade(site: Site, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with site.socket(origin=origin):
            pass
    assert caught.value.response.status_code == 403


async def test_our_own_names_and_programs_are_welcome(site: Site) -> None:
    for origin in (ORIGIN, "http://127.0.0.1:8080", None):
        async with site.socket(origin=origin) as browser:
            assert (await browser.ask(op="ping"))["ok"] == {}


async def test_another_subprotocol_is_refused(site: Site) -> None:
    with pytest.raises(InvalidStatus):
        async with site.socket(subprotocol="chat"):
            pass


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "1", "[" * 30_000, '{"id":1}', '{"id":"x","op":"ping"}', '{"id":true,"op":"ping"}'),
        *('{"id":1,"op":"drop"}', '{"id":1,"op":"ping","x":1}', '{"id":1,"op":"sub","ch":7}'),
        '{"id":1,"op":"sub","ch":"\\ud800"}',
    ],
)
async def test_nonsense_is_answered_and_harms_nothing(site: Site, text: str) -> None:
    async with site.socket() as browser:
        await browser.connection.send(text)
        assert "error" in await browser.read()
        assert (await browser.ask(op="ping"))["ok"] == {}


async def test_binary_and_oversized_frames_close_the_socket(site: Site) -> None:
    async with site.socket() as browser:
        await browser.connection.send(b"\x00")
        assert await browser.closed() == 1003
    async with site.socket() as browser:
        await browser.connection.send("x" * 70_000)
        assert await browser.closed() == 1009


async def test_a_flood_is_first_refused_then_closed(site: Site) -> None:
    async with site.socket() as browser:
        for id in range(1, 150):
            await browser.connection.send(json.dumps({"id": id, "op": "ping"}))
        codes = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                codes.append((await browser.read()).get("error", {}).get("code"))
        assert codes[0] is None
        assert codes[-1] == "too_many_requests"
        assert browser.connection.close_code == 4008


async def test_too_many_sockets_of_one_address_are_refused(settings: Settings) -> None:
    async with open_site(dataclasses.replace(settings, socket_max_per_address=2)) as site:
        async with site.socket(), site.socket():
            with pytest.raises(InvalidStatus) as caught:
                async with site.socket():
                    pass
            assert caught.value.response.status_code == 429
            assert caught.value.response.headers["Retry-After"] == "30"

        async def is_free() -> bool:
            return not site.deps.hub.connections

        await until(is_free)
        async with site.socket() as browser:
            assert "ok" in await browser.ask(op="ping")


async def test_logging_out_closes_the_socket_of_that_session(site: Site, ana: Person) -> None:
    async with site.signed_in(ana) as browser, site.http() as http:
        phone = Person(site, ana.user, await log_in_again(site, ana))
        async with site.signed_in(phone) as other:
            answer = await http.delete("/api/auth/sessions", headers={**ana.headers, **SAME_ORIGIN})
            assert answer.status_code == 204, answer.text
            assert await soon(browser.closed(), 5) == 4001
            assert await soon(other.closed(), 5) == 4001


async def log_in_again(site: Site, ana: Person) -> dict[str, str]:
    async with site.http() as http:
        return await log_in(http, ana.user.username)


async def test_a_revocation_from_psql_closes_the_socket_without_a_ring(site: Site, ana: Person, db: Database) -> None:
    async with site.signed_in(ana) as browser:
        await db.execute("select account.revoke_sessions($1)", ana.user.id)
        assert await soon(browser.closed(), 5) == 4001


async def test_a_ticket_of_a_session_that_ended_meanwhile_is_refused(site: Site, ana: Person, db: Database) -> None:
    ticket = await ana.ticket()
    await db.execute("select account.revoke_sessions($1)", ana.user.id)
    async with site.socket() as browser:
        assert (await browser.ask(op="auth", ticket=ticket))["error"]["code"] == "bad_ticket"


async def test_unsubscribed_means_silence_and_leaving_stops_watching(site: Site, ana: Person) -> None:
    async with site.signed_in(ana) as browser:
        await browser.ask(op="sub", ch=ana.channel)
        await browser.ask(op="unsub", ch=ana.channel)
        await publish(site, ana)
        assert "ok" in await browser.ask(op="ping")
        assert browser.frames == []

    async def is_empty() -> bool:
        return site.deps.streams.cursor(ana.channel) is None

    await until(is_empty)


async def test_a_stop_says_1012_and_is_quick(settings: Settings, db: Database) -> None:
    async with open_site(settings) as site, site.socket() as browser:
        site.server.should_exit = True
        assert await soon(browser.closed(), 5) == 1012
        await soon(site.serving, 10)


async def test_metrics_show_the_socket_and_the_queue(site: Site, db: Database) -> None:
    await make_user(db)
    async with site.socket() as browser, site.http() as http:
        await browser.ask(op="ping")
        text = (await http.get("/metrics")).text
        again = (await http.get("/metrics")).text
    assert "trunkline_sockets 1.0" in text
    assert 'trunkline_queue_depth{queue="media",state="ready"} 0.0' in text
    assert 'trunkline_http_requests_total{method="GET",route="/metrics",status="200"} 1.0' in again
