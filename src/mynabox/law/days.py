"""Japanese Standard Time, and how the law counts days, months and birthdays.

The first day is not counted (Civil Code art. 140); a period of months ends on
the same-numbered day, or on the last day of a shorter month (art. 143).
"Until D" includes D up to 23:59:59 JST.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone

from mynabox.law.book import word

JST = timezone(timedelta(hours=9), "JST")


def in_japan(at: datetime) -> datetime:
    """The same instant on a Japanese clock; a naive one is already Japanese."""
    return at.replace(tzinfo=JST) if at.tzinfo is None else at.astimezone(JST)


def last_moment(day: date) -> datetime:
    """23:59:59 JST of a day: the end of everything valid "until" that day."""
    return datetime.combine(day, time(23, 59, 59), JST)


def plus_days(day: date, days: int) -> date:
    """``days`` after ``day``, which itself is not counted."""
    return day + timedelta(days=days)


def plus_months(day: date, months: int) -> date:
    """``months`` later (earlier if negative), clipped to a shorter month's end."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def birthday_in(born: date, year: int) -> date:
    """The birthday of one calendar year.

    Someone born on 29 February has it, in common years, on the day that
    R096 names: no source speaks of the card, so this is a parameter.
    """
    try:
        return born.replace(year=year)
    except ValueError:
        return leap_birthday(year, word("validity", "leap_birthday").only.value)


def leap_birthday(year: int, choice: str) -> date:
    """The 28th (``feb28``) or the day after it (``mar01``) of a common year."""
    return date(year, 2, 28) if choice == "feb28" else date(year, 3, 1)


def nth_birthday_after(born: date, day: date, n: int) -> date:
    """The ``n``-th birthday strictly after ``day`` (R093)."""
    ahead = (
        born.month > day.month
        if born.month != day.month
        else birthday_in(born, day.year) > day
    )
    return birthday_in(born, day.year + n - 1 if ahead else day.year + n)


def reached(age: int, born: date, day: date) -> bool:
    """Whether a person is of an age on a day; it is reached on the birthday."""
    years = day.year - born.year
    return years > age or (years == age and birthday_in(born, day.year) <= day)


def age_on(born: date, day: date) -> int:
    """Full years of age, counted up on the birthday itself."""
    years = day.year - born.year
    return years if reached(years, born, day) else years - 1
