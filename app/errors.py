"""What can go wrong, in one table: code, HTTP status, sentence for people.

SQL raises these codes through `util.fail(code, …)` with an SQLSTATE of our class `TL` whose last three
digits are the HTTP status; PostgreSQL's own states are mapped by `from_sqlstate`. The frontend shows texts by code.
`docs/errors.md` is written from this table (`python -m app errors`) and compared with it by a test.
"""

from __future__ import annotations

from app.field_errors import FIELD_ERRORS, FieldError

# code: (HTTP status, sentence)
ERRORS: dict[str, tuple[int, str]] = {
    # Any request
    "bad_request": (400, "The request could not be understood."),
    "not_signed_in": (401, "Sign in first."),
    "forbidden": (403, "You may not do this."),
    "not_found": (404, "There is nothing here."),
    "method_not_allowed": (405, "This address does not answer that method."),
    "conflict": (409, "This does not fit the present state. Reload and try again."),
    "body_too_large": (413, "The request is too large."),
    "unsupported_media_type": (415, "Send the body as JSON."),
    "invalid": (422, "Some fields are not right."),
    "too_many_requests": (429, "Too many requests. Wait a moment."),
    "head_too_large": (431, "The head of the request is too large."),
    "internal": (500, "Something broke on our side."),
    "unavailable": (503, "The service cannot answer right now. It will be back soon."),
    # Queue and inbox
    "unknown_queue": (422, "There is no queue of that name."),
    "job_not_found": (404, "There is no such job."),
    "job_taken_over": (409, "Another process has taken this job over."),
    "job_exists": (409, "Another job for the same thing is waiting or running."),
    "inbox_not_found": (404, "There is no such stored event that is not applied yet."),
    # Realtime
    "bad_ticket": (401, "This ticket is unknown, used or too old. Ask for another."),
    "unknown_channel": (404, "There is no such channel, or it is not for you."),
    "too_many_sockets": (429, "Too many connections. Close some and try again."),
    # Accounts
    "wrong_credentials": (401, "The name or the password is wrong."),
    "bad_token": (400, "This link is used up or too old. Ask for a new one."),
    "banned": (403, "This account has been suspended."),
    "wrong_origin": (403, "This request has to come from the service's own pages."),
    "username_taken": (409, "This name is taken."),
    "email_in_use": (409, "Another account has confirmed this e-mail address."),
    # Watching
    "too_many_captions": (409, "This video has captions in as many languages as it can hold."),
    # Chat
    "chat_banned": (403, "You may not write in this chat."),
    "followers_only": (403, "Only followers may write in this chat."),
    "verified_only": (403, "Only people with a confirmed e-mail address may write in this chat."),
    "chat_closed": (409, "This chat is closed."),
    "not_unique": (409, "This was said a moment ago. Say something else."),
    "too_many_edits": (409, "This message was changed as often as a message may be."),
    "too_late": (409, "This message is too old to be changed."),
    "already_reviewed": (409, "Another moderator decided otherwise."),
    "too_many_moderators": (409, "This live has as many moderators as it can have."),
    "links_blocked": (422, "Links are not allowed in this chat."),
    "words_blocked": (422, "A word of this message is not allowed in this chat."),
    "slow_down": (429, "Not so fast. Wait a moment."),
    # Uploads
    "unsupported_file": (422, "This kind of file cannot become a video."),
    "file_too_large": (422, "This file is too large."),
    "quota_exceeded": (409, "Your storage is full. Delete something first."),
    "too_many_uploads": (409, "Too many uploads are open. Finish or cancel one first."),
    "upload_closed": (409, "This upload is not open any more."),
    "upload_incomplete": (409, "Some parts have not arrived yet."),
    "upload_mismatch": (409, "What arrived is not what was announced. Upload it again."),
    # Lives
    "too_many_lives": (409, "Too many broadcasts are planned or on air. End or delete one first."),
    "live_started": (409, "This broadcast is on air already."),
    "live_not_started": (409, "This broadcast has not begun."),
    "live_ended": (409, "This broadcast is over."),
    # Video processing
    "video_not_failed": (409, "Only a video that failed can be tried again."),
    "wrong_webhook_key": (401, "The webhook key is missing or wrong."),
}


class AppError(Exception):
    """An answer other than success. `fields` says what is wrong by input; `retry_after` is in seconds."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        fields: dict[str, FieldError] | None = None,
        retry_after: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        status, default = ERRORS[code]
        super().__init__(code)
        self.code = code
        self.status = status
        self.message = message or default
        self.fields = fields
        self.retry_after = retry_after
        self.headers = headers


def invalid(**fields: FieldError) -> AppError:
    """422 with what is wrong per input."""
    return AppError("invalid", fields=fields)


# PostgreSQL's own states that a caller can cause or should wait out; by whole state, else by class.
SQLSTATES: dict[str, str] = {
    "23505": "conflict",  # unique_violation
    "23503": "conflict",  # foreign_key_violation
    "23514": "invalid",  # check_violation
    "23502": "invalid",  # not_null_violation
    "22000": "invalid",  # data_exception (an argument out of its type's range)
    "22008": "invalid",  # datetime_field_overflow
    "22015": "invalid",  # interval_field_overflow
    "22P02": "invalid",  # invalid_text_representation
    "22P05": "invalid",  # untranslatable_character (NUL in text)
    "22021": "invalid",  # character_not_in_repertoire
    "22001": "invalid",  # string_data_right_truncation
    "22003": "invalid",  # numeric_value_out_of_range
    "40001": "unavailable",  # serialization_failure
    "40P01": "unavailable",  # deadlock_detected
    "53100": "unavailable",  # disk_full
    "53200": "unavailable",  # out_of_memory
    "53300": "unavailable",  # too_many_connections
    "54000": "invalid",  # program_limit_exceeded (a text too long for its index)
    "54001": "invalid",  # statement_too_complex (JSON nested too deep)
    "55000": "unavailable",  # object_not_in_prerequisite_state (a standby that is asked what a primary knows)
    "55P03": "unavailable",  # lock_not_available
    "57014": "unavailable",  # query_canceled (statement timeout)
    "57P01": "unavailable",  # admin_shutdown
    "57P02": "unavailable",  # crash_shutdown
    "57P03": "unavailable",  # cannot_connect_now
    "25006": "unavailable",  # read_only_sql_transaction (standby)
}
RETRY_AFTER_SECONDS = 2


def from_sqlstate(
    state: str, message: str, detail: str | None, fields: dict[str, FieldError] | None
) -> AppError | None:
    """The answer to a database error, or None when it is a fault of ours."""
    if state.startswith("TL") and message in ERRORS:
        return AppError(message, detail, fields)
    if state.startswith("08"):
        return unavailable()
    code = SQLSTATES.get(state)
    if code == "unavailable":
        return unavailable()
    return AppError(code) if code else None


def unavailable() -> AppError:
    return AppError("unavailable", retry_after=RETRY_AFTER_SECONDS)


def document() -> str:
    """The text of docs/errors.md."""
    head = """# Errors

Written by `python -m app errors` from `app/errors.py`; a test compares the two.

Every refusal has this body, and `fields` when inputs are to blame:
`{"error": code, "message": sentence, "request_id": id, "fields": {input: sentence},
"field_codes": {input: {"code": code, "params": {}}}}`.
429 and 503 carry `Retry-After` in seconds. Show texts by `error` and by the code of a field; sentences are for logs
and for people who read JSON.

| status | error | message |
|---|---|---|
"""
    rows = sorted((status, code, sentence) for code, (status, sentence) in ERRORS.items())
    codes = [f"| {status} | `{code}` | {sentence} |\n" for status, code, sentence in rows]
    inputs = [f"| `{code}` | {sentence} |\n" for code, sentence in FIELD_ERRORS.items()]
    return head + "".join(codes) + FIELDS_HEAD + "".join(inputs)


FIELDS_HEAD = """
## What can be wrong with an input

| code | sentence |
|---|---|
"""
