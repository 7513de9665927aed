"""The days of the demo's story, counted back from now so that it ends today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mynabox.law.calendars import is_weekend_or_holiday
from mynabox.law.days import JST


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDays:
    """When each step of the story happens."""

    registered: datetime
    noticed: datetime
    notice_arrived: datetime
    applied: datetime
    produced: datetime
    handed_over: datetime
    signed: datetime
    lost: datetime
    next_list: datetime
    found: datetime


def story_days(now: datetime) -> StoryDays:
    """Days that end before ``now``: found again on the last working day before it,
    lost in the night before, everything else at the pace the guides tell."""
    found = _working_day(now.date() - timedelta(days=1))
    lost = found - timedelta(days=1)
    handed_over = _working_day(lost - timedelta(days=10))
    produced = _working_day(handed_over - timedelta(days=8))
    applied = produced - timedelta(days=22)
    arrived = applied - timedelta(days=3)
    registered = _working_day(arrived - timedelta(days=16))
    return StoryDays(
        registered=_at(registered, 10, 5),
        noticed=_at(registered, 10, 30),
        notice_arrived=_at(arrived, 14, 20),
        applied=_at(applied, 20, 45),
        produced=_at(produced, 9, 30),
        handed_over=_at(handed_over, 10, 40),
        signed=_at(handed_over, 21, 15),
        lost=_at(lost, 23, 40),
        next_list=_at(found, 0, 5),
        found=_at(found, 11, 10),
    )


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), JST)


def _working_day(day: date) -> date:
    while is_weekend_or_holiday(day):
        day -= timedelta(days=1)
    return day
