"""Sends one mail. The one-time token is made here, when the mail goes out: a job's row never holds one."""

from __future__ import annotations

import logging

from asyncpg import Record

from app.auth.tokens import hash_secret, new_secret
from app.clients import mail
from app.deps import Deps
from app.errors import AppError
from app.jobs.letters import lifetime, write
from app.jobs.spec import GiveUp, Job
from app.pg import account

log = logging.getLogger("trunkline.mail")


async def run(job: Job, deps: Deps) -> None:
    """payload: {template: verify | reset | password_changed, user_id | email}. Unknown addressees get nothing."""
    if not deps.settings.smtp_url:
        raise GiveUp("SMTP_URL is not set, so no mail is sent")
    template = job.payload["template"]
    target = await account.mail_target(deps.db, job.payload.get("user_id"), job.payload.get("email"))
    if target is None or (template == "verify" and target["is_email_verified"]):
        return
    if template == "verify" and target["has_owner"]:
        template = "in_use"
    # A mailbox must not be flooded by whoever types its address into our forms.
    if template != "password_changed" and job.attempt == 1 and not await may_write_to(target["email"], deps):
        log.warning("too many mails to one address", extra={"template": template, "user_id": target["user_id"]})
        return
    try:
        await mail.send(deps.settings, await compose(template, target, deps))
    except mail.MailRefused as error:
        raise GiveUp(str(error)) from error


async def may_write_to(email: str, deps: Deps) -> bool:
    try:
        await deps.limits.hit("mail", email.lower())
    except AppError as error:
        if error.code != "too_many_requests":
            raise
        return False
    return True


async def compose(template: str, target: Record, deps: Deps) -> mail.Letter:
    settings = deps.settings
    # Whoever typed somebody else's address into our forms must not choose what that mailbox reads: a user name can be
    # no sentence and no link.
    name = target["display_name"] if target["is_email_verified"] else target["username"]
    values = {"name": name, "username": target["username"], "email": target["email"]}
    base = settings.public_url
    link = f"{base}/forgot-password"
    if template in ("verify", "reset"):
        minutes = settings.verify_minutes if template == "verify" else settings.reset_minutes
        secret = new_secret()
        await account.issue_mail_token(deps.db, hash_secret(secret), target["user_id"], template, minutes * 60)
        page = "verify-email" if template == "verify" else "reset-password"
        # In the fragment: a browser sends that part to no server, so it is in no log.
        link = f"{base}/{page}#token={secret}"
        values["lifetime"] = lifetime(minutes, target["locale"])
    return write(template, target["email"], target["locale"], values, link)
