"""The card as a health card (R250 to R255)."""

from datetime import date

import pytest

from mynabox.law.errors import NotYetInForce
from mynabox.law.health import (
    health_card,
    health_not_brought,
    health_reader_ways,
    health_still_notified,
    insurance_proofs,
    paper_health_card_issued,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("on", "registered", "expiry", "allowed", "codes", "next"),
    [
        ("2025-05-01", True, "2025-05-01", True, (), None),
        ("2025-05-02", True, "2025-05-01", True, ("health.eligibility_only",), "health.renew_certificate"),
        ("2025-08-01", True, "2025-05-01", True, ("health.eligibility_only",), "health.renew_certificate"),
        ("2025-08-02", True, "2025-05-01", False, ("health.certificate_ended",), "health.use_eligibility_certificate"),
        ("2025-05-01", False, "2026-05-01", False, ("health.register_first",), "health.register"),
        ("2025-09-01", False, "2025-05-01", False, ("health.register_first",), "health.register"),
        ("2024-12-01", True, "2024-11-30", False, ("health.certificate_ended",), "health.use_eligibility_certificate"),
        ("2024-12-02", True, "2024-11-30", True, ("health.eligibility_only",), "health.renew_certificate"),
    ],
)  # fmt: skip
def test_health_card(
    on: str,
    registered: bool,
    expiry: str,
    allowed: bool,
    codes: tuple[str, ...],
    next: str | None,
) -> None:
    answer = health_card(D(on), registered, D(expiry))
    assert answer.value.allowed is allowed
    assert answer.value.codes == codes
    assert answer.next == next


def test_facts_and_rules() -> None:
    late = health_card(D("2025-06-01"), True, D("2025-05-01"))
    assert late.value.reasons[0].facts == {"until": D("2025-08-01")}
    assert late.value.reasons[0].rule == "R254"
    assert late.rules == ("R250", "R254")
    over = health_card(D("2025-09-01"), True, D("2025-05-01"))
    assert over.value.reasons[0].facts == {"ended": D("2025-05-01")}
    assert over.value.reasons[0].rule == "R254"
    assert over.rules == ("R250", "R254", "R253")
    first = health_card(D("2025-05-01"), False, D("2026-05-01"))
    assert first.value.reasons[0].rule == "R250"
    assert health_card(D("2025-05-01"), True, D("2026-05-01")).rules == ("R250",)


def test_the_month_end_reading_is_told() -> None:
    late = health_card(D("2025-06-01"), True, D("2025-05-01"))
    assert any("end of the month" in d.says for d in late.disputes)


def test_not_before_it_began() -> None:
    with pytest.raises(NotYetInForce):
        health_card(D("2021-10-19"), True, D("2025-05-01"))
    assert health_card(D("2021-10-20"), True, D("2025-05-01")).value.allowed


@pytest.mark.parametrize(
    ("on", "accepted"),
    [
        ("2016-01-01", ("insurance_card",)),
        ("2021-10-19", ("insurance_card",)),
        ("2021-10-20", ("my_number_card", "insurance_card")),
        ("2024-12-01", ("my_number_card", "insurance_card")),
        ("2024-12-02", ("my_number_card", "insurance_card", "eligibility_certificate")),
        ("2025-12-01", ("my_number_card", "insurance_card", "eligibility_certificate")),
        ("2025-12-02", ("my_number_card", "eligibility_certificate")),
    ],
)
def test_what_is_accepted(on: str, accepted: tuple[str, ...]) -> None:
    assert insurance_proofs(D(on)).value == accepted
    assert "R287" in insurance_proofs(D(on)).rules


def test_paper_cards() -> None:
    assert paper_health_card_issued(D("2016-01-01")).value is True
    assert paper_health_card_issued(D("2024-12-01")).value is True
    assert paper_health_card_issued(D("2024-12-02")).value is False
    assert paper_health_card_issued(D("2024-12-02")).rules == ("R253",)


def test_around_it() -> None:
    assert health_reader_ways().value == ("face", "pin")
    assert health_reader_ways().rules == ("R255",)
    assert health_reader_ways(without_pins=True).value == ("face", "sight")
    assert health_reader_ways(without_pins=True).rules == ("R081",)
    assert health_still_notified().value == ("join_insurance", "leave_insurance")
    assert health_still_notified().rules == ("R251",)
    assert health_not_brought().value == ("payment_limit_certificate",)
    assert health_not_brought().rules == ("R252",)
