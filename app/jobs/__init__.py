"""The table of jobs: every kind of work done later, and what comes by the clock.

A handler is `async def run(job: Job, deps: Deps) -> None` in app/jobs/<topic>.py; add its line here.
"""

from app.jobs import (
    accounts,
    chats,
    clean_lives,
    cleanup,
    finish,
    mail,
    posters,
    probe,
    publishing,
    transcode,
    transcode_news,
    views,
)
from app.jobs.spec import GiveUp, Job, JobSpec, Schedule

JOBS: list[JobSpec] = [
    # Accounts
    JobSpec("mail", "mail", mail.run, max_attempts=8, timeout_seconds=60, backoff_seconds=5),
    JobSpec("avatar:delete", "default", accounts.delete_avatar, max_attempts=10),
    JobSpec("account:clean", "default", accounts.clean, max_attempts=3, timeout_seconds=300),
    JobSpec("clean_avatars", "default", accounts.clean_avatars, max_attempts=3, timeout_seconds=3600),
    # Watching
    JobSpec("fold_views", "default", views.fold),
    # Lives and chat
    JobSpec("clean_lives", "default", clean_lives.run, max_attempts=3, timeout_seconds=600),
    JobSpec("scrub_chat", "default", chats.scrub, timeout_seconds=300),
    JobSpec("requote_chat", "default", chats.requote, timeout_seconds=300),
    # Media: from the completed upload to the ready video, and away again
    JobSpec("probe", "media", probe.run, max_attempts=8, timeout_seconds=1200, backoff_seconds=1),
    JobSpec("transcode", "transcode", transcode.run, max_attempts=8, timeout_seconds=120, backoff_seconds=1),
    JobSpec("apply_transcode_event", "default", transcode_news.apply, backoff_seconds=0.5, max_backoff_seconds=60),
    JobSpec("finish", "media", finish.run, max_attempts=8, timeout_seconds=1200, backoff_seconds=1),
    JobSpec("sweep_transcodes", "default", transcode_news.sweep, max_attempts=1),
    JobSpec("publish_due", "default", publishing.publish_due, max_attempts=20),
    JobSpec("poster:sweep", "default", posters.sweep, max_attempts=10),
    JobSpec("expire_uploads", "default", cleanup.expire_uploads, max_attempts=3),
    JobSpec("purge_video", "default", cleanup.purge_video, max_attempts=20, timeout_seconds=600),
]

SCHEDULES: list[Schedule] = [
    Schedule("account:clean", 3600, "account:clean", "default"),
    Schedule("clean_avatars", 86_400, "clean_avatars", "default"),
    Schedule("clean_lives", 600, "clean_lives", "default"),
    Schedule("fold_views", 10, "fold_views", "default"),
    # Each comes at its own time as well; this is for those whose job was lost.
    Schedule("publish_due", 60, "publish_due", "default"),
    Schedule("sweep_transcodes", 30, "sweep_transcodes", "default"),
    Schedule("expire_uploads", 300, "expire_uploads", "default"),
]

__all__ = ["JOBS", "SCHEDULES", "GiveUp", "Job", "JobSpec", "Schedule"]
