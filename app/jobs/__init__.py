"""The table of jobs: every kind of work done later, and what comes by the clock.

A handler is `async def run(job: Job, deps: Deps) -> None` in app/jobs/<topic>.py; add its line here.
"""

from app.jobs import views
from app.jobs.spec import GiveUp, Job, JobSpec, Schedule

JOBS: list[JobSpec] = [
    JobSpec("fold_views", "default", views.fold),
]

SCHEDULES: list[Schedule] = [
    Schedule("fold_views", 10, "fold_views", "default"),
]

__all__ = ["JOBS", "SCHEDULES", "GiveUp", "Job", "JobSpec", "Schedule"]
