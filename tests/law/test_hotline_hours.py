"""The hours of every line as the guides print them, at both edges of each window.

A row is one window of one kind of day; the first and the last second inside it and
the seconds around it are derived. 2 November 2023 was a Thursday, the 3rd Culture
Day; in 2022 the 2nd was a Wednesday, the 3rd the same holiday.
"""

from datetime import datetime, timedelta

import pytest

from mynabox.law.errors import NotYetInForce
from mynabox.law.hotlines import Language, Topic, line_open

T = datetime.fromisoformat
GENERAL, FOREIGN, SYSTEM = "0120-95-0178", "0120-0178-27", "0120-0178-26"
FALLBACK, CENTRE, CENTRE2 = "0570-064-738", "0570-783-578", "050-3818-1250"
POINTS, FAX, CITY, ABROAD = "0570-028-125", "0120-601-785", "029-883-1111", "03-6734-0170"  # fmt: skip

WEEK22, FREE22 = "2022-11-02", "2022-11-03"
WEEK23, FREE23 = "2023-11-02", "2023-11-03"

Row = tuple[str, Language, Topic, tuple[str, ...], str, str]


def foreign(line: str) -> list[Row]:
    """The foreign-language line and its paid fallback keep the same hours."""
    both22, both23 = (WEEK22, FREE22), (WEEK23, FREE23)
    return [
        (line, "en", "card", both22, "09:30", "20:00"),
        (line, "en", "suspension", both22, "09:30", "20:00"),
        (line, "en", "card", both23, "09:30", "20:00"),
        (line, "th", "card", both22, "09:30", "18:00"),
        (line, "th", "suspension", both22, "09:30", "18:00"),
        (line, "th", "card", both23, "09:00", "18:00"),
        (line, "th", "suspension", both23, "09:00", "18:00"),
        (line, "vi", "card", both22, "10:00", "19:00"),
        (line, "vi", "suspension", both22, "10:00", "19:00"),
        (line, "vi", "card", both23, "10:00", "19:00"),
        (line, "fil", "card", both23, "10:00", "19:00"),
        (line, "fil", "suspension", both23, "10:00", "19:00"),
    ]


WINDOWS: list[Row] = [
    (GENERAL, "ja", "general", (WEEK22, WEEK23), "09:30", "20:00"),
    (GENERAL, "ja", "general", (FREE22, FREE23), "09:30", "17:30"),
    (GENERAL, "ja", "card", (WEEK22, FREE22, WEEK23), "09:30", "20:00"),
    (GENERAL, "ja", "card", (FREE23,), "09:30", "17:30"),
    *foreign(FOREIGN),
    *foreign(FALLBACK),
    (SYSTEM, "en", "system", (WEEK23,), "09:30", "20:00"),
    (SYSTEM, "en", "system", (FREE23,), "09:30", "17:30"),
    (CENTRE, "ja", "card", (WEEK22,), "08:30", "22:00"),
    (CENTRE, "ja", "card", (FREE22,), "09:30", "17:30"),
    (CENTRE, "ja", "card", (WEEK23, FREE23), "08:30", "20:00"),
    (CENTRE2, "ja", "card", (WEEK22,), "08:30", "22:00"),
    (CENTRE2, "ja", "card", (FREE22,), "09:30", "17:30"),
    (CENTRE2, "ja", "card", (WEEK23, FREE23), "08:30", "20:00"),
    (POINTS, "en", "points", (WEEK22, FREE22), "09:30", "20:00"),
    (CITY, "ja", "card", (WEEK23,), "08:45", "16:30"),
]


def edges(day: str, start: str, end: str) -> list[tuple[datetime, bool]]:
    first, after = T(f"{day}T{start}"), T(f"{day}T{end}")
    second = timedelta(seconds=1)
    return [
        (first - second, False),
        (first, True),
        (after - second, True),
        (after, False),
    ]


@pytest.mark.parametrize(("line", "language", "topic", "days", "start", "end"), WINDOWS)
def test_window(
    line: str,
    language: Language,
    topic: Topic,
    days: tuple[str, ...],
    start: str,
    end: str,
) -> None:
    for day in days:
        for at, is_open in edges(day, start, end):
            state = line_open(line, language, topic, at).value
            assert (state == "open") is is_open, at


@pytest.mark.parametrize(
    ("line", "language", "days"),
    [
        (GENERAL, "ja", (WEEK22, FREE22, WEEK23, FREE23, "2023-12-31")),
        (FOREIGN, "en", (WEEK23, FREE23, "2023-12-31")),
        (FALLBACK, "en", (WEEK23, FREE23, "2023-12-31")),
        (CENTRE, "ja", (WEEK22, FREE22, WEEK23, FREE23, "2023-12-31")),
        (CENTRE2, "ja", (WEEK22, FREE22, WEEK23, FREE23, "2023-12-31")),
        (FAX, "ja", (WEEK23, FREE23, "2023-12-31")),
        (ABROAD, "ja", (WEEK23, FREE23, "2023-12-31")),
    ],
)
def test_suspension_round_the_clock(
    line: str, language: Language, days: tuple[str, ...]
) -> None:
    """R180: at any second of any day, whatever else is closed."""
    topics: tuple[Topic, ...] = ("general", "card", "points", "system")
    for day in days:
        for clock in ("00:00:00", "03:00:00", "23:59:59"):
            at = T(f"{day}T{clock}")
            assert line_open(line, language, "suspension", at).value == "open"
            for topic in topics:
                told = line_open(line, language, topic, at).value
                assert told == "suspension_only"


@pytest.mark.parametrize(
    ("line", "language", "topic", "first"),
    [
        (GENERAL, "ja", "general", "2022-01-01"),
        (FOREIGN, "en", "card", "2022-01-01"),
        (FOREIGN, "th", "card", "2022-01-01"),
        (FOREIGN, "vi", "card", "2022-01-01"),
        (FALLBACK, "en", "card", "2022-01-01"),
        (FALLBACK, "th", "card", "2022-01-01"),
        (FALLBACK, "vi", "card", "2022-01-01"),
        (SYSTEM, "en", "system", "2023-01-01"),
        (CENTRE, "ja", "card", "2018-01-01"),
        (CENTRE2, "ja", "card", "2018-01-01"),
        (POINTS, "en", "points", "2022-01-01"),
        (FAX, "ja", "suspension", "2023-01-01"),
        (CITY, "ja", "card", "2023-10-01"),
        (ABROAD, "ja", "suspension", "2023-01-01"),
    ],
)
def test_first_day_of_a_line(
    line: str, language: Language, topic: Topic, first: str
) -> None:
    told = line_open(line, language, topic, T(f"{first}T12:00"))
    assert told.next != "line.other_language"
    with pytest.raises(NotYetInForce):
        line_open(line, language, topic, T(f"{first}T12:00") - timedelta(days=1))


@pytest.mark.parametrize(
    ("line", "language", "topic", "rules"),
    [
        (GENERAL, "ja", "card", ("R191", "R190")),
        (FOREIGN, "en", "card", ("R193", "R192")),
        (FOREIGN, "th", "card", ("R195", "R194")),
        (FOREIGN, "fil", "card", ("R180", "R197")),
        (FALLBACK, "fil", "card", ("R180", "R200")),
    ],
)
def test_the_turn_of_2023(
    line: str, language: Language, topic: Topic, rules: tuple[str, str]
) -> None:
    """The hours of the flyer end with 2022, those of the guides begin."""
    for day, rule in zip(("2022-12-31", "2023-01-01"), rules, strict=True):
        assert line_open(line, language, topic, T(f"{day}T12:00")).rules == (rule,)


@pytest.mark.parametrize(
    ("line", "last", "first"),
    [
        (FALLBACK, "seed 001:67", "seed 003:380"),
        (CENTRE, "shimogo page", "seed 003:366"),
        (CENTRE2, "seed 004:32", "seed 004:32"),
    ],
)
def test_sources_change_with_the_year(line: str, last: str, first: str) -> None:
    language: Language = "en" if line == FALLBACK else "ja"
    for day, source in (("2022-12-31", last), ("2023-01-01", first)):
        told = line_open(line, language, "card", T(f"{day}T12:00"))
        assert told.citations[0].source == source
    before = line_open(CENTRE2, "ja", "card", T("2022-12-31T12:00"))
    after = line_open(CENTRE2, "ja", "card", T("2023-01-01T12:00"))
    assert "as of the call centre" not in str(before.citations[0].text)
    assert "as of the call centre" in str(after.citations[0].text)
    thai = line_open(FALLBACK, "th", "card", T("2023-01-01T12:00"))
    assert thai.citations[0].source == "seed 003:380"
