"""Holidays (R208), the turn of the year, and windows of hours."""

from datetime import date, datetime, time

import pytest

from mynabox.law.book import parameters, words
from mynabox.law.calendars import (
    announced_through,
    check_window,
    in_new_year,
    is_holiday,
    is_weekend_or_holiday,
    next_opening,
    opening_times,
    within,
)
from mynabox.law.days import JST
from mynabox.law.errors import BookError, NotYetAnnounced, NotYetInForce

D = date.fromisoformat
T = datetime.fromisoformat


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        ("2023-01-01", True),
        ("2023-01-02", True),  # substitute
        ("2023-01-03", False),
        ("2019-04-30", True),  # between two holidays
        ("2019-05-01", True),  # enthronement
        ("2020-07-24", True),  # moved for the games
        ("2020-10-12", False),
        ("2021-07-22", True),
        ("2019-12-23", False),  # no longer the Emperor's birthday
        ("2020-02-23", True),
        ("2020-02-24", True),
        ("2024-09-22", True),
        ("2024-09-23", True),
        ("2026-09-22", True),
        ("2027-12-31", False),
        ("2015-01-01", True),
        ("2016-08-11", True),
        ("2015-08-11", False),
    ],
)
def test_holidays(day: str, holiday: bool) -> None:
    assert is_holiday(D(day)) is holiday


def test_2023_has_seventeen() -> None:
    days = [date.fromordinal(D("2023-01-01").toordinal() + n) for n in range(365)]
    assert sum(is_holiday(day) for day in days) == 17


def test_the_table_ends_where_announcements_end() -> None:
    assert announced_through() == D("2027-12-31")
    with pytest.raises(NotYetAnnounced, match="announced through 2027-12-31"):
        is_holiday(D("2028-01-01"))
    with pytest.raises(NotYetInForce, match="begins on 2015-01-01"):
        is_holiday(D("2014-12-31"))


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        ("2023-11-02", False),
        ("2023-11-03", True),
        ("2023-11-04", True),
        ("2023-11-05", True),
        ("2023-11-06", False),
    ],
)
def test_weekends_and_holidays(day: str, closed: bool) -> None:
    assert is_weekend_or_holiday(D(day)) is closed


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        ("2023-12-28", False),
        ("2023-12-29", True),
        ("2023-12-31", True),
        ("2024-01-01", True),
        ("2024-01-03", True),
        ("2024-01-04", False),
        ("2024-06-30", False),
    ],
)
def test_turn_of_the_year(day: str, inside: bool) -> None:
    assert in_new_year(D(day), words("calendar", "new_year")) is inside


@pytest.mark.parametrize(
    ("window", "at", "inside"),
    [
        ("09:30-20:00", "09:29:59", False),
        ("09:30-20:00", "09:30:00", True),
        ("09:30-20:00", "19:59:59", True),
        ("09:30-20:00", "20:00:00", False),
        ("00:00-24:00", "00:00:00", True),
        ("00:00-24:00", "23:59:59", True),
        ("-", "12:00:00", False),
        ("-", "00:00:00", False),
    ],
)
def test_windows_are_half_open(window: str, at: str, inside: bool) -> None:
    assert within(window, time.fromisoformat(at)) is inside


def test_opening_times_are_sorted_and_single() -> None:
    assert opening_times(("09:30-20:00", "-", "00:00-24:00", "09:30-17:30")) == (
        time(0, 0),
        time(9, 30),
    )


@pytest.mark.parametrize(
    "window",
    [
        "9-17",
        "20:00-09:30",
        "09:30",
        "",
        "09:30-",
        "-20:00",
        "09:30-25:00",
        "09:30-09:30",
        "x-y",
    ],
)
def test_a_window_that_is_none(window: str) -> None:
    with pytest.raises(BookError, match=r"hotlines.toml: \[desk\] has a window"):
        check_window("hotlines.toml", "desk", window)


def test_every_window_of_the_book_is_one() -> None:
    seen = 0
    for topic, keys in (
        ("hotlines", ("weekday", "holiday", "suspension")),
        ("counters", ("weekday", "saturday")),
    ):
        for name, parameter in parameters(topic).items():
            for cited in parameter.values:
                if isinstance(cited.value, tuple):
                    continue
                assert hasattr(cited.value, "get")
                for key in keys:
                    check_window(f"{topic}.toml", name, cited.value[key])  # type: ignore[index]
                    seen += 1
    assert seen > 50
    check_window("", "", "-")
    check_window("", "", "00:00-24:00")


def test_next_opening_looks_a_fortnight_ahead() -> None:
    begin = T("2023-11-02T12:00").replace(tzinfo=JST)
    starts = (time(9, 0), time(13, 0))

    def on_the_day(day: str, hour: int) -> datetime | None:
        wanted = T(f"{day}T{hour:02}:00").replace(tzinfo=JST)
        return next_opening(begin, lambda at: at == wanted, starts)

    assert on_the_day("2023-11-02", 12) == begin
    assert on_the_day("2023-11-02", 9) is None
    assert on_the_day("2023-11-02", 13) == begin.replace(hour=13)
    assert on_the_day("2023-11-16", 13) == T("2023-11-16T13:00+09:00")
    assert on_the_day("2023-11-17", 9) is None
