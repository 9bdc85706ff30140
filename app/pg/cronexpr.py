"""Cron expressions: five fields, in a time zone. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
# 29 February is at most eight years away.
HORIZON_DAYS = 366 * 8 + 1


class CronError(ValueError):
    """The expression is not one; the message says which field."""


def parse(expr: str) -> tuple[list[int], list[int], set[int], set[int], set[int], bool]:
    """(minutes, hours, days, months, weekdays, either): `either` as cron has it, when both kinds of day are given."""
    fields = expr.lower().split()
    if len(fields) != 5:
        raise CronError(f"{expr!r} needs five fields: minute hour day month weekday")
    minutes, hours, days, months, weekdays = (
        field_values(text, low, high) for text, (low, high) in zip(fields, RANGES, strict=True)
    )
    weekdays = {day % 7 for day in weekdays}
    either = fields[2] != "*" and fields[4] != "*"
    return sorted(minutes), sorted(hours), days, months, weekdays, either


def field_values(text: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        try:
            start = low if first == "*" else number(first)
            end = (high if first == "*" or step else start) if not last else number(last)
            every = int(step or 1)
        except ValueError:
            raise CronError(f"{part!r} is not a cron field") from None
        if not (low <= start <= end <= high) or every < 1:
            raise CronError(f"{part!r} is outside {low}-{high}")
        values |= set(range(start, end + 1, every))
    return values


def number(word: str) -> int:
    if word in MONTHS:
        return MONTHS.index(word) + 1
    return DAYS.index(word) if word in DAYS else int(word)


def next_time(expr: str, tz: str, after: datetime) -> datetime:
    """The first time after `after` (aware), in UTC. A local time that a clock change skips is left out; one that
    comes twice counts once, but in both hours when the expression means every hour. Raises CronError,
    ZoneInfoNotFoundError."""
    minutes, hours, days, months, weekdays, either = parse(expr)
    folds = (0, 1) if len(hours) == 24 else (0,)
    zone = ZoneInfo(tz)
    day = after.astimezone(zone).date()
    for _ in range(HORIZON_DAYS):
        is_day, is_weekday = day.day in days, day.isoweekday() % 7 in weekdays
        if day.month in months and ((is_day or is_weekday) if either else (is_day and is_weekday)):
            for hour in hours:
                # The hour's whole first coming lies before its second.
                moments = [at(day, hour, minute, fold, zone) for fold in folds for minute in minutes]
                later = [moment for moment in moments if moment is not None and moment > after]
                if later:
                    return later[0]
        day += timedelta(days=1)
    raise CronError(f"{expr!r} never comes")


def at(day: date, hour: int, minute: int, fold: int, zone: ZoneInfo) -> datetime | None:
    """A local time in UTC; None when the clock skips it, and for the second coming of one that comes once."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
    moment = local.astimezone(UTC)
    back = moment.astimezone(zone)
    return moment if back.replace(tzinfo=None) == local.replace(tzinfo=None) and back.fold == fold else None
