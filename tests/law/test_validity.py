"""How long a card lasts (R090 to R100, R110 to R113) and who is given what."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.days import plus_months
from mynabox.law.errors import BadArgument, NotYetInForce
from mynabox.law.validity import (
    ResidenceStatus,
    card_expiries,
    card_expiry,
    next_card_expiry,
    next_card_renewal_opens,
    pin_setter,
    renewal_letter,
    renewal_opens,
    signature_certificate,
)

D = date.fromisoformat

CARDS = [
    # born, applied, issued, expiry, why the neighbouring rule would differ
    ("2003-06-01", "2022-04-01", "2022-04-10", "2031-06-01", "18, first day of R090"),
    ("2003-06-01", "2022-03-31", "2022-04-10", "2026-06-01", "18, last day of R091"),
    ("2003-06-01", "2022-03-31", "2022-05-01", "2026-06-01", "R092: issue is later"),
    ("2002-03-31", "2022-03-31", "2022-04-10", "2032-03-31", "20 on the day: adult"),
    ("2002-04-01", "2022-03-31", "2022-04-10", "2027-04-01", "20 a day later: R091"),
    ("2004-04-01", "2022-04-01", "2022-04-10", "2032-04-01", "18 on the day: adult"),
    ("2004-04-02", "2022-04-01", "2022-04-10", "2027-04-02", "18 a day later"),
    ("2004-04-02", "2022-04-01", "2022-04-01", "2026-04-02", "issue before birthday"),
    ("1990-03-01", "2023-02-01", "2023-03-01", "2033-03-01", "R093: issued on it"),
    ("1990-03-01", "2023-02-01", "2023-02-28", "2032-03-01", "R093: the day before"),
    ("1985-10-10", "2020-04-20", "2020-05-15", "2029-10-10", "R095, a printed example"),
    ("2000-02-29", "2023-01-05", "2023-01-10", "2032-02-29", "R096, leap year end"),
    ("2000-02-29", "2022-12-05", "2022-12-10", "2032-02-29", "R096"),
    ("2008-02-29", "2023-01-05", "2023-01-10", "2027-02-28", "R096, common year end"),
    ("1950-12-31", "2022-12-31", "2023-01-01", "2032-12-31", "around New Year"),
]


@pytest.mark.parametrize(("born", "applied", "issued", "expiry", "why"), CARDS)
def test_card_of_a_japanese_national(
    born: str, applied: str, issued: str, expiry: str, why: str
) -> None:
    answer = card_expiry(D(born), D(applied), D(issued), "japanese")
    assert answer.value == D(expiry), why


@pytest.mark.parametrize(
    ("applied", "rule", "source"),
    [
        ("2022-03-31", "R091", "seed 003:184"),
        ("2022-04-01", "R090", "seed 003:181"),
    ],
)
def test_the_day_of_application_picks_the_rule(
    applied: str, rule: str, source: str
) -> None:
    answer = card_expiry(D("2003-06-01"), D(applied), D("2022-04-10"), "japanese")
    assert answer.rules == (rule, "R092", "R093", "R094", "R111")
    assert answer.citations[0].source == source
    assert ("R091", "seed 004:22") in [(d.rule, d.source) for d in answer.disputes]


@pytest.mark.parametrize(
    ("born", "applied", "source"),
    [
        ("2010-06-01", "2022-03-31", "seed 003:185"),
        ("2010-06-01", "2022-04-01", "seed 003:182"),
        ("1990-06-01", "2022-03-31", "seed 003:184"),
        ("1990-06-01", "2022-04-01", "seed 003:181"),
    ],
)
def test_each_row_of_the_printed_table_is_cited(
    born: str, applied: str, source: str
) -> None:
    answer = card_expiry(D(born), D(applied), D("2022-04-10"), "japanese")
    assert answer.citations[2].source == source


STAYS: list[tuple[ResidenceStatus, str | None, str, str]] = [
    # status, stay until, expiry (the birthday limit is 2033-05-05), rule
    ("mid_long_term", "2027-06-30", "2027-06-30", "R110"),
    ("mid_long_term", "2033-05-04", "2033-05-04", "R110"),
    ("mid_long_term", "2033-05-06", "2033-05-05", "R110"),
    ("temporary_refuge", "2024-01-15", "2024-01-15", "R112"),
    ("provisional_stay", "2024-02-15", "2024-02-15", "R112"),
    ("birth_transitional", "2024-03-15", "2024-03-15", "R113"),
    ("permanent", None, "2033-05-05", "R111"),
    ("special_permanent", None, "2033-05-05", "R111"),
    ("highly_skilled_2", None, "2033-05-05", "R111"),
    ("permanent", "2027-06-30", "2033-05-05", "R111"),
    ("japanese", None, "2033-05-05", "R111"),
]


@pytest.mark.parametrize(("status", "stay", "expiry", "rule"), STAYS)
def test_card_and_stay(
    status: ResidenceStatus, stay: str | None, expiry: str, rule: str
) -> None:
    answer = card_expiry(
        born=D("1990-05-05"),
        applied=D("2023-05-20"),
        issued=D("2023-06-01"),
        residence_status=status,
        stay_until=None if stay is None else D(stay),
    )
    assert answer.value == D(expiry)
    assert rule in answer.rules


def test_a_child_born_without_status_has_sixty_days() -> None:
    born = D("2023-10-01")
    answer = card_expiry(born, D("2023-10-05"), D("2023-10-20"), "birth_transitional")
    assert answer.value == D("2023-11-30")
    assert "R113" in answer.rules


def test_special_permanent_residents_are_told_as_a_dispute() -> None:
    answer = card_expiry(
        D("1990-05-05"), D("2023-05-20"), D("2023-06-01"), "special_permanent"
    )
    assert "seed 003:197" in [d.source for d in answer.disputes]


def test_a_stay_must_be_told_and_not_have_ended() -> None:
    born, applied, issued = D("1990-05-05"), D("2023-05-20"), D("2023-06-01")
    with pytest.raises(BadArgument, match="'stay_until': a day, for the status mid"):
        card_expiry(born, applied, issued, "mid_long_term")
    with pytest.raises(BadArgument, match="'stay_until': a day not before 'issued'"):
        card_expiry(born, applied, issued, "mid_long_term", D("2023-05-31"))
    last = card_expiry(born, applied, issued, "mid_long_term", issued)
    assert last.value == issued


@pytest.mark.parametrize(
    ("born", "applied", "issued", "name"),
    [
        ("2023-05-21", "2023-05-20", "2023-06-01", "applied"),
        ("1990-05-05", "2023-06-02", "2023-06-01", "issued"),
    ],
)
def test_days_that_cannot_follow_each_other(
    born: str, applied: str, issued: str, name: str
) -> None:
    with pytest.raises(BadArgument, match=f"argument '{name}'"):
        card_expiry(D(born), D(applied), D(issued), "japanese")


def test_no_card_before_the_act() -> None:
    born = D("1990-05-05")
    with pytest.raises(NotYetInForce):
        card_expiry(born, D("2015-10-04"), D("2016-01-10"), "japanese")
    first = card_expiry(born, D("2015-10-05"), D("2016-01-10"), "japanese")
    assert first.value == D("2025-05-05")


@pytest.mark.parametrize(
    ("expiry", "opens"),
    [
        ("2030-02-17", "2029-11-17"),
        ("2027-05-31", "2027-02-28"),
        ("2028-05-31", "2028-02-29"),
        ("2027-03-31", "2026-12-31"),
        ("2027-01-01", "2026-10-01"),
    ],
)
def test_renewal_opens_three_months_before(expiry: str, opens: str) -> None:
    answer = renewal_opens(D(expiry))
    assert answer.value == D(opens)
    assert answer.rules == ("R098",)
    assert answer.disputes[0].source == "jpki portal"


def test_the_letter_comes_three_to_two_months_before() -> None:
    answer = renewal_letter(D("2030-05-31"))
    assert answer.value == (D("2030-02-28"), D("2030-03-31"))
    assert answer.rules == ("R099", "R121")


def test_the_announced_next_card() -> None:
    answer = next_card_expiry(D("1990-05-05"), D("2026-10-01"), D("2026-11-01"))
    assert answer.value == D("2036-06-05")
    assert "R100" in answer.rules
    child = next_card_expiry(D("2010-05-05"), D("2026-10-01"), D("2026-11-01"))
    assert child.value == D("2031-06-05")
    assert next_card_renewal_opens(D("2036-06-05")).value == D("2035-06-05")
    with pytest.raises(BadArgument, match="'issued'"):
        next_card_expiry(D("1990-05-05"), D("2026-10-01"), D("2026-09-30"))
    with pytest.raises(NotYetInForce):
        next_card_expiry(D("1990-05-05"), D("2026-01-01"), D("2026-03-31"))


@pytest.mark.parametrize(
    ("on", "ward", "given", "setter"),
    [
        ("2023-04-30", False, False, "representative"),  # 14 years, 364 days
        ("2023-05-01", False, True, "holder"),  # on the 15th birthday
        ("2023-05-01", True, False, "representative"),
        ("2023-04-30", True, False, "representative"),
    ],
)
def test_who_is_given_a_signature_certificate(
    on: str, ward: bool, given: bool, setter: str
) -> None:
    born = D("2008-05-01")
    assert signature_certificate(born, D(on), ward).value is given
    assert signature_certificate(born, D(on), ward).rules == ("R135",)
    assert pin_setter(born, D(on), ward).value == setter
    assert pin_setter(born, D(on), ward).rules == ("R136",)


def test_nobody_is_a_ward_unless_said() -> None:
    assert signature_certificate(D("1990-05-01"), D("2023-05-01")).value is True
    assert pin_setter(D("1990-05-01"), D("2023-05-01")).value == "holder"


LIVES = st.tuples(
    st.dates(date(1920, 1, 1), date(2015, 9, 30)),
    st.dates(date(2015, 10, 5), date(2035, 12, 31)),
    st.integers(0, 120),
    st.integers(0, 4000),
)


@given(LIVES)
def test_a_card_never_outlives_its_stay(life: tuple[date, date, int, int]) -> None:
    born, applied, wait, stay = life
    issued = applied + timedelta(days=wait)
    stay_until = issued + timedelta(days=stay)
    limited = card_expiry(born, applied, issued, "mid_long_term", stay_until).value
    unlimited = card_expiry(born, applied, issued, "permanent").value
    assert limited == min(stay_until, unlimited)
    assert issued <= limited
    assert issued < unlimited <= plus_months(issued, 120) + timedelta(days=1)


def test_many_cards_at_once_are_as_one_by_one() -> None:
    rows: list[tuple[date, date, date, ResidenceStatus, date | None]] = [
        (D(born), D(applied), D(issued), "japanese", None)
        for born, applied, issued, _, _ in CARDS
    ]
    for status, stay, _, _ in STAYS:
        until = None if stay is None else D(stay)
        rows.append((D("1990-05-05"), D("2023-05-20"), D("2023-06-01"), status, until))
    born, applied, issued = D("2023-10-01"), D("2023-10-05"), D("2023-10-20")
    rows.append((born, applied, issued, "birth_transitional", None))
    assert list(card_expiries(rows)) == [card_expiry(*row).value for row in rows]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (("2023-05-21", "2023-05-20", "2023-06-01", "japanese", None), "applied"),
        (("1990-05-05", "2023-06-02", "2023-06-01", "japanese", None), "issued"),
        (("1990-05-05", "2023-05-20", "2023-06-01", "mid_long_term", None), "stay_until"),
        (("1990-05-05", "2023-05-20", "2023-06-01", "mid_long_term", "2023-05-31"), "stay_until"),
    ],
)  # fmt: skip
def test_many_cards_at_once_refuse_the_same(row: Any, name: str) -> None:
    born, applied, issued, status, stay = row
    until = None if stay is None else D(stay)
    with pytest.raises(BadArgument, match=f"argument '{name}'"):
        list(card_expiries([(D(born), D(applied), D(issued), status, until)]))


@given(LIVES)
def test_windows_never_invert(life: tuple[date, date, int, int]) -> None:
    born, applied, wait, _ = life
    issued = applied + timedelta(days=wait)
    expiry = card_expiry(born, applied, issued, "japanese").value
    first, last = renewal_letter(expiry).value
    assert issued < renewal_opens(expiry).value <= first <= last < expiry
