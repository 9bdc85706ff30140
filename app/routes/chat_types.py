"""What crosses the wire about a chat: requests as they are validated, answers as OpenAPI shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from app.routes.http import Body
from app.routes.live_types import ChatRules, Message, MessageBy
from app.routes.video_types import Cursor, Limit, Owner

# What may fly over the page.
Effect = Literal["❤️", "🎉", "👏", "😂", "🔥", "👍", "😮", "😢", "🙏", "💯", "🚀", "⭐"]
LinkRule = Literal["allow", "hold", "block"]
Seq = Annotated[int, Meta(ge=0, le=2**63 - 1)]
# Only so that nobody sends a book: CHAT_MAX_CHARS is the limit, counted once blanks are made one.
Text = Annotated[str, Meta(min_length=1, max_length=16_000)]
Reason = Annotated[str, Meta(max_length=300)]
# Of blocked words; /api/limits tells pages of them.
WORD_CHARS = 60
WORDS = 200
Word = Annotated[str, Meta(min_length=1, max_length=WORD_CHARS)]


class MessagePage(msgspec.Struct):
    """Oldest first. Follow the live's channel since `epoch` and `seq`, and nothing is missed."""

    items: list[Message]
    has_more: bool
    epoch: int
    seq: int


class Sent(msgspec.Struct, omit_defaults=True):
    """On disk under this number; or held for a moderator."""

    epoch: int | None = None
    seq: int | None = None
    held: bool = False


class ModeratorRules(ChatRules):
    """With what only moderators know."""

    blocked_words: list[str]


class Moderator(Owner):
    created_at: datetime


class ModeratorList(msgspec.Struct):
    items: list[Moderator]


class Ban(msgspec.Struct):
    """`until` null: for good."""

    user: Owner
    until: datetime | None
    reason: str
    created_at: datetime


class BanPage(msgspec.Struct):
    items: list[Ban]
    next_cursor: str | None


class HeldMessage(msgspec.Struct):
    id: int
    by: MessageBy
    text: str
    why: Literal["word", "link"]
    created_at: datetime


class HeldPage(msgspec.Struct):
    items: list[HeldMessage]
    next_cursor: str | None


class UnbanQuery(msgspec.Struct):
    """`restore`: what was hidden when they were silenced is shown again."""

    restore: bool = False


class AuditEntry(msgspec.Struct):
    """`actor` null: an operator."""

    id: int
    at: datetime
    actor: Owner | None
    action: Literal[
        "delete", "restore", "ban", "timeout", "unban", "rules", "pin", "unpin", "clear", "approve", "reject",
        "add_moderator", "remove_moderator", "close", "announce",
    ]  # fmt: skip
    target: Owner | None
    detail: dict[str, Any]


class AuditPage(msgspec.Struct):
    items: list[AuditEntry]
    next_cursor: str | None


class HistoryQuery(msgspec.Struct):
    """The last messages before a number, or the first ones after one; neither: the last."""

    before: Seq | None = None
    after: Seq | None = None
    limit: Limit = 50


class PageQuery(msgspec.Struct):
    cursor: Cursor | None = None
    limit: Limit = 50


class MessageBody(Body):
    text: Text
    # Made by the client: the same again is the same message, not a second one.
    cid: uuid.UUID
    reply_to: Seq | None = None


class MessagePatch(Body):
    text: Text


class EffectBody(Body):
    emoji: Effect


class PinBody(Body):
    seq: Seq


class RulesPatch(Body):
    """What is not sent stays as it is."""

    is_open: bool | None = None
    slow_seconds: Annotated[int, Meta(ge=0, le=3600)] | None = None
    followers_only: bool | None = None
    verified_only: bool | None = None
    unique_only: bool | None = None
    link_rule: LinkRule | None = None
    blocked_words: Annotated[list[Word], Meta(max_length=WORDS)] | None = None


class BanBody(Body):
    """For so many seconds; null: for good."""

    seconds: Annotated[int, Meta(ge=1, le=366 * 86_400)] | None
    reason: Reason = ""


class ReviewBody(Body):
    verdict: Literal["approved", "rejected"]


# What a socket sends as data of `pub`; the answers are those of the addresses above.
class SocketMessage(Body):
    text: Text
    reply_to: Seq | None = None


class SocketEdit(Body):
    seq: Seq
    text: Text


class SocketDelete(Body):
    seq: Seq


class SocketTyping(Body):
    pass
