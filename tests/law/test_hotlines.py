"""Lines by language, topic and moment (R180, R190 to R207)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.days import JST
from mynabox.law.errors import BadArgument, NotYetAnnounced, NotYetInForce
from mynabox.law.hotlines import (
    Language,
    Topic,
    line_charged,
    line_open,
    line_opens_next,
    lines,
    lines_open,
    voice_menu_key,
)

T = datetime.fromisoformat
GENERAL, FOREIGN, SYSTEM = "0120-95-0178", "0120-0178-27", "0120-0178-26"
FALLBACK, CENTRE, CENTRE2 = "0570-064-738", "0570-783-578", "050-3818-1250"
POINTS, FAX, CITY, ABROAD = "0570-028-125", "0120-601-785", "029-883-1111", "03-6734-0170"  # fmt: skip

CALLS = [
    # line, language, topic, at, state
    # R192: five languages, 20:00 to 9:29:59 for suspension only
    (FOREIGN, "en", "card", "2023-11-02T19:59:59", "open"),
    (FOREIGN, "en", "card", "2023-11-02T20:00", "suspension_only"),
    (FOREIGN, "en", "card", "2023-11-03T00:00", "suspension_only"),
    (FOREIGN, "en", "card", "2023-11-03T09:29:59", "suspension_only"),
    (FOREIGN, "en", "card", "2023-11-03T09:30", "open"),
    (FOREIGN, "en", "suspension", "2023-11-02T20:00", "open"),
    (FOREIGN, "en", "suspension", "2023-11-02T12:00", "open"),
    (FOREIGN, "zh-Hans", "card", "2023-11-02T10:00", "open"),
    (FOREIGN, "zh-Hant", "card", "2023-11-02T10:00", "open"),
    (FOREIGN, "zh", "card", "2023-11-02T10:00", "open"),
    (FOREIGN, "ko", "card", "2023-12-31T10:00", "open"),  # no word of New Year
    (FOREIGN, "pt", "card", "2023-11-04T10:00", "open"),
    (FOREIGN, "es", "card", "2023-11-04T19:00", "open"),
    # R193: 2022
    (FOREIGN, "en", "card", "2022-12-31T20:00", "closed"),
    (FOREIGN, "en", "card", "2022-12-31T19:59", "open"),
    (FOREIGN, "en", "card", "2023-01-01T00:00", "suspension_only"),
    # R194 against R195 and R196
    (FOREIGN, "th", "card", "2023-11-02T08:59", "closed"),
    (FOREIGN, "th", "card", "2023-11-02T09:00", "open"),
    (FOREIGN, "th", "card", "2023-11-02T17:59", "open"),
    (FOREIGN, "th", "card", "2023-11-02T18:00", "closed"),
    (FOREIGN, "ne", "card", "2022-11-02T09:00", "closed"),
    (FOREIGN, "ne", "card", "2022-11-02T09:30", "open"),
    (FOREIGN, "ne", "card", "2023-01-01T09:00", "open"),
    (FOREIGN, "id", "card", "2023-11-02T09:30", "open"),
    (FOREIGN, "id", "suspension", "2023-11-02T20:00", "closed"),  # A19
    (FOREIGN, "id", "suspension", "2023-11-02T17:00", "open"),
    # R197 and R198
    (FOREIGN, "vi", "card", "2023-11-02T09:59", "closed"),
    (FOREIGN, "vi", "card", "2023-11-02T10:00", "open"),
    (FOREIGN, "vi", "card", "2023-11-02T19:00", "closed"),
    (FOREIGN, "vi", "card", "2022-11-02T10:00", "open"),
    (FOREIGN, "fil", "card", "2023-11-02T18:59", "open"),
    (FOREIGN, "tl", "card", "2023-11-02T10:00", "open"),
    (FOREIGN, "tl", "card", "2022-11-02T10:00", "closed"),
    (FOREIGN, "ja", "card", "2023-11-02T10:00", "closed"),
    (FOREIGN, "en", "system", "2023-11-02T10:00", "suspension_only"),
    # R190: the general line
    (GENERAL, "ja", "general", "2023-11-02T09:29", "suspension_only"),
    (GENERAL, "ja", "general", "2023-11-02T09:30", "open"),
    (GENERAL, "ja", "general", "2023-11-02T17:30", "open"),
    (GENERAL, "ja", "general", "2023-11-02T20:00", "suspension_only"),
    (GENERAL, "ja", "general", "2023-11-03T17:29", "open"),  # Culture Day
    (GENERAL, "ja", "general", "2023-11-03T17:30", "suspension_only"),
    (GENERAL, "ja", "suspension", "2023-11-03T17:30", "open"),
    (GENERAL, "ja", "general", "2023-11-04T17:30", "suspension_only"),  # Saturday
    (GENERAL, "ja", "general", "2023-11-05T17:30", "suspension_only"),  # Sunday
    (GENERAL, "ja", "general", "2023-12-28T19:00", "open"),
    (GENERAL, "ja", "general", "2023-12-29T10:00", "suspension_only"),
    (GENERAL, "ja", "general", "2024-01-03T10:00", "suspension_only"),
    (GENERAL, "ja", "general", "2024-01-04T10:00", "open"),
    (GENERAL, "ja", "suspension", "2024-01-01T00:00", "open"),
    (GENERAL, "ja", "card", "2023-11-03T17:30", "suspension_only"),
    # R191: in 2022 longer on the card and on points
    (GENERAL, "ja", "card", "2022-11-03T17:30", "open"),
    (GENERAL, "ja", "points", "2022-11-03T19:59", "open"),
    (GENERAL, "ja", "general", "2022-11-03T17:30", "suspension_only"),
    (GENERAL, "ja", "card", "2022-12-31T19:00", "open"),
    (GENERAL, "en", "general", "2023-11-02T10:00", "closed"),
    # R199: the system line
    (SYSTEM, "en", "system", "2023-01-02T10:00", "closed"),  # New Year, substitute
    (SYSTEM, "en", "system", "2023-01-04T10:00", "open"),
    (SYSTEM, "id", "system", "2023-01-09T17:30", "closed"),  # a holiday
    (SYSTEM, "id", "system", "2023-01-09T17:29", "open"),
    (SYSTEM, "tl", "system", "2023-01-10T19:59", "open"),
    (SYSTEM, "en", "suspension", "2023-01-10T12:00", "closed"),
    (SYSTEM, "en", "card", "2023-01-10T12:00", "closed"),
    # R200: the fallback does as the foreign line
    (FALLBACK, "en", "card", "2023-11-02T20:00", "suspension_only"),
    (FALLBACK, "th", "card", "2023-11-02T09:00", "open"),
    (FALLBACK, "vi", "card", "2023-11-02T09:59", "closed"),
    # R201, R202: the card centre
    (CENTRE, "ja", "card", "2023-11-03T08:30", "open"),
    (CENTRE, "ja", "card", "2023-11-03T20:00", "suspension_only"),
    (CENTRE, "ja", "card", "2022-11-02T21:59", "open"),
    (CENTRE, "ja", "card", "2022-11-03T17:30", "suspension_only"),
    (CENTRE, "ja", "card", "2023-12-30T10:00", "suspension_only"),
    (CENTRE2, "ja", "card", "2023-11-03T08:30", "open"),
    # R203: points
    (POINTS, "en", "points", "2022-11-03T19:59", "open"),
    (POINTS, "en", "points", "2022-11-03T20:00", "closed"),
    (POINTS, "en", "points", "2023-09-30T12:00", "open"),
    (POINTS, "en", "points", "2023-10-01T12:00", "closed"),
    (POINTS, "th", "points", "2022-11-03T12:00", "closed"),
    # R204, R205, R207
    (FAX, "ja", "suspension", "2023-12-31T23:59:59", "open"),
    (FAX, "ja", "card", "2023-11-02T12:00", "suspension_only"),
    (CITY, "ja", "card", "2023-11-02T16:29", "open"),
    (CITY, "ja", "card", "2023-11-02T16:30", "closed"),
    (CITY, "ja", "card", "2023-11-04T10:00", "closed"),
    (CITY, "ja", "suspension", "2023-11-02T10:00", "closed"),
    (ABROAD, "ja", "suspension", "2023-11-02T03:00", "open"),
]


@pytest.mark.parametrize(("line", "language", "topic", "at", "state"), CALLS)
def test_call(line: str, language: Language, topic: Topic, at: str, state: str) -> None:
    assert line_open(line, language, topic, T(at)).value == state


@pytest.mark.parametrize(
    ("line", "language", "topic", "at", "next", "rules"),
    [
        (FOREIGN, "en", "card", "2023-11-02T10:00", None, ("R192",)),
        (FOREIGN, "en", "card", "2023-11-02T21:00", "line.only_loss_now", ("R192",)),
        (FOREIGN, "th", "card", "2023-11-02T21:00", "line.call_again", ("R194",)),
        (FOREIGN, "ja", "card", "2023-11-02T10:00", "line.other_language", ("R180",)),
        (FOREIGN, "en", "system", "2023-11-02T10:00", "line.other_line", ("R192",)),
        (SYSTEM, "en", "card", "2023-11-02T10:00", "line.other_line", ("R199",)),
        (POINTS, "th", "points", "2023-09-30T10:00", "line.other_language", ("R180",)),
        (POINTS, "en", "points", "2023-10-01T10:00", "line.ended", ("R180",)),
        # who lost a card is never told to wait, nor to try a line that takes no loss
        (FOREIGN, "th", "suspension", "2023-11-02T08:59", "line.loss_do_not_wait", ("R194",)),
        (FOREIGN, "th", "suspension", "2023-11-02T09:00", None, ("R194",)),
        (FOREIGN, "en", "suspension", "2022-11-02T20:00", "line.loss_do_not_wait", ("R193",)),
        (SYSTEM, "en", "suspension", "2023-11-02T12:00", "line.other_line", ("R199",)),
        (GENERAL, "ja", "card", "2022-11-02T10:00", None, ("R191",)),
        (GENERAL, "ja", "general", "2022-11-02T10:00", None, ("R190",)),
        (GENERAL, "ja", "suspension", "2022-11-02T10:00", None, ("R190", "R191")),
    ],
)  # fmt: skip
def test_what_the_caller_is_told(
    line: str,
    language: Language,
    topic: Topic,
    at: str,
    next: str | None,
    rules: tuple[str, ...],
) -> None:
    answer = line_open(line, language, topic, T(at))
    assert answer.next == next
    assert answer.rules == rules


def test_sources_that_disagree_are_told() -> None:
    thai = line_open(FOREIGN, "th", "card", T("2023-11-02T09:15"))
    assert [(d.rule, d.source) for d in thai.disputes] == [
        ("R195", "seed 001:77"),
        ("R196", "seed 002:235"),
    ]
    english = line_open(FOREIGN, "en", "card", T("2023-11-02T09:15"))
    assert [d.source for d in english.disputes] == ["seed 001:75"]
    general = line_open(GENERAL, "ja", "general", T("2023-11-02T10:00"))
    assert [d.source for d in general.disputes] == ["seed 003:326"]


def test_a_clock_abroad() -> None:
    """11:00 UTC is 20:00 in Japan."""
    at = datetime(2023, 11, 2, 11, 0, tzinfo=UTC)
    assert line_open(FOREIGN, "en", "card", at).value == "suspension_only"
    night = datetime(2023, 11, 2, 15, 0, tzinfo=UTC)  # already Culture Day
    late = night + timedelta(hours=17, minutes=30)
    assert line_open(GENERAL, "ja", "general", late).value == "suspension_only"


def test_lines_that_are_unknown_too_early_or_too_late() -> None:
    with pytest.raises(BadArgument, match="'line': one of 0120-95-0178, 0120-0178-27"):
        line_open("0120-000-000", "ja", "card", T("2023-11-02T10:00"))
    with pytest.raises(NotYetInForce):
        line_open(FOREIGN, "en", "card", T("2021-12-31T12:00"))
    with pytest.raises(NotYetAnnounced):
        line_open(GENERAL, "ja", "general", T("2028-01-05T12:00"))
    assert line_open(FOREIGN, "en", "card", T("2036-01-05T12:00")).value == "open"


@pytest.mark.parametrize(
    ("line", "language", "topic", "at", "opens"),
    [
        (FOREIGN, "en", "card", "2023-11-02T20:00", "2023-11-03T09:30"),
        (FOREIGN, "en", "card", "2023-11-02T12:34", "2023-11-02T12:34"),
        (FOREIGN, "en", "suspension", "2023-11-02T23:00", "2023-11-02T23:00"),
        (FOREIGN, "th", "card", "2023-11-02T08:00", "2023-11-02T09:00"),
        (FOREIGN, "th", "card", "2023-11-02T18:00", "2023-11-03T09:00"),
        (FOREIGN, "th", "card", "2022-12-31T18:00", "2023-01-01T09:30"),
        (GENERAL, "ja", "general", "2023-12-28T20:00", "2024-01-04T09:30"),
        (GENERAL, "ja", "general", "2023-11-02T20:00", "2023-11-03T09:30"),
        (CITY, "ja", "card", "2023-11-02T17:00", "2023-11-06T08:45"),
        (FOREIGN, "ja", "card", "2023-11-02T17:00", None),
        (SYSTEM, "en", "suspension", "2023-11-02T17:00", None),
    ],
)
def test_next_opening(
    line: str, language: Language, topic: Topic, at: str, opens: str | None
) -> None:
    answer = line_opens_next(line, language, topic, T(at))
    expected = None if opens is None else T(opens).replace(tzinfo=JST)
    assert answer.value == expected
    assert answer.rules


@pytest.mark.parametrize(
    ("language", "topic", "at", "found"),
    [
        ("en", "suspension", "2023-11-02T03:00", (FOREIGN, FALLBACK)),
        ("th", "suspension", "2023-11-02T03:00", ()),
        (
            "ja",
            "suspension",
            "2023-11-02T03:00",
            (GENERAL, CENTRE, CENTRE2, FAX, ABROAD),
        ),
        ("en", "system", "2023-11-02T10:00", (SYSTEM,)),
        ("ja", "suspension", "2022-11-02T03:00", (GENERAL, CENTRE, CENTRE2)),
    ],
)
def test_which_lines_are_open(
    language: Language, topic: Topic, at: str, found: tuple[str, ...]
) -> None:
    answer = lines_open(language, topic, T(at))
    assert answer.value == found
    assert (answer.rules == ("R180",)) is (not found)


def test_which_rules_the_open_lines_rest_on() -> None:
    answer = lines_open("en", "suspension", T("2023-11-02T03:00"))
    assert answer.rules == ("R192", "R200")


def test_who_pays() -> None:
    assert line_charged(CENTRE).value is True
    assert line_charged(GENERAL).value is False
    assert line_charged(FOREIGN).rules == ("R201",)
    with pytest.raises(BadArgument, match="'line'"):
        line_charged("0120-000-000")


def test_voice_menu() -> None:
    assert [voice_menu_key(k).value for k in ("card", "loss", "points")] == [1, 2, 5]
    assert voice_menu_key("loss").rules == ("R206",)
    with pytest.raises(BadArgument, match="'wanted': one of card, loss"):
        voice_menu_key("weather")


MINUTES = st.integers(0, 7 * 24 * 60 - 1)


@given(MINUTES, st.sampled_from(["en", "th", "vi", "fil"]))
def test_the_states_tile_the_week(minute: int, language: Language) -> None:
    """Each minute has exactly one state, and the next opening is never past."""
    at = T("2023-11-06T00:00").replace(tzinfo=JST) + timedelta(minutes=minute)
    state = line_open(FOREIGN, language, "card", at).value
    opens = line_opens_next(FOREIGN, language, "card", at).value
    assert opens is not None
    assert (opens == at) is (state == "open")
    if opens > at:
        before = line_open(FOREIGN, language, "card", opens - timedelta(seconds=1))
        assert before.value != "open"
        assert opens - at < timedelta(days=1)


def test_every_line_is_in_the_table() -> None:
    assert set(lines()) == {
        GENERAL, FOREIGN, SYSTEM, FALLBACK, CENTRE, CENTRE2, POINTS, FAX, CITY, ABROAD,
    }  # fmt: skip
