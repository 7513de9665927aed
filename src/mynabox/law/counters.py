"""When the municipal counter is open (窓口の受付時間)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from mynabox.law.answer import Answer
from mynabox.law.book import mapping, words
from mynabox.law.calendars import (
    in_new_year,
    is_holiday,
    next_opening,
    opening_times,
    within,
)
from mynabox.law.days import in_japan
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

Office: TypeAlias = Literal["section", "main"]

_WEEKDAYS = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


def counter_open(municipality: str, office: Office, at: datetime) -> Answer[bool]:
    """Whether a counter takes visitors at a moment.

    ``section`` is the section for residents, ``main`` the main building. Where a
    municipality's own hours are not known, those of low confidence are used.
    """
    moment = in_japan(at)
    hours = mapping("counters", office).on(moment.date(), municipality)
    year_end = words("calendar", "new_year").on(moment.date())
    window = _window(hours.value, moment)
    late: tuple[str, ...] = ("R212", "R213") if hours.value["late"] else ()
    return answer(within(window, moment.time()), hours, year_end, *late)


def _window(hours: Mapping[str, str], moment: datetime) -> str:
    """The window of that day; Sundays, holidays and the turn of the year have none."""
    day = moment.date()
    if in_new_year(day, words("calendar", "new_year")) or is_holiday(day):
        return "-"
    weekday = _WEEKDAYS[day.weekday()]
    if weekday == "sunday":
        return "-"
    if weekday == "saturday":
        return hours["saturday"]
    *which, name, late = hours["late"].split() or ("", "")
    nth = (day.day - 1) // 7 + 1
    return late if weekday == name and str(nth) in which else hours["weekday"]


def counter_opens_next(
    municipality: str, office: Office, at: datetime
) -> Answer[datetime | None]:
    """The next moment a counter is open, ``at`` itself if it is."""
    hours: Cited[Mapping[str, str]] = mapping("counters", office).on(
        in_japan(at).date(), municipality
    )

    def open_at(moment: datetime) -> bool:
        return counter_open(municipality, office, moment).value

    windows = (hours.value["weekday"], hours.value["saturday"])
    return answer(next_opening(at, open_at, opening_times(windows)), hours)
