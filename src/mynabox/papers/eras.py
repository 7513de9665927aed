"""Days as Japanese papers write them, with the era (元号)."""

from datetime import date

from mynabox.locale.eras import Era, era_of, gregorian_from


class BeforeEras(ValueError):
    """A day before 1873, which no paper of this system can carry."""


def era_year(day: date) -> int:
    """The year within its era: 2 for 2020. Raises ``BeforeEras``."""
    return _era(day).year(day)


def era_day(day: date) -> str:
    """``令和2年6月1日``; the first year of an era is written 元年."""
    return f"{_era(day).written_year(day)}{day.month}月{day.day}日"


def _era(day: date) -> Era:
    era = era_of(day) if day >= gregorian_from() else None
    if era is None:
        raise BeforeEras(day.isoformat())
    return era


def western_day(day: date) -> str:
    """``2020年6月1日``, as the face of a foreign resident's card has it."""
    return f"{day.year}年{day.month}月{day.day}日"


def both_days(day: date) -> str:
    """``令和2年6月1日（2020-06-01）``."""
    return f"{era_day(day)}（{day.isoformat()}）"
