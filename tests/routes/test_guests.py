"""What guests are shown comes from the cache, and is never older than the change that was answered."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from starlette.applications import Starlette

from app.deps import Deps
from app.pg.pool import Database
from tests.factories import make_user, signed_in
from tests.signals import until
from tests.videos import make_video

HOME = ("/api/videos?sort=newest&limit=24", "/api/videos?sort=popular&limit=8")


async def titles(client: httpx.AsyncClient, address: str) -> list[str]:
    return [item["title"] for item in (await client.get(address)).json()["items"]]


async def rings_arrive(deps: Deps) -> None:
    """Only then is anything kept near."""

    async def is_live() -> bool:
        return deps.bell.is_live

    await until(is_live)


async def test_the_home_page_and_a_video_page_are_answered_from_near(
    client: httpx.AsyncClient, app: Starlette, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    deps: Deps = app.state.deps
    video = await make_video(db, (await make_user(db)).id, "Seen")
    await rings_arrive(deps)
    # Near values end after a moment, and what is counted is written and forgotten each second: neither in here.
    monkeypatch.setattr(deps.cache.near, "clock", lambda: 1000.0)
    counts: Counter[str] = Counter()
    monkeypatch.setattr(deps.cache, "_count", lambda outcome: counts.update([outcome]))
    for address in (*HOME, f"/api/videos/{video.id}"):
        first, second = await client.get(address), await client.get(address)
        assert first.status_code == 200
        assert first.json() == second.json()
    assert counts["near"] >= 3


async def test_a_changed_hidden_or_deleted_video_is_gone_for_guests_with_the_answer(
    client: httpx.AsyncClient, app: Starlette, db: Database
) -> None:
    await rings_arrive(app.state.deps)
    owner = await make_user(db)
    video = await make_video(db, owner.id, "Old")
    page = f"/api/videos/{video.id}"
    guest = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=str(client.base_url))
    headers = await signed_in(client, db, owner)
    async with guest:
        for change, expected in (({"title": "New"}, ["New"]), ({"visibility": "private"}, [])):
            assert [await titles(guest, address) for address in HOME]
            assert (await guest.get(page)).status_code == 200
            assert (await client.patch(page, json=change, headers=headers)).status_code == 200
            assert [await titles(guest, address) for address in HOME] == [expected, expected]
        assert (await guest.get(page)).status_code == 404
        await client.patch(page, json={"visibility": "public"}, headers=headers)
        assert (await guest.get(page)).json()["title"] == "New"
        assert (await client.delete(page, headers=headers)).status_code == 204
        assert (await guest.get(page)).status_code == 404
        assert [await titles(guest, address) for address in HOME] == [[], []]


async def test_the_owner_sees_their_own_view_of_a_video_and_guests_do_not(
    client: httpx.AsyncClient, app: Starlette, db: Database
) -> None:
    owner = await make_user(db)
    video = await make_video(db, owner.id, "Mine")
    headers = await signed_in(client, db, owner)
    assert (await client.get(f"/api/videos/{video.id}", headers=headers)).json()["is_owner"] is True
    assert (await client.get(f"/api/videos/{video.id}")).json()["is_owner"] is False


async def test_a_session_that_ends_in_one_process_is_unknown_in_another_at_once(
    client: httpx.AsyncClient, app: Starlette, db: Database
) -> None:
    """The other process's memory of sessions hears of it by the doorbell, not by its time."""
    deps: Deps = app.state.deps
    headers = await signed_in(client, db)
    assert (await client.get("/api/auth/me", headers=headers)).status_code == 200
    (session_id,) = list(deps.sessions._known)
    deps.bell.ring(keys=["session:" + session_id])
    assert session_id not in deps.sessions._known
