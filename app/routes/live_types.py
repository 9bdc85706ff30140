"""What crosses the wire about lives: requests as they are validated, answers as OpenAPI shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.routes.http import Body
from app.routes.video_types import DESCRIPTION_CHARS, TITLE_CHARS, Cursor, Limit, Owner, Visibility

Status = Literal["scheduled", "live", "ended"]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_CHARS)]
Description = Annotated[str, Meta(max_length=DESCRIPTION_CHARS)]
# With its zone; one without would mean another moment to everybody.
Moment = Annotated[datetime, Meta(tz=True)]


class ChatRules(msgspec.Struct):
    """What holds in a chat, as everybody may know it."""

    is_open: bool
    slow_seconds: int
    followers_only: bool
    verified_only: bool
    unique_only: bool
    link_rule: Literal["allow", "hold", "block"]


class MessageBy(msgspec.Struct, omit_defaults=True):
    id: int
    name: str
    display: str
    badges: list[Literal["owner", "moderator"]] = []


class MessageReply(msgspec.Struct):
    """The beginning of the message replied to."""

    seq: int
    name: str
    text: str


class Message(msgspec.Struct):
    """A message of a chat; its text is empty when it was deleted."""

    seq: int
    at: datetime
    by: MessageBy
    text: str
    edited: bool
    deleted: Literal["author", "moderator"] | None
    reply: MessageReply | None = None


class Restriction(msgspec.Struct):
    """What keeps the caller from writing."""

    kind: Literal["ban", "timeout"]
    until: datetime | None
    reason: str


class LiveMe(msgspec.Struct):
    """Who the caller is at a live."""

    is_owner: bool
    is_moderator: bool
    is_following: bool
    restriction: Restriction | None


class LiveOwner(Owner):
    follower_count: int


class LiveCard(msgspec.Struct):
    """A list entry. Events of the live come on `channel`."""

    id: str
    title: str
    description: str
    visibility: Visibility
    status: Status
    scheduled_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    owner: Owner
    viewers: int
    peak_viewers: int
    total_viewers: int
    channel: str
    created_at: datetime


class Live(msgspec.Struct):
    id: str
    title: str
    description: str
    visibility: Visibility
    status: Status
    scheduled_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    owner: LiveOwner
    viewers: int
    peak_viewers: int
    total_viewers: int
    channel: str
    created_at: datetime
    chat: ChatRules
    pinned: Message | None
    me: LiveMe
    # For the owner: the last characters of the stream key.
    key_hint: str | None


class NewLive(Live):
    """The stream key is shown here and never again."""

    stream_key: str


class StreamKey(msgspec.Struct):
    """The stream key is shown here and never again."""

    stream_key: str
    key_hint: str


class LivePage(msgspec.Struct):
    items: list[LiveCard]
    next_cursor: str | None


class Following(msgspec.Struct):
    is_following: bool
    follower_count: int


class LiveListQuery(msgspec.Struct):
    status: Literal["live", "upcoming", "past"] = "live"
    owner: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Cursor | None = None
    limit: Limit = 24


class LiveMineQuery(msgspec.Struct):
    cursor: Cursor | None = None
    limit: Limit = 24


class LiveBody(Body):
    title: Title
    description: Description = ""
    visibility: Visibility = "public"
    scheduled_at: Moment | None = None


class LivePatch(Body):
    """What is not sent stays as it is."""

    title: Title | None = None
    description: Description | None = None
    visibility: Visibility | None = None
    scheduled_at: Moment | None = None
