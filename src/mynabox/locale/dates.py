"""Days and moments as a person of each language writes them.

Japanese gives the era year (元号) and the Gregorian one; Thai says that the year is
of the Common Era, since 2569 would be read otherwise; Nepali keeps Latin digits, as
telephone numbers and forms do. Times are those of Japan, on a 24-hour clock.
"""

from datetime import date, datetime, timedelta, timezone
from functools import cache

from babel import Locale
from babel.dates import format_date

from mynabox.locale.eras import era_of, gregorian_from

_JAPAN = timezone(timedelta(hours=9), "JST")


@cache
def babel_locale(language: str) -> Locale:
    """Babel's locale for one of our BCP 47 tags."""
    return Locale.parse(language, sep="-")


def era_year(day: date) -> str | None:
    """The Japanese era year such as 令和8年; None for a day that Japan did not write
    in the Gregorian calendar."""
    era = era_of(day) if day >= gregorian_from() else None
    return None if era is None else era.written_year(day)


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
