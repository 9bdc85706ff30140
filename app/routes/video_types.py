"""What crosses the wire about videos: requests as they are validated, answers as OpenAPI shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.routes.http import Body

Visibility = Literal["public", "unlisted", "private"]
Status = Literal["uploading", "queued", "probing", "transcoding", "ready", "failed"]
Progress = Annotated[int, Meta(ge=0, le=100)]
Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=200)]
Encoding = Literal["utf-8", "utf-16", "euc-kr", "big5", "gb18030", "shift_jis", "windows-1252"]
# Lengths in characters; /api/limits tells pages of them.
TITLE_CHARS = 150
DESCRIPTION_CHARS = 5000
TAG_CHARS = 40
TAGS = 20


class Owner(msgspec.Struct):
    username: str
    display_name: str
    avatar_url: str | None


class Quality(msgspec.Struct):
    label: str
    width: int
    height: int
    bitrate: int
    status: Literal["pending", "working", "ready", "failed"]
    progress: Progress


class Caption(msgspec.Struct):
    lang: str
    label: str


class SavedCaption(Caption, omit_defaults=True):
    """`left_out` cues could not be shown; `encoding` is what the file was converted from, where it was not UTF-8."""

    left_out: int = 0
    encoding: str | None = None


class CaptionTrack(msgspec.Struct):
    lang: str
    label: str
    url: str


class VideoCard(msgspec.Struct):
    """A list entry."""

    id: str
    title: str
    visibility: Visibility
    status: Status
    reason: str | None
    progress: Progress
    is_playable: bool
    duration_seconds: float | None
    view_count: int
    like_count: int
    resume_seconds: float | None
    created_at: datetime
    published_at: datetime | None
    poster_url: str | None
    sprite_vtt_url: str | None
    owner: Owner


class Video(msgspec.Struct):
    id: str
    title: str
    description: str
    tags: list[str]
    visibility: Visibility
    status: Status
    reason: str | None
    progress: Progress
    is_playable: bool
    is_owner: bool
    duration_seconds: float | None
    width: int | None
    height: int | None
    size_bytes: int
    view_count: int
    like_count: int
    is_liked: bool
    resume_seconds: float | None
    created_at: datetime
    published_at: datetime | None
    # Private until then.
    publish_at: datetime | None
    poster_url: str | None
    # For the owner: pictures made of the video, to choose from.
    frame_urls: list[str]
    sprite_vtt_url: str | None
    owner: Owner
    qualities: list[Quality]
    captions: list[Caption]


class VideoPage(msgspec.Struct):
    items: list[VideoCard]
    next_cursor: str | None


class MyVideoPage(msgspec.Struct):
    items: list[Video]
    next_cursor: str | None


class Related(msgspec.Struct):
    items: list[VideoCard]


class DayViews(msgspec.Struct):
    day: date
    views: int


class Stats(msgspec.Struct):
    video_count: int
    view_count: int
    like_count: int
    storage_used_bytes: int
    storage_quota_bytes: int
    views_per_day: list[DayViews]


class Playback(msgspec.Struct):
    """Addresses relative to the service; those of private videos hold a token until `expires_at`."""

    hls_url: str | None
    progressive_url: str | None
    poster_url: str | None
    sprite_vtt_url: str | None
    captions: list[CaptionTrack]
    expires_at: datetime


class Likes(msgspec.Struct):
    like_count: int
    is_liked: bool


class ListQuery(msgspec.Struct):
    q: Annotated[str, Meta(max_length=200)] | None = None
    # Unset: relevance with a text, newest without.
    sort: Literal["newest", "popular", "relevance"] | None = None
    owner: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Cursor | None = None
    limit: Limit = 24


class MineQuery(msgspec.Struct):
    status: Status | None = None
    cursor: Cursor | None = None
    limit: Limit = 24


class RelatedQuery(msgspec.Struct):
    limit: Limit = 12


class CaptionQuery(msgspec.Struct):
    label: Annotated[str, Meta(max_length=60)] | None = None
    # Of the file; unset: told from its bytes.
    encoding: Encoding | None = None


class VideoPatch(Body):
    """What is not sent stays as it is."""

    title: Annotated[str, Meta(min_length=1, max_length=TITLE_CHARS)] | None = None
    description: Annotated[str, Meta(max_length=DESCRIPTION_CHARS)] | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=TAG_CHARS)]], Meta(max_length=TAGS)] | None = None
    # Calls off publish_at.
    visibility: Visibility | None = None
    # Private until then, public from then on.
    publish_at: Annotated[datetime, Meta(tz=True)] | None = None


class Position(Body):
    seconds: Annotated[float, Meta(ge=0, le=1_000_000)]
