"""How days, months, birthdays and moments are counted."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.days import (
    JST,
    age_on,
    birthday_in,
    in_japan,
    last_moment,
    leap_birthday,
    nth_birthday_after,
    plus_days,
    plus_months,
)

D = date.fromisoformat
DAYS = st.dates(date(1900, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2023-12-31", 2, "2024-02-29"),
        ("2022-12-31", 2, "2023-02-28"),
        ("2027-05-31", -3, "2027-02-28"),
        ("2030-02-17", -3, "2029-11-17"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-12-15", 1, "2024-01-15"),
        ("2023-01-15", -1, "2022-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2023-11-30", 1, "2023-12-30"),
        ("2023-10-01", 0, "2023-10-01"),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day(
    day: str, months: int, expected: str
) -> None:
    assert plus_months(D(day), months) == D(expected)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2004-04-01", "2022-03-31", 17),
        ("2004-04-01", "2022-04-01", 18),
        ("2004-04-01", "2022-04-02", 18),
        ("2004-02-29", "2022-02-27", 17),
        ("2004-02-29", "2022-02-28", 18),  # R096: in common years on the 28th
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("2023-10-01", "2023-10-01", 0),
    ],
)
def test_age(born: str, on: str, age: int) -> None:
    assert age_on(D(born), D(on)) == age


@pytest.mark.parametrize(
    ("born", "after", "n", "expected"),
    [
        ("1990-03-01", "2023-03-01", 10, "2033-03-01"),  # R093: not counted
        ("1990-03-01", "2023-02-28", 10, "2032-03-01"),
        ("1980-02-17", "2025-10-27", 5, "2030-02-17"),
        ("2000-02-29", "2023-01-10", 5, "2027-02-28"),  # R096
        ("2000-02-29", "2023-01-10", 10, "2032-02-29"),
        ("2000-02-29", "2023-02-28", 1, "2024-02-29"),
        ("2000-02-29", "2023-02-27", 1, "2023-02-28"),
        ("2000-12-31", "2023-12-30", 1, "2023-12-31"),
        ("2000-12-31", "2023-12-31", 1, "2024-12-31"),
    ],
)
def test_nth_birthday(born: str, after: str, n: int, expected: str) -> None:
    assert nth_birthday_after(D(born), D(after), n) == D(expected)


def test_leap_birthdays_can_be_read_two_ways() -> None:
    """R096: a parameter, because no source speaks of the card (A10)."""
    assert leap_birthday(2023, "feb28") == D("2023-02-28")
    assert leap_birthday(2023, "mar01") == D("2023-03-01")


def test_leap_birthdays_move_only_in_common_years() -> None:
    assert birthday_in(D("2000-02-29"), 2023) == D("2023-02-28")
    assert birthday_in(D("2000-02-29"), 2024) == D("2024-02-29")
    assert birthday_in(D("2000-02-28"), 2023) == D("2023-02-28")
    assert birthday_in(D("2000-03-29"), 2023) == D("2023-03-29")


@given(DAYS, DAYS, st.integers(0, 120))
def test_a_later_birth_never_gives_an_earlier_birthday(
    one: date, other: date, n: int
) -> None:
    first, second = sorted((one, other))
    assert birthday_in(first, first.year + n) <= birthday_in(second, second.year + n)


@given(DAYS, DAYS, st.integers(1, 12))
def test_the_nth_birthday_lies_between_n_minus_one_and_n_years(
    born: date, after: date, n: int
) -> None:
    found = nth_birthday_after(born, after, n)
    assert found > after
    assert plus_months(after, 12 * (n - 1)) <= found
    assert found <= plus_months(after, 12 * n) + timedelta(days=1)


@given(DAYS, DAYS, DAYS, st.integers(1, 12))
def test_a_later_issue_never_gives_an_earlier_birthday(
    born: date, one: date, other: date, n: int
) -> None:
    first, second = sorted((one, other))
    assert nth_birthday_after(born, first, n) <= nth_birthday_after(born, second, n)


@given(st.dates(date(1950, 1, 1), date(2040, 1, 1)), DAYS)
def test_age_counts_birthdays(born: date, on: date) -> None:
    if on >= born:
        age = age_on(born, on)
        assert birthday_in(born, born.year + age) <= on
        assert birthday_in(born, born.year + age + 1) > on


def test_moments_are_japanese() -> None:
    naive = datetime.fromisoformat("2023-11-02T20:00")
    assert in_japan(naive) == datetime(2023, 11, 2, 11, 0, tzinfo=UTC)
    assert in_japan(naive).utcoffset() == timedelta(hours=9)
    london = datetime(2023, 11, 2, 15, 30, tzinfo=UTC)
    assert in_japan(london).date() == D("2023-11-03")
    assert in_japan(london).hour == 0
    assert in_japan(datetime(2023, 1, 1, tzinfo=timezone(timedelta(hours=9)))).hour == 0
    assert JST.tzname(None) == "JST"


def test_until_includes_the_last_second_of_the_day() -> None:
    assert last_moment(D("2030-02-17")).isoformat() == "2030-02-17T23:59:59+09:00"


def test_days_do_not_count_the_first() -> None:
    assert plus_days(D("2023-10-10"), 90) == D("2024-01-08")
