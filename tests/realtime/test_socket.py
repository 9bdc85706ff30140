"""The socket as a browser meets it: signing in, following, catching up, being refused and being closed."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.config import Settings
from app.deps import Deps
from app.errors import AppError
from app.pg.pool import Database
from app.pg.stream import append
from app.realtime import hub
from app.realtime.connection import Connection
from app.realtime.protocol import Pub
from app.routes.publish import PUBLISHES, Entry
from tests.factories import SAME_ORIGIN, log_in, make_user
from tests.realtime.site import ORIGIN, Person, Site, open_site, person
from tests.signals import SECONDS, soon, until


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


@pytest.mark.parametrize("seq", [-(2**64), -(2**63) - 1, -1, 2**63, 2**64, 10**30, 1.5, "1", True, None])
async def test_a_number_that_is_none_fails_for_its_sender_alone(
    site: Site, ana: Person, db: Database, seq: Any
) -> None:
    bob = await person(site, db)
    await publish(site, bob, 3)
    async with site.signed_in(ana) as one, site.signed_in(bob) as two:
        epoch = await site.deps.streams.get_epoch()
        wrong = one.ask(op="sub", ch=ana.channel, since={"epoch": epoch, "seq": seq})
        right = two.ask(op="sub", ch=bob.channel, since={"epoch": epoch, "seq": 0})
        refused, resumed = await asyncio.gather(wrong, right)
        assert refused["error"]["code"] == "bad_request"
        assert resumed["ok"] == {"epoch": epoch, "seq": 3}
        assert "ok" in await one.ask(op="ping")


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
    codes = []
    async with site.socket() as browser, asyncio.timeout(SECONDS):
        with contextlib.suppress(ConnectionClosed):
            # Again where the machine stood still in the middle: two seconds allow forty more.
            while True:
                for id in range(1, 150):
                    await browser.connection.send(json.dumps({"id": id, "op": "ping"}))
                for _ in range(1, 150):
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
            assert await browser.closed() == 4001
            assert await other.closed() == 4001


async def log_in_again(site: Site, ana: Person) -> dict[str, str]:
    async with site.http() as http:
        return await log_in(http, ana.user.username)


async def test_a_revocation_from_psql_closes_the_socket_without_a_ring(site: Site, ana: Person, db: Database) -> None:
    async with site.signed_in(ana) as browser:
        await db.execute("select account.revoke_sessions($1)", ana.user.id)
        assert await browser.closed() == 4001


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
        assert await browser.closed() == 1012
        await soon(site.serving)


async def test_metrics_show_the_socket_and_the_queue(site: Site, db: Database) -> None:
    await make_user(db)
    async with site.socket() as browser, site.http() as http:
        await browser.ask(op="ping")
        text = (await http.get("/metrics")).text
        again = (await http.get("/metrics")).text
    assert "trunkline_sockets 1.0" in text
    assert 'trunkline_queue_depth{queue="media",state="ready"} 0.0' in text
    assert 'trunkline_http_requests_total{method="GET",route="/metrics",status="200"} 1.0' in again


class Said(msgspec.Struct, forbid_unknown_fields=True):
    text: str


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """A type that answers when the gate opens, and one that answers at once."""
    opened = asyncio.Event()

    async def slow(deps: Deps, connection: Connection, op: Pub, data: Said) -> dict[str, Any]:
        await opened.wait()
        return {"text": data.text, "cid": str(op.cid)}

    async def quick(deps: Deps, connection: Connection, op: Pub, data: Said) -> dict[str, Any]:
        raise AppError("too_many_requests", retry_after=7)

    monkeypatch.setitem(PUBLISHES, "test:slow", Entry(Said, slow))
    monkeypatch.setitem(PUBLISHES, "test:quick", Entry(Said, quick))
    return opened


async def test_a_slow_pub_holds_nothing_else_up_and_is_bounded(
    settings: Settings, db: Database, gate: asyncio.Event
) -> None:
    few = dataclasses.replace(settings, socket_max_publishing=2)
    async with open_site(few) as site, site.signed_in(await person(site, db)) as browser:
        cid = "6f2b2f6e-5a3e-4b58-9a8e-1f1c7b3f0a11"
        for id in (11, 12, 13):
            said = {"id": id, "op": "pub", "ch": "x", "type": "test:slow", "data": {"text": "a"}, "cid": cid}
            await browser.connection.send(json.dumps(said))
        assert (await browser.answer(13))["error"]["retry_after"] == 1
        assert "ok" in await browser.ask(op="ping")
        gate.set()
        assert (await browser.answer(11))["ok"] == {"text": "a", "cid": cid}
        assert (await browser.answer(12))["ok"]["text"] == "a"


async def test_what_a_pub_may_not_be_is_said(site: Site, ana: Person, gate: asyncio.Event) -> None:
    async with site.socket() as guest:
        answer = await guest.ask(op="pub", ch="x", type="test:quick", data={"text": "a"})
        assert answer["error"]["code"] == "not_signed_in"
    async with site.signed_in(ana) as browser:
        codes = [
            (await browser.ask(op="pub", ch="x", type=type, data=data))["error"]["code"]
            for type, data in (
                ("no:such", {}),
                ("test:quick", {}),
                ("test:quick", {"text": "a", "b": 1}),
                ("test:quick", {"text": "a\u0000"}),
                ("test:quick", 7),
                ("test:quick", {"text": "a"}),
            )
        ]
        assert codes == ["bad_request", "invalid", "invalid", "invalid", "invalid", "too_many_requests"]


async def test_what_was_said_before_the_page_closed_is_said(site: Site, ana: Person, gate: asyncio.Event) -> None:
    async with site.signed_in(ana) as browser:
        said = {"id": 5, "op": "pub", "ch": "x", "type": "test:slow", "data": {"text": "a"}}
        await browser.connection.send(json.dumps(said))
        await browser.ask(op="ping")
        [connection] = site.deps.hub.connections
        [task] = connection.publishing
    gate.set()
    await soon(task)
    assert not task.cancelled()


async def test_somebody_banned_in_psql_without_an_event_is_out_within_five_seconds(
    site: Site, ana: Person, db: Database
) -> None:
    assert hub.RECHECK_SECONDS + hub.TICK_SECONDS < 5
    async with site.signed_in(ana) as browser:
        await db.execute("update users set is_banned = true where id = $1", ana.user.id)
        assert await browser.closed() == 4001


async def test_a_socket_that_follows_nothing_is_closed(site: Site, ana: Person) -> None:
    async with site.socket() as guest, site.signed_in(ana) as browser:
        assert "ok" in await guest.ask(op="ping")
        for connection in site.deps.hub.connections:
            connection.asked_at -= site.deps.settings.socket_idle_seconds
        await site.deps.hub.run_once()
        assert await guest.closed() == 4002
        assert "ok" in await browser.ask(op="ping")
