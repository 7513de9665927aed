"""Carrying a longer stay over to the card (R114 to R123)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.answer import Verdict
from mynabox.law.errors import BadArgument
from mynabox.law.stay import (
    combined_card,
    extended_expiry,
    online_stay_procedures,
    special_extension,
    special_extension_proofs,
    stay_extension,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("expiry", "requested", "decided", "until"),
    [
        ("2023-12-31", "2023-12-01", None, "2024-02-29"),
        ("2022-12-31", "2022-12-31", None, "2023-02-28"),
        ("2023-10-15", "2023-10-15", None, "2023-12-15"),
        ("2023-10-15", "2023-10-01", "2023-11-20", "2023-11-20"),
        ("2023-10-15", "2023-10-01", "2023-12-14", "2023-12-14"),
        ("2023-10-15", "2023-10-01", "2023-12-16", "2023-12-15"),
        ("2023-10-15", "2023-10-01", "2023-10-10", "2023-10-15"),
        ("2023-10-15", "2023-10-01", "2023-10-01", "2023-10-15"),
    ],
)
def test_special_extension(
    expiry: str, requested: str, decided: str | None, until: str
) -> None:
    """R116: to the decision, at most two months beyond expiry."""
    answer = special_extension(
        D(expiry), D(requested), None if decided is None else D(decided)
    )
    assert answer.value == D(until)
    assert answer.rules == ("R116", "R117", "R118")
    assert answer.next == "stay.come_back_after_the_decision"


def test_special_extension_refused_after_expiry() -> None:
    answer = special_extension(D("2023-12-31"), D("2024-01-01"))
    assert isinstance(answer.value, Verdict)
    assert not answer.value.allowed
    assert answer.value.codes == ("stay.card_expired",)
    assert answer.value.reasons[0].rule == "R116"
    assert answer.value.reasons[0].facts == {"expired": D("2023-12-31")}
    assert answer.rules == ("R116", "R119")
    assert answer.next == "card.apply_anew"


def test_special_extension_is_given_once() -> None:
    answer = special_extension(D("2023-12-31"), D("2023-12-01"), already_extended=True)
    assert isinstance(answer.value, Verdict)
    assert not answer.value.allowed
    assert answer.value.codes == ("stay.extended_once",)
    assert answer.value.reasons[0].rule == "R117"
    assert answer.value.reasons[0].facts == {"times": 1}
    assert answer.rules == ("R117",)
    assert answer.next == "stay.come_with_the_decision"


def test_a_decision_does_not_come_before_the_request() -> None:
    with pytest.raises(BadArgument, match="'decided'"):
        special_extension(D("2023-12-31"), D("2023-12-02"), D("2023-12-01"))


@given(st.dates(date(2016, 1, 1), date(2040, 1, 1)), st.integers(0, 200))
def test_an_extension_never_shortens(expiry: date, back: int) -> None:
    requested = date.fromordinal(expiry.toordinal() - back)
    if requested.year >= 2016:
        until = special_extension(expiry, requested).value
        assert isinstance(until, date)
        assert until > expiry


def test_what_proves_a_pending_application() -> None:
    assert special_extension_proofs().value == (
        "stamped_residence_card",
        "mail_of_receipt",
    )


@pytest.mark.parametrize(
    ("limit", "stay", "until"),
    [
        ("2033-05-05", "2036-01-01", "2033-05-05"),
        ("2033-05-05", "2033-05-05", "2033-05-05"),
        ("2033-05-05", "2030-01-01", "2030-01-01"),
    ],
)
def test_extension_is_capped_by_the_birthday(limit: str, stay: str, until: str) -> None:
    answer = extended_expiry(D(limit), D(stay))
    assert answer.value == D(until)
    assert answer.rules == ("R115", "R118")
    assert answer.next == "stay.issue_new_certificates"


@pytest.mark.parametrize(
    ("on", "space", "allowed", "codes", "rules", "next"),
    [
        ("2023-12-31", True, True, (), ("R114", "R121"), "stay.bring_residence_card"),
        ("2024-01-01", True, False, ("stay.card_expired",), ("R114", "R119"), "card.apply_anew"),
        ("2024-01-01", False, False, ("stay.card_expired",), ("R114", "R119"), "card.apply_anew"),
        ("2023-12-31", False, False, ("stay.no_space",), ("R122", "R162"), "card.replace_free"),
    ],
)  # fmt: skip
def test_extension_is_asked_for_in_time(
    on: str,
    space: bool,
    allowed: bool,
    codes: tuple[str, ...],
    rules: tuple[str, ...],
    next: str,
) -> None:
    answer = stay_extension(D("2023-12-31"), D(on), space)
    assert answer.value.allowed is allowed
    assert answer.value.codes == codes
    assert answer.rules == rules
    assert answer.next == next


def test_facts_of_a_lapsed_card_and_space_by_default() -> None:
    lapsed = stay_extension(D("2023-12-31"), D("2024-02-01"))
    assert lapsed.value.reasons[0].facts == {"expired": D("2023-12-31")}
    assert lapsed.value.reasons[0].rule == "R114"
    full = stay_extension(D("2023-12-31"), D("2023-12-01"), space_left=False)
    assert full.value.reasons[0].rule == "R122"
    assert stay_extension(D("2023-12-31"), D("2023-12-01")).value.allowed


def test_combined_card_from_its_day() -> None:
    assert combined_card(D("2016-01-01")).value is False
    assert combined_card(D("2026-06-13")).value is False
    assert combined_card(D("2026-06-14")).value is True
    assert combined_card(D("2026-06-14")).rules == ("R123",)


def test_online_procedures() -> None:
    answer = online_stay_procedures()
    assert answer.value[:2] == ("extend_period", "change_status")
    assert answer.rules == ("R120", "R282")
