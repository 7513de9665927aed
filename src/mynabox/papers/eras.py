"""Days as Japanese papers write them, with the era (元号)."""

from datetime import date
from typing import Final

_ERAS: Final = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),
)
"""First day and name of each era since Japan has kept the Gregorian calendar."""
_MEIJI_OFFSET: Final = 1867


class BeforeEras(ValueError):
    """A day before 1873, which no paper of this system can carry."""


def era_year(day: date) -> int:
    """The year within its era: 2 for 2020. Raises ``BeforeEras``."""
    return _era(day)[1]


def era_day(day: date) -> str:
    """``令和2年6月1日``; the first year of an era is written 元年."""
    name, year = _era(day)
    written = "元" if year == 1 else str(year)
    return f"{name}{written}年{day.month}月{day.day}日"


def _era(day: date) -> tuple[str, int]:
    for first, name in _ERAS:
        if day >= first:
            start = _MEIJI_OFFSET if name == "明治" else first.year - 1
            return name, day.year - start
    raise BeforeEras(day.isoformat())


def western_day(day: date) -> str:
    """``2020年6月1日``, as the face of a foreign resident's card has it."""
    return f"{day.year}年{day.month}月{day.day}日"


def both_days(day: date) -> str:
    """``令和2年6月1日（2020-06-01）``."""
    return f"{era_day(day)}（{day.isoformat()}）"
