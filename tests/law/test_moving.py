"""Moving and keeping the card up to date (R060, R154, R170 to R178)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.book import flag
from mynabox.law.errors import NotYetAnnounced
from mynabox.law.moving import (
    CardCondition,
    continued_use,
    continued_use_until,
    emigration,
    household_may,
    move_in_due,
    move_out_online,
    next_open_day,
    particulars_due,
    settled,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("changed", "due", "next_open"),
    [
        ("2023-10-01", "2023-10-15", "2023-10-16"),  # a Sunday
        ("2023-10-02", "2023-10-16", None),  # a Monday
        ("2023-10-20", "2023-11-03", "2023-11-06"),  # Culture Day, a Friday
        ("2022-12-16", "2022-12-30", "2023-01-04"),  # turn of the year
        ("2024-02-15", "2024-02-29", None),
        ("2022-12-14", "2022-12-28", None),
        ("2022-12-15", "2022-12-29", "2023-01-04"),
    ],
)
def test_particulars(changed: str, due: str, next_open: str | None) -> None:
    """R170, with both days told where the term ends on a closed day (A18)."""
    answer = particulars_due(D(changed))
    assert answer.value == D(due)
    assert answer.rules == ("R170",)
    assert [d.says for d in answer.disputes] == (
        [] if next_open is None else [next_open]
    )


@pytest.mark.parametrize(
    ("moved_in", "planned", "due"),
    [
        ("2023-10-05", "2023-10-01", "2023-10-19"),
        ("2023-10-18", "2023-10-01", "2023-10-31"),
        ("2023-10-17", "2023-10-01", "2023-10-31"),
        ("2023-10-16", "2023-10-01", "2023-10-30"),
        ("2023-10-01", "2023-11-01", "2023-10-15"),
    ],
)
def test_move_in(moved_in: str, planned: str, due: str) -> None:
    answer = move_in_due(D(moved_in), D(planned))
    assert answer.value == D(due)
    assert answer.rules == ("R171", "R173")


def test_a_term_can_be_read_to_move() -> None:
    """A18: the parameter turned the other way tells the next open day."""
    stays = flag("calendar", "deadline_moves").only
    moves = replace(stays, value=True)
    sunday, monday = D("2023-10-15"), D("2023-10-16")
    assert settled(sunday, monday, stays, "R170").value == sunday
    assert settled(sunday, monday, moves, "R170").value == monday
    assert settled(sunday, monday, moves, "R170").rules == ("R170", "R208")
    assert settled(monday, monday, moves, "R170").rules == ("R170",)


def test_a_term_far_ahead_needs_no_holidays() -> None:
    answer = particulars_due(D("2033-01-01"))
    assert answer.value == D("2033-01-15")
    assert answer.disputes == ()


@pytest.mark.parametrize(
    ("notice", "until"),
    [
        ("2023-10-10", "2024-01-08"),
        ("2023-12-01", "2024-02-29"),
        ("2022-12-01", "2023-03-01"),
    ],
)
def test_continued_use_until(notice: str, until: str) -> None:
    """R172: 8 January 2024 is a holiday, and the term does not move."""
    answer = continued_use_until(D(notice))
    assert answer.value == D(until)
    assert answer.rules == ("R172", "R173")
    assert answer.disputes == ()


CONTINUED = [
    # moved in, planned, notice, on, card, again, codes
    ("2023-10-05", "2023-10-01", "2023-10-19", "2024-01-17", "valid", False, ()),
    ("2023-10-05", "2023-10-01", "2023-10-20", "2023-10-20", "valid", False, ("move.notice_too_late",)),
    ("2023-10-05", "2023-10-01", "2023-10-10", "2024-01-08", "valid", False, ()),
    ("2023-10-05", "2023-10-01", "2023-10-10", "2024-01-09", "valid", False, ("move.continued_use_too_late",)),
    ("2023-10-05", "2023-10-01", "2023-10-10", "2023-10-10", "expired", False, ("move.card_not_valid",)),
    ("2023-10-05", "2023-10-01", "2023-10-10", "2023-10-10", "suspended", False, ("move.card_not_valid",)),
    ("2023-10-05", "2023-10-01", "2023-10-10", "2023-10-10", "void", False, ("move.card_not_valid",)),
    ("2023-10-05", "2023-10-01", "2023-10-10", "2023-10-10", "valid", True, ("move.moved_again",)),
    ("2023-10-05", "2023-10-01", "2023-10-20", "2024-03-01", "void", True,
     ("move.card_not_valid", "move.moved_again", "move.notice_too_late", "move.continued_use_too_late")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("moved_in", "planned", "notice", "on", "card", "again", "codes"), CONTINUED
)
def test_continued_use(
    moved_in: str,
    planned: str,
    notice: str,
    on: str,
    card: CardCondition,
    again: bool,
    codes: tuple[str, ...],
) -> None:
    answer = continued_use(D(moved_in), D(planned), D(notice), D(on), card, again)
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    rules = ("R171", "R172", "R173", "R174", "R176", "R177")
    assert answer.rules == (rules if not codes else (*rules, "R281"))
    expected = (
        "move.hand_card_back" if codes else "move.issue_new_signature_certificate"
    )
    assert answer.next == expected


def test_facts_and_rules_of_a_missed_term() -> None:
    answer = continued_use(
        D("2023-10-05"), D("2023-10-01"), D("2023-10-20"), D("2024-03-01"), "void", True
    )
    told = [(r.rule, dict(r.facts)) for r in answer.value.reasons]
    assert told == [
        ("R176", {"card": "void"}),
        ("R174", {}),
        ("R171", {"due": D("2023-10-19")}),
        ("R172", {"until": D("2024-01-18")}),
    ]
    plain = continued_use(
        D("2023-10-05"), D("2023-10-01"), D("2023-10-10"), D("2023-10-10")
    )
    assert plain.value.allowed


@given(
    st.dates(date(2016, 1, 1), date(2026, 12, 1)),
    st.dates(date(2016, 1, 1), date(2026, 12, 1)),
)
def test_terms_come_after_what_starts_them(moved: date, planned: date) -> None:
    due = move_in_due(moved, planned).value
    assert due <= particulars_due(moved).value
    assert due > min(moved, planned)
    assert continued_use_until(moved).value > particulars_due(moved).value


@pytest.mark.parametrize(
    ("day", "open_day"),
    [
        ("2023-10-13", "2023-10-13"),
        ("2023-10-14", "2023-10-16"),
        ("2019-04-27", "2019-05-07"),  # ten days of holidays
        ("2023-12-28", "2023-12-28"),
        ("2023-12-29", "2024-01-04"),
        ("2024-01-03", "2024-01-04"),
    ],
)
def test_next_open_day(day: str, open_day: str) -> None:
    answer = next_open_day(D(day))
    assert answer.value == D(open_day)
    assert answer.rules == ("R210", "R208")


def test_next_open_day_beyond_the_announced_holidays() -> None:
    with pytest.raises(NotYetAnnounced):
        next_open_day(D("2028-01-04"))


@pytest.mark.parametrize(
    ("errand", "allowed"),
    [
        ("particulars", True),
        ("stay_extension", True),
        ("continued_use", True),
        ("signature_certificate", False),
    ],
)
def test_household(errand: str, allowed: bool) -> None:
    answer = household_may(errand)
    assert answer.value.allowed is allowed
    assert answer.rules == ("R060",)
    if allowed:
        assert answer.value.reasons == ()
        assert answer.next == "household.bring_card_and_pin"
    else:
        assert answer.value.reasons[0].code == "household.holder_only"
        assert answer.value.reasons[0].rule == "R060"
        assert answer.value.reasons[0].facts == {"errand": errand}
        assert answer.next == "household.holder_comes"


def test_moving_out_online_from_its_day() -> None:
    assert move_out_online(D("2016-01-01")).value is False
    assert move_out_online(D("2023-02-05")).value is False
    assert move_out_online(D("2023-02-06")).value is True
    assert move_out_online(D("2023-02-06")).rules == ("R175",)


@pytest.mark.parametrize(
    ("leaves", "done", "japanese", "event"),
    [
        ("2024-05-27", "2024-05-26", True, "emigrated_continuing"),
        ("2024-05-27", "2024-05-27", True, "emigrated"),  # by the day before
        ("2024-05-27", None, True, "emigrated"),
        ("2024-05-27", "2024-05-26", False, "emigrated"),
        ("2024-05-26", "2024-05-25", True, "emigrated"),  # R154 begins a day later
        ("2016-01-01", "2015-12-31", True, "emigrated"),
    ],
)
def test_leaving_japan(
    leaves: str, done: str | None, japanese: bool, event: str
) -> None:
    answer = emigration(D(leaves), None if done is None else D(done), japanese)
    assert answer.value == event
    assert answer.rules == ("R154", "R151")
