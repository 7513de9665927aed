"""What a card costs (R055, R160 to R167)."""

from datetime import date

import pytest

from mynabox.law.errors import BadArgument, NotYetInForce
from mynabox.law.fees import (
    FeeReason,
    certificate_fee,
    express_fee,
    express_issue,
    is_infant,
    reissue_fee,
)

D = date.fromisoformat

FEES = [
    # reason, certificates, old card handed in, yen, rules
    ("first", True, True, 0, ("R160",)),
    ("first", True, False, 0, ("R160",)),
    ("lost", True, False, 1000, ("R161",)),
    ("lost", False, False, 800, ("R161",)),
    ("lost", True, True, 1000, ("R161",)),
    ("damaged_own_fault", True, True, 1000, ("R161",)),
    ("damaged_own_fault", False, True, 800, ("R161",)),
    ("expired", True, True, 0, ("R162",)),
    ("expired", True, False, 1000, ("R162", "R161", "R055", "R163")),
    ("renewal", True, True, 0, ("R163",)),
    ("renewal", True, False, 1000, ("R163", "R161", "R055")),
    ("renewal", False, False, 800, ("R163", "R161", "R055")),
    ("stay_lapsed", True, True, 1000, ("R164", "R161")),
    ("stay_lapsed", False, True, 800, ("R164", "R161")),
    ("no_space", True, True, 0, ("R162",)),
    ("no_space", True, False, 1000, ("R162", "R161", "R055", "R163")),
    ("disaster", True, False, 0, ("R162",)),
    ("stolen", True, False, 0, ("R162",)),
    ("office_error", True, False, 0, ("R162",)),
    ("number_changed", True, False, 0, ("R162",)),
    ("returned_from_abroad", True, False, 0, ("R162",)),
    ("continued_use_missed", True, True, 1000, ("R173", "R161")),
    ("handed_back", True, True, 1000, ("R161",)),
    ("record_deleted", False, True, 800, ("R161",)),
]


@pytest.mark.parametrize(("reason", "certificates", "old", "yen", "rules"), FEES)
@pytest.mark.parametrize("municipality", [None, "082201", "132217"])
def test_reissue(
    reason: FeeReason,
    certificates: bool,
    old: bool,
    yen: int,
    rules: tuple[str, ...],
    municipality: str | None,
) -> None:
    answer = reissue_fee(reason, certificates, old, municipality)
    assert answer.value == yen
    assert answer.rules == rules


@pytest.mark.parametrize(
    ("on", "infant"), [("2027-01-31", True), ("2027-02-01", False)]
)
def test_whose_first_card_is_made_within_days(on: str, infant: bool) -> None:
    """born on 1 February 2026: under one year until the day before the birthday"""
    answer = is_infant(born=D("2026-02-01"), on=D(on))
    assert (answer.value, answer.rules) == (infant, ("R061",))


def test_defaults_and_who_sets_the_fee() -> None:
    assert reissue_fee("renewal").value == 0
    assert reissue_fee("lost").value == 1000
    disputes = reissue_fee("lost").disputes
    assert [(d.rule, d.source) for d in disputes] == [("R167", "seed 004:36")]
    assert "set by the municipality" in str(reissue_fee("lost").citations[1].text)
    own = reissue_fee("lost", municipality="082201").citations[1].text
    assert "set by the municipality" not in str(own)


@pytest.mark.parametrize(
    ("reason", "lost", "yen", "rules"),
    [
        ("moved", False, 0, ("R165", "R141")),
        ("expired", False, 0, ("R165", "R141")),
        ("moved", True, 200, ("R161", "R165")),
    ],
)
def test_certificates_alone(
    reason: str, lost: bool, yen: int, rules: tuple[str, ...]
) -> None:
    answer = certificate_fee(reason, lost)
    assert answer.value == yen
    assert answer.rules == rules


def test_an_unknown_reason_for_certificates() -> None:
    assert certificate_fee("found").value == 0
    with pytest.raises(BadArgument, match="'reason': one of moved, renamed"):
        certificate_fee("whim")


@pytest.mark.parametrize(
    ("reason", "allowed"),
    [
        ("infant", True),
        ("number_changed", True),
        ("lost", True),
        ("damaged_own_fault", True),
        ("first", False),
    ],
)
def test_express_issue(reason: str, allowed: bool) -> None:
    answer = express_issue(reason, D("2024-12-02"))
    assert answer.value.allowed is allowed
    assert answer.rules == ("R061",)
    if not allowed:
        assert answer.value.codes == ("express.not_for_this",)
        assert answer.value.reasons[0].rule == "R061"
        listed = answer.value.reasons[0].facts["listed"]
        assert isinstance(listed, tuple)
        assert {"infant", "lost"} <= set(listed)
        assert answer.next == "card.apply_plainly"
    else:
        assert answer.next is None


def test_no_express_issue_before_its_day() -> None:
    with pytest.raises(NotYetInForce):
        express_issue("lost", D("2024-12-01"))


@pytest.mark.parametrize(
    ("reason", "certificates", "yen", "rules"),
    [
        ("lost", True, 2000, ("R161", "R166")),
        ("lost", False, 1800, ("R161", "R166")),
        ("damaged_own_fault", True, 2000, ("R161", "R166")),
        ("infant", True, 0, ("R061",)),
        ("no_space", True, 0, ("R061",)),
    ],
)
def test_express_fee(
    reason: str, certificates: bool, yen: int, rules: tuple[str, ...]
) -> None:
    answer = express_fee(reason, D("2024-12-02"), certificates)
    assert answer.value == yen
    assert answer.rules == rules


def test_no_express_fee_for_a_plain_first_card() -> None:
    assert express_fee("lost", D("2025-01-01")).value == 2000
    with pytest.raises(BadArgument, match="'reason': one of infant"):
        express_fee("first", D("2024-12-02"))
