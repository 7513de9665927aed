"""Cards that are lost, found and replaced, told over HTTP in both databases; papers are
read as they lie in the post, and everything agrees at the end."""

import pytest

from mynabox.lifecycle.certificate import StopReason
from mynabox.sandbox.scenarios import stage
from tests.journeys.offices import PASSPORT, PINS, Office, codes_on, day, words_of

NIGHT = "2026-11-22T03:15"
PAPER = {
    "proof": "police",
    "authority": "つくば警察署",
    "number": "令和8年 第1234号",
    "day": "2026-11-24",
}


@pytest.fixture
def card(office: Office) -> str:
    """Somebody's card, in use since long ago."""
    return stage("fresh", office.home.box).serial


def holder(office: Office, card: str) -> str:
    return str(office.get(f"/cards/{card}")["resident"])


def lost_at_night(office: Office, card: str) -> tuple[str, str]:
    """Whose card it is, and the receipt of the call."""
    person = holder(office, card)
    office.at(day(NIGHT))
    said = office.post(
        f"/residents/{person}/lost", caller="holder", callback="029-000-0000"
    )
    assert said["card"]["state"] == "suspended"
    return person, said["receipt"]


def test_lost_proved_paid_replaced(office: Office, card: str) -> None:
    """R180-R183, R161: at night by telephone, in the morning with the police's paper;
    the new card is handed over once its fee is paid, and the old one ends"""
    person, receipt = lost_at_night(office, card)
    assert office.ocsp(card) == [StopReason.CERTIFICATE_HOLD] * 2
    (letter,) = office.papers("suspension")
    assert receipt in words_of(letter)
    known = office.get(f"/losses/{receipt}")
    assert (known["card"], known["callback"]) == (card, "029-000-0000")
    office.at(day("2026-11-24T10:00"))
    wish = {**PASSPORT, "reason": "lost"}
    url = f"/residents/{person}/card-requests"
    assert office.no(url, **wish) == "card_request.proof_missing"
    office.post(f"/losses/{receipt}/proof", **PAPER)
    (taken_down,) = office.papers("loss_receipt")
    assert "つくば警察署" in words_of(taken_down)
    asked = office.post(url, **wish)
    fee = asked["fee"]
    assert (fee["amount"], fee["state"]) == (1000, "due")
    (slip,) = office.papers("fee_slip")
    assert "1,000円" in words_of(slip)
    assert list(codes_on(slip)) == [fee["number"]]
    application = office.applied(person)
    new = office.produced(application)
    office.at(day("2026-12-11T10:00"))
    given = {**PASSPORT, "pins": PINS}
    assert office.no(f"/cards/{new}/handover", **given) == "fee.unpaid"
    assert office.no(f"/fees/{fee['id']}/payment", amount=800) == "fee.wrong_amount"
    paid = office.post(f"/fees/{fee['id']}/payment", amount=1000, means="card")
    assert paid["state"] == "paid"
    (receipt_paper,) = office.papers("receipt")
    assert "領収書" in words_of(receipt_paper)
    assert office.no(f"/fees/{fee['id']}/payment", amount=1000) == (
        "fee.not_possible_now"
    )
    office.post(f"/cards/{new}/handover", **given)
    assert (office.state(card), office.state(new)) == ("void", "active")
    assert office.ocsp(new) == [None, None]
    assert None not in office.ocsp(card)
    assert office.get(f"/losses/{receipt}")["state"] == "replaced"
    assert [one["state"] for one in office.get(url)] == ["done"]
    assert office.no(f"/cards/{card}/found", **PASSPORT) == "card.not_possible_now"
    assert office.actions(person)[-6:] == [
        "request_card",
        "open_application",
        "submit_application",
        "produce_card",
        "pay_fee",
        "hand_over",
    ]


@pytest.mark.parametrize("produced", [False, True])
def test_found_before_and_after_another_was_made(
    office: Office, card: str, produced: bool
) -> None:
    """R185: before, the suspension is lifted and the money goes back; after, the one
    that was found is handed in for the new one"""
    person, receipt = lost_at_night(office, card)
    office.at(day("2026-11-24T10:00"))
    office.post(f"/losses/{receipt}/proof", **PAPER)
    asked = office.post(f"/residents/{person}/card-requests", **PASSPORT, reason="lost")
    fee = f"/fees/{asked['fee']['id']}"
    office.post(f"{fee}/payment", amount=1000)
    application = office.applied(person)
    if not produced:
        office.post(f"/cards/{card}/found", **PASSPORT)
        assert office.state(card) == "active"
        assert office.get(fee)["state"] == "refunded"
        assert office.get(f"/applications/{application}")["state"] == "withdrawn"
        office.post(f"/cards/{card}/certificates", **PASSPORT)
        assert office.ocsp(card)[-2:] == [None, None]
    else:
        new = office.produced(application)
        assert office.no(f"/cards/{card}/found", **PASSPORT) == (
            "found.replacement_waits"
        )
        office.post(f"/cards/{new}/handover", **PASSPORT, pins=PINS)
        assert office.state(card) == "void"
        assert office.get(fee)["state"] == "paid"


def test_burnt_and_made_within_days(office: Office, card: str) -> None:
    """R162: a disaster costs nothing; R061: it is no reason for express issue"""
    person, receipt = lost_at_night(office, card)
    fire = {**PAPER, "proof": "fire", "authority": "つくば市消防本部"}
    office.at(day("2026-11-24T10:00"))
    office.post(f"/losses/{receipt}/proof", **fire)
    url = f"/residents/{person}/card-requests"
    wish = {**PASSPORT, "reason": "disaster"}
    assert office.no(url, **wish, express=True) == "express.not_for_this"
    asked = office.post(url, **wish)
    assert (asked["fee"]["amount"], asked["fee"]["state"]) == (0, "waived")
    assert office.papers("fee_slip") == []
    new = office.produced(office.applied(person))
    office.post(f"/cards/{new}/handover", **PASSPORT, pins=PINS)


def test_no_room_left_on_the_card(office: Office, card: str) -> None:
    """R162, R061: free, also as express issue; the full card is handed in"""
    person = holder(office, card)
    url = f"/residents/{person}/card-requests"
    wish = {**PASSPORT, "reason": "no_space", "express": True}
    assert office.no(url, **wish, old_card=False) == "card_request.proof_missing"
    asked = office.post(url, **wish)
    assert (asked["express"], asked["fee"]["amount"]) == ("no_space", 0)
    new = office.produced(office.applied(person))
    kept = {**PASSPORT, "pins": PINS, "old_card": False}
    assert office.no(f"/cards/{new}/handover", **kept) == "hand_over.old_card_missing"
    office.post(f"/cards/{new}/handover", **PASSPORT, pins=PINS)
    assert (office.state(card), office.state(new)) == ("void", "active")
    assert office.ocsp(card) == [StopReason.SUPERSEDED] * 2
