"""Another's things: every endpoint that takes an id answers a stranger with 404, and changes nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.config import Settings
from app.pg.pool import Database
from app.routes import ENDPOINTS
from app.routes.http import Access, Endpoint
from tests.attacks.world import make_belongings, unlimited, well_formed
from tests.factories import make_user, signed_in

WITH_IDS = [endpoint for endpoint in ENDPOINTS if "{" in endpoint.path]
# Everybody may see these of everybody.
FOR_ALL = {("GET", "/api/users/{username}")} | {
    (method, "/api/users/{username}/follow") for method in ("GET", "PUT", "DELETE")
}
TABLES = (
    "videos",
    "video_likes",
    "video_positions",
    "video_captions",
    "uploads",
    "upload_parts",
    "sessions",
    "lives",
    "chat_rules",
    "chat_messages",
    "chat_held",
    "chat_moderators",
    "chat_bans",
    "chat_audit",
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return unlimited(settings)


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


async def state(db: Database) -> dict[str, Any]:
    """Everything that could have been changed; the time a session was last seen may."""
    return {
        table: await db.fetchval(f"select jsonb_agg(to_jsonb(t) - 'last_seen_at' order by t::text) from {table} t")  # noqa: S608
        for table in TABLES
    }


async def test_strangers_get_404_from_every_endpoint_with_an_id(client: httpx.AsyncClient, db: Database) -> None:
    theirs = await make_belongings(client, db)
    stranger = await signed_in(client, db)
    before = await state(db)
    covered, wrong = [], []
    for endpoint in WITH_IDS:
        if (endpoint.method, endpoint.path) in FOR_ALL:
            continue
        path = theirs.fill(endpoint.path)
        assert path, f"{name(endpoint)}: teach Belongings.fill whose id this is"
        request = well_formed(endpoint)
        for who, headers in (("stranger", stranger), ("guest", {})):
            sent = request | {"headers": headers | request.get("headers", {})}
            answer = await client.request(endpoint.method, path, **sent)
            allowed = {404} if who == "stranger" or endpoint.access is Access.OPTIONAL else {401}
            if answer.status_code not in allowed or "mine alone" in answer.text:
                wrong.append(f"{name(endpoint)} as {who}: {answer.status_code} {answer.text[:120]}")
        covered.append(name(endpoint))
    assert wrong == []
    assert len(covered) == len(WITH_IDS) - len(FOR_ALL)
    assert await state(db) == before


async def test_the_owner_is_let_in_by_the_same_requests(client: httpx.AsyncClient, db: Database) -> None:
    """Or the sweep above would prove nothing."""
    for endpoint in WITH_IDS:
        mine = await make_belongings(client, db)
        path = mine.fill(endpoint.path)
        if path is None or endpoint.consumes == "text/vtt" or path.startswith("/api/uploads/") or "/poster" in path:
            continue  # these go on to S3, which their own tests have
        if path.endswith("/restore"):
            assert (await client.delete(path.removesuffix("/restore"), headers=mine.headers)).is_success
        answer = await client.request(endpoint.method, path, **well_formed(endpoint), headers=mine.headers)
        assert answer.status_code != 404, f"{name(endpoint)}: {answer.text}"


async def test_moderators_of_one_private_live_are_strangers_to_another(client: httpx.AsyncClient, db: Database) -> None:
    theirs, another = await make_belongings(client, db), await make_belongings(client, db)
    helper = await make_user(db)
    named = f"/api/lives/{another.live.id}/moderators/{helper.username}"
    assert (await client.put(named, headers=another.headers)).status_code == 204
    as_helper = await signed_in(client, db, helper)
    url = f"/api/lives/{another.live.id}/messages"
    assert "mine alone" in (await client.get(url, headers=as_helper)).text, "or the sweep would prove nothing"
    before = await state(db)
    for endpoint in WITH_IDS:
        if not endpoint.path.startswith("/api/lives/"):
            continue
        path = theirs.fill(endpoint.path)
        assert path
        answer = await client.request(endpoint.method, path, **well_formed(endpoint), headers=as_helper)
        assert (answer.status_code, "mine alone" in answer.text) == (404, False), f"{name(endpoint)}: {answer.text}"
    assert await state(db) == before


async def test_a_private_lives_moderator_does_nothing_that_is_its_owners(
    client: httpx.AsyncClient, db: Database
) -> None:
    theirs = await make_belongings(client, db)
    helper, other = await make_user(db), await make_user(db)
    url = f"/api/lives/{theirs.live.id}"
    assert (await client.put(f"{url}/moderators/{helper.username}", headers=theirs.headers)).status_code == 204
    as_helper = await signed_in(client, db, helper)
    before = await state(db)
    for method, path, body in (
        ("PATCH", "", {"title": "taken over"}),
        ("DELETE", "", None),
        ("POST", "/start", None),
        ("POST", "/end", None),
        ("POST", "/key", None),
        ("PUT", f"/moderators/{other.username}", None),
        ("PUT", f"/bans/{theirs.owner.username}", {"seconds": 60}),
        ("DELETE", f"/messages/{theirs.chat.seq}", None),
    ):
        answer = await client.request(method, url + path, json=body, headers=as_helper)
        assert answer.status_code in (403, 404), f"{method} {path}: {answer.text}"
    assert await state(db) == before


async def test_endpoints_about_me_say_nothing_about_others(client: httpx.AsyncClient, db: Database) -> None:
    theirs = await make_belongings(client, db)
    stranger = await signed_in(client, db)
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" or "{" in endpoint.path:
            continue
        text = (await client.get(endpoint.path, headers=stranger)).text
        for secret in (
            theirs.video.id,
            theirs.live.id,
            theirs.upload,
            theirs.session,
            theirs.owner.email,
            "mine alone",
        ):
            assert secret not in text, name(endpoint)


async def test_no_body_sets_what_only_the_service_sets(client: httpx.AsyncClient, db: Database) -> None:
    mine = await make_belongings(client, db)
    for endpoint in ENDPOINTS:
        path = mine.fill(endpoint.path)
        if (
            endpoint.body is None
            or path is None
            or endpoint.body.__name__ not in {"VideoPatch", "Edit", "Register", "LivePatch", "LiveBody"}
        ):
            continue
        for field in (
            "role",
            "id",
            "key_hash",
            "owner_id",
            "status",
            "view_count",
            "is_email_verified",
            "storage_quota_bytes",
        ):
            answer = await client.request(endpoint.method, path, json={field: 1}, headers=mine.headers)
            assert answer.status_code == 422, f"{name(endpoint)} took {field}"
