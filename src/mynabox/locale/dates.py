"""Days and moments as a person of each language writes them.

Japanese gives the era year (元号) and the Gregorian one; Thai says that the year is
of the Common Era, since 2569 would be read otherwise; Nepali keeps Latin digits, as
telephone numbers and forms do. Times are those of Japan, on a 24-hour clock.
"""

import tomllib
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.dates import format_date

_JAPAN = timezone(timedelta(hours=9), "JST")


@cache
def babel_locale(language: str) -> Locale:
    """Babel's locale for one of our BCP 47 tags."""
    return Locale.parse(language, sep="-")


@cache
def _eras() -> Sequence[tuple[date, int, str]]:
    with (files("mynabox.locale") / "eras.toml").open("rb") as source:
        rows = tomllib.load(source)["era"]
    return tuple((row["from"], row["year_one"], row["name"]) for row in rows)


def era_year(day: date) -> str | None:
    """The Japanese era year such as 令和8年; None before the first era of the table."""
    for start, year_one, name in reversed(_eras()):
        if day >= start:
            year = day.year - year_one + 1
            return f"{name}{'元' if year == 1 else year}年"
    return None


def day(language: str, date: date) -> str:
    """A day: ``令和8年11月20日（2026年）``, ``November 20, 2026``."""
    if language == "ja":
        return _japanese(date)
    return format_date(date, "long", locale=babel_locale(language))


def moment(language: str, at: datetime) -> str:
    """A moment with its weekday, in Japan time: ``Friday, November 20, 2026, 9:30``."""
    there = at.replace(tzinfo=_JAPAN) if at.tzinfo is None else at.astimezone(_JAPAN)
    clock = f"{there.hour}:{there.minute:02d}"
    locale = babel_locale(language)
    if language == "ja":
        weekday = format_date(there, "EEEE", locale=locale)
        return f"{_japanese(there.date())}{weekday} {clock}"
    comma = " " if language.startswith("zh") or language == "ko" else ", "
    return f"{format_date(there, 'full', locale=locale)}{comma}{clock}"


def _japanese(date: date) -> str:
    era = era_year(date)
    rest = f"{date.month}月{date.day}日"
    if era is None:
        return f"{date.year}年{rest}"
    return f"{era}{rest}（{date.year}年）"
