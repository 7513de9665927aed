"""Counters of Tsukuba and of municipalities in general (R210 to R213)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.counters import Office, counter_open, counter_opens_next
from mynabox.law.days import JST
from mynabox.law.errors import NotYetAnnounced, NotYetInForce

T = datetime.fromisoformat
TSUKUBA = "082201"

VISITS = [
    # municipality, office, at, open
    (TSUKUBA, "section", "2023-10-13T08:44", False),
    (TSUKUBA, "section", "2023-10-13T08:45", True),
    (TSUKUBA, "section", "2023-10-13T16:29:59", True),
    (TSUKUBA, "section", "2023-10-13T16:30", False),
    (TSUKUBA, "section", "2023-10-14T10:00", False),  # Saturday, R210
    (TSUKUBA, "main", "2023-10-14T10:00", True),  # Saturday, R211
    (TSUKUBA, "main", "2023-10-14T16:30", False),
    (TSUKUBA, "main", "2023-10-15T10:00", False),  # Sunday
    (TSUKUBA, "main", "2023-10-09T10:00", False),  # Sports Day
    (TSUKUBA, "main", "2023-10-12T19:29", True),  # 2nd Thursday, R212
    (TSUKUBA, "main", "2023-10-12T19:30", False),
    (TSUKUBA, "main", "2023-10-12T08:45", True),
    (TSUKUBA, "main", "2024-08-08T17:00", True),  # the 8th is the earliest 2nd
    (TSUKUBA, "main", "2024-11-14T17:00", True),  # the 14th the latest
    (TSUKUBA, "main", "2023-10-19T17:00", False),  # 3rd
    (TSUKUBA, "main", "2023-10-26T17:00", True),  # 4th
    (TSUKUBA, "main", "2023-10-05T17:00", False),  # 1st
    (TSUKUBA, "main", "2023-11-30T17:00", False),  # 5th
    (TSUKUBA, "main", "2023-10-11T17:00", False),  # 2nd Wednesday
    (TSUKUBA, "section", "2023-10-12T17:00", False),
    (TSUKUBA, "main", "2023-11-23T17:00", False),  # 4th Thursday, a holiday
    (TSUKUBA, "main", "2024-11-23T10:00", False),  # Saturday holiday, R213
    (TSUKUBA, "main", "2023-12-28T16:00", True),
    (TSUKUBA, "main", "2023-12-28T17:00", True),  # 4th Thursday
    (TSUKUBA, "main", "2023-12-29T10:00", False),
    (TSUKUBA, "main", "2024-01-03T10:00", False),
    (TSUKUBA, "main", "2024-01-04T10:00", True),
    ("132217", "main", "2023-10-13T17:00", True),
    ("132217", "main", "2023-10-13T17:15", False),
    ("132217", "main", "2023-10-14T10:00", False),
    ("132217", "section", "2023-10-13T08:30", True),
    ("132217", "section", "2023-10-13T08:29:59", False),
    ("132217", "section", "2023-10-13T17:14:59", True),
    ("132217", "section", "2023-10-13T17:15", False),
    ("132217", "main", "2023-10-13T08:30", True),
    ("132217", "main", "2016-01-04T10:00", True),
    ("132217", "section", "2016-01-01T10:00", False),
    (TSUKUBA, "main", "2023-09-29T17:00", True),  # before its own are known
    (TSUKUBA, "main", "2023-10-14T08:44", False),
    (TSUKUBA, "main", "2023-10-14T08:45", True),
    (TSUKUBA, "main", "2023-10-13T08:44", False),
    (TSUKUBA, "main", "2023-10-13T08:45", True),
    (TSUKUBA, "main", "2023-10-12T08:44", False),
]


@pytest.mark.parametrize(("municipality", "office", "at", "is_open"), VISITS)
def test_visit(municipality: str, office: Office, at: str, is_open: bool) -> None:
    assert counter_open(municipality, office, T(at)).value is is_open


def test_what_it_rests_on() -> None:
    main = counter_open(TSUKUBA, "main", T("2023-10-13T10:00"))
    assert main.rules == ("R211", "R210", "R212", "R213")
    assert [d.source for d in main.disputes] == ["seed 003:155"]
    section = counter_open(TSUKUBA, "section", T("2023-10-13T10:00"))
    assert section.rules == ("R210",)
    elsewhere = counter_open("132217", "main", T("2023-10-13T10:00"))
    assert "no source" in str(elsewhere.citations[0].text)


@pytest.mark.parametrize(
    ("office", "at", "opens"),
    [
        ("main", "2023-10-13T16:30", "2023-10-14T08:45"),
        ("section", "2023-10-13T16:30", "2023-10-16T08:45"),
        ("section", "2023-10-13T10:00", "2023-10-13T10:00"),
        ("section", "2023-12-28T16:30", "2024-01-04T08:45"),
        ("main", "2023-10-12T17:00", "2023-10-12T17:00"),
    ],
)
def test_next_opening(office: Office, at: str, opens: str) -> None:
    answer = counter_opens_next(TSUKUBA, office, T(at))
    assert answer.value == T(opens).replace(tzinfo=JST)
    assert answer.rules[0] in ("R210", "R211")


def test_beyond_the_announced_holidays() -> None:
    with pytest.raises(NotYetAnnounced, match="announced through 2027-12-31"):
        counter_open(TSUKUBA, "main", T("2028-01-05T10:00"))


@pytest.mark.parametrize("office", ["section", "main"])
def test_from_when_the_hours_are_known(office: Office) -> None:
    first = counter_open(TSUKUBA, office, T("2023-10-01T10:00"))
    assert first.citations[0].source.startswith("seed 003")
    before = counter_open(TSUKUBA, office, T("2023-09-30T10:00"))
    assert before.citations[0].source == "design"
    assert counter_open(TSUKUBA, office, T("2016-01-01T10:00")).value is False
    with pytest.raises(NotYetInForce):
        counter_open(TSUKUBA, office, T("2015-12-31T10:00"))


@given(st.integers(0, 7 * 24 * 60 - 1), st.sampled_from(["main", "section"]))
def test_opening_hours_tile_the_week(minute: int, office: Office) -> None:
    at = T("2023-10-09T00:00").replace(tzinfo=JST) + timedelta(minutes=minute)
    opens = counter_opens_next(TSUKUBA, office, at).value
    assert opens is not None
    assert (opens == at) is counter_open(TSUKUBA, office, at).value
