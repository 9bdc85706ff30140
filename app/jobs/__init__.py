"""The table of jobs: every kind of work done later, and what comes by the clock.

A handler is `async def run(job: Job, deps: Deps) -> None` in app/jobs/<topic>.py; add its line here.
"""

from app.jobs import accounts, mail, views
from app.jobs.spec import GiveUp, Job, JobSpec, Schedule

JOBS: list[JobSpec] = [
    # Accounts
    JobSpec("mail", "mail", mail.run, max_attempts=8, timeout_seconds=60, backoff_seconds=5),
    JobSpec("avatar:delete", "default", accounts.delete_avatar, max_attempts=10),
    JobSpec("account:clean", "default", accounts.clean, max_attempts=3, timeout_seconds=300),
    # Watching
    JobSpec("fold_views", "default", views.fold),
]

SCHEDULES: list[Schedule] = [
    Schedule("account:clean", 3600, "account:clean", "default"),
    Schedule("fold_views", 10, "fold_views", "default"),
]

__all__ = ["JOBS", "SCHEDULES", "GiveUp", "Job", "JobSpec", "Schedule"]
