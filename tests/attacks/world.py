"""What sweeps over all endpoints share: somebody's things, and a well-formed request for every endpoint."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

import httpx

from app.config import Settings
from app.pg.pool import Database
from app.routes.http import Endpoint
from tests.factories import User, make_user, signed_in
from tests.lives import MadeChat, MadeLive, make_chat, make_live
from tests.videos import MadeVideo, make_video

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"
# A body that validates, by the struct that validates it.
BODIES: dict[str, dict[str, Any]] = {
    "VideoPatch": {"title": "taken over", "visibility": "public"},
    "Position": {"seconds": 1},
    "PartNumbers": {"numbers": [1]},
    "SentPart": {"etag": '"d41d8cd98f00b204e9800998ecf8427e"', "size": 1},
    "Nothing": {},
    "LivePatch": {"title": "taken over", "visibility": "public"},
    "MessageBody": {"text": "hello", "cid": "5f0c2a52-6f0e-4f9b-9d1c-0c5ad2f3a001"},
    "MessagePatch": {"text": "taken over"},
    "EffectBody": {"emoji": "🎉"},
    "PinBody": {"seq": 1},
    "RulesPatch": {"slow_seconds": 30},
    "BanBody": {"seconds": 60},
    "Frame": {"frame": 0},
    "ReviewBody": {"verdict": "approved"},
}


def unlimited(settings: Settings) -> Settings:
    """Without rate limits: a sweep asks more than a person."""
    names = [f.name for f in dataclasses.fields(Settings) if f.name.startswith("limit_")]
    return dataclasses.replace(settings, **dict.fromkeys(names, "100000/1"))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Belongings:
    """Somebody's things, and their ids by the name they have in addresses."""

    owner: User
    headers: dict[str, str]
    video: MadeVideo
    upload: str
    session: str
    live: MadeLive
    chat: MadeChat

    def fill(self, path: str) -> str | None:
        """The address of the owner's own thing, None for an address nobody taught us."""
        ids = {
            "/api/videos/{id}": self.video.id,
            "/api/uploads/{id}": self.upload,
            "/api/auth/sessions/{id}": self.session,
            "/api/lives/{id}": self.live.id,
        }
        for prefix, id in ids.items():
            if path.startswith(prefix):
                path = path.replace("{id}", id)
        path = path.replace("{seq}", str(self.chat.seq)).replace("{hid}", str(self.chat.held))
        path = path.replace("{username}", self.chat.writer) if path.startswith("/api/lives/") else path
        path = path.replace("{lang}", "en").replace("{n}", "1").replace("{n:int}", "1")
        return None if re.search(r"[{}]", path) else path


async def make_belongings(client: httpx.AsyncClient, db: Database) -> Belongings:
    owner = await make_user(db)
    headers = await signed_in(client, db, owner)
    video = await make_video(db, owner.id, "mine alone", visibility="private")
    await db.execute("insert into video_captions values ($1, 'en', 'English', 'captions/en-1.vtt')", video.number)
    made = await db.fetchval("select media.create_upload($1, 'a.mp4', 'a', 'video/mp4', 6000000, 5242880, 5)", owner.id)
    await db.fetchval("select media.open_upload($1, $2, 'no-such-upload', 3600)", owner.id, made["upload_id"])
    live = await make_live(db, owner.id, "mine alone", visibility="private")
    chat = await make_chat(db, live, owner.id)
    sessions = (await client.get("/api/auth/sessions", headers=headers)).json()["items"]
    return Belongings(owner, headers, video, made["upload_id"], sessions[0]["id"], live, chat)


def well_formed(endpoint: Endpoint) -> dict[str, Any]:
    """Arguments of a request that fails for nothing but rights."""
    if endpoint.consumes == "text/vtt":
        return {"content": CAPTIONS, "headers": {"content-type": "text/vtt"}}
    return {"json": BODIES[endpoint.body.__name__]} if endpoint.body is not None else {}
