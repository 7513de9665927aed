"""How a number is told and proved (R003 to R010, R013)."""

from datetime import date

import pytest

from mynabox.law.errors import NotYetInForce
from mynabox.law.notices import (
    NoticeKind,
    notice_arrives,
    notice_kept_until,
    notice_kind,
    notice_proves_number,
    notice_reissued,
    number_change,
    number_proof,
    undelivered_notice,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("assigned", "kind"),
    [
        ("2015-10-05", "notification_card"),
        ("2020-05-24", "notification_card"),
        ("2020-05-25", "notice"),
    ],
)
def test_kind(assigned: str, kind: str) -> None:
    assert notice_kind(D(assigned)).value == kind
    assert notice_kind(D(assigned)).rules == ("R007",)


def test_no_number_before_the_act() -> None:
    with pytest.raises(NotYetInForce, match="2015-10-04"):
        notice_kind(D("2015-10-04"))


def test_arrival() -> None:
    answer = notice_arrives(D("2023-01-10"))
    assert answer.value == (D("2023-01-24"), D("2023-01-31"))
    assert answer.rules == ("R004", "R006")


@pytest.mark.parametrize(
    ("kind", "on", "matches", "code", "edited"),
    [
        ("notice", "2023-01-10", True, "notice.proves_nothing", None),
        ("notification_card", "2023-01-10", True, None, None),
        (
            "notification_card",
            "2023-01-10",
            False,
            "notice.differs_from_register",
            False,
        ),
        (
            "notification_card",
            "2020-05-25",
            False,
            "notice.differs_from_register",
            False,
        ),
        (
            "notification_card",
            "2020-05-24",
            False,
            "notice.differs_from_register",
            True,
        ),
    ],
)
def test_proof(
    kind: NoticeKind, on: str, matches: bool, code: str | None, edited: bool | None
) -> None:
    answer = notice_proves_number(kind, D(on), matches)
    assert answer.value.allowed is (code is None)
    assert answer.value.codes == (() if code is None else (code,))
    rule = "R008" if kind == "notice" else "R009"
    assert answer.rules == (rule,)
    assert {r.rule for r in answer.value.reasons} <= {rule}
    if edited is not None:
        assert answer.value.reasons[0].facts == {"edited": edited}
    assert answer.next == (None if code is None else "number.show_card_or_copy")


def test_a_matching_card_is_presumed() -> None:
    assert notice_proves_number("notification_card", D("2023-01-10")).value.allowed


@pytest.mark.parametrize(
    ("kind", "on", "again"),
    [
        ("notification_card", "2020-05-24", True),
        ("notification_card", "2020-05-25", False),
        ("notice", "2020-05-24", False),
        ("notice", "2023-05-25", False),
    ],
)
def test_reissue(kind: NoticeKind, on: str, again: bool) -> None:
    assert notice_reissued(kind, D(on)).value is again
    assert notice_reissued(kind, D(on)).rules == ("R009", "R008")


@pytest.mark.parametrize(
    ("documents", "codes"),
    [
        (("card",), ()),
        (("juminhyo", "passport"), ()),
        (("juminhyo",), ("number.identity_missing",)),
        (("record_certificate", "student"), ("number.identity_missing",)),
        (("passport",), ("number.proof_missing",)),
        (("notice", "passport"), ("number.proof_missing",)),
        ((), ("number.proof_missing",)),
    ],
)
def test_number_proof(documents: tuple[str, ...], codes: tuple[str, ...]) -> None:
    answer = number_proof(documents)
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.next == ("number.show_card_or_copy" if codes else None)
    assert answer.rules == (("R010", "R013", "R267") if not codes else ("R010", "R013"))


def test_number_proof_names_the_proofs() -> None:
    reason = number_proof(()).value.reasons[0]
    assert reason.rule == "R010"
    assert reason.facts == {
        "proofs": ("my_number_card", "residence_record", "record_certificate")
    }
    assert number_proof(("juminhyo",)).value.reasons[0].rule == "R013"


def test_a_number_is_not_changed_on_wish() -> None:
    wish = number_change("prefer_another")
    assert not wish.value.allowed
    assert wish.value.codes == ("number.not_on_wish",)
    assert wish.value.reasons[0].rule == "R003"
    assert wish.value.reasons[0].facts == {"grounds": ("leaked_and_likely_misused",)}
    assert wish.rules == ("R003", "R002")
    assert wish.next is None
    assert number_change("leak").value.allowed
    assert number_change("likely_misused").value.allowed
    leak = number_change("leaked_and_likely_misused")
    assert leak.value.allowed
    assert leak.next == "number.bring_identity"


def test_how_long_the_post_office_keeps_it() -> None:
    """R005: seven days after the absence slip"""
    kept = notice_kept_until(date(2026, 12, 28))
    assert kept.value == date(2027, 1, 4)
    assert "R005" in kept.rules
    there = undelivered_notice(at_post_office=True).value
    back = undelivered_notice(at_post_office=False).value
    assert (there, back) == (
        ("ask_redelivery", "fetch_at_post_office"),
        ("ask_municipality",),
    )
