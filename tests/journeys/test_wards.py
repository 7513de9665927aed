"""An adult comes under guardianship, told over HTTP in both databases; everything agrees
at the end."""

from datetime import date, timedelta

import pytest

from mynabox.lifecycle.certificate import StopReason
from tests.journeys.offices import PINS, Office, day

GUARDIAN = "後見 花子"
BY = {"name": "後見\u3000花子", "documents": ["drivers_licence"]}
COMES = {**BY, "kind": "statutory_representative", "holder_present": True}
HOLDER = {"documents": ["drivers_licence"]}
FOUR_DIGITS = {kind: pin for kind, pin in PINS.items() if kind != "signature"}


def kinds(office: Office, serial: str) -> dict[str, str]:
    return {
        one["kind"]: one["state"] for one in office.get(f"/cards/{serial}/certificates")
    }


def test_from_the_court_to_the_end_of_it(office: Office) -> None:
    """R058, R135, R136: the certificate of registered matters comes to the counter; the
    guardian applies, comes along, sets the PINs; nobody else does; then it ends"""
    office.at(day("2026-11-20T15:00"))
    person = office.registered()
    url = f"/residents/{person}/guardianship"
    told = {
        "event": "began",
        "guardian": GUARDIAN,
        "happened": "2026-11-16",
        "paper_issued": "2026-11-18",
    }
    late = {**told, "happened": "2026-08-10", "paper_issued": "2026-08-19"}
    assert office.no(url, **late) == "guardianship.paper_too_old"
    early = {**told, "paper_issued": "2026-11-15"}
    assert office.no(url, **early) == "guardianship.paper_too_early"
    ward = office.post(url, **told)
    assert (ward["guardian"], ward["ward_since"]) == (GUARDIAN, "2026-11-16")
    assert office.no(url, **told) == "guardianship.not_possible_now"

    by_guardian = {
        "applicant": "statutory_representative",
        "applicant_name": GUARDIAN,
    }
    serial = office.produced(office.applied(person, **by_guardian))
    assert kinds(office, serial) == {"authentication": "issued"}
    hand = f"/cards/{serial}/handover"
    with_pins = {**HOLDER, "pins": FOUR_DIGITS}
    assert office.no(hand, **with_pins) == "hand_over.representative_needed"
    stranger = {**COMES, "name": "箱田 親"}
    assert office.no(hand, **with_pins, visitor=stranger) == (
        "representative.not_the_guardian"
    )
    alone = {**COMES, "holder_present": False}
    assert office.no(hand, **with_pins, visitor=alone) == "hand_over.holder_must_come"
    office.post(hand, **with_pins, visitor=COMES)
    assert kinds(office, serial) == {"authentication": "active"}

    office.at(day("2027-03-01T10:00"))
    reset = {**HOLDER, "pins": {"authentication": "4711"}}
    assert office.no(f"/cards/{serial}/pins", **reset) == "representative.needed"
    office.post(f"/cards/{serial}/pins", **reset, representative=BY)
    certificates = f"/cards/{serial}/certificates"
    signature = {**HOLDER, "kinds": ["signature"]}
    assert office.no(certificates, **signature, representative=BY) == (
        "certificates.ward"
    )

    changed = {"guardian": "法人後見つくば", "paper_issued": "2027-02-20"}
    office.post(url, event="guardian_changed", happened="2027-02-15", **changed)
    assert office.no(f"/cards/{serial}/pins", **reset, representative=BY) == (
        "representative.not_the_guardian"
    )
    office.at(day("2028-05-01T10:00"))
    office.post(url, event="ended", happened="2028-04-20", paper_issued="2028-04-30")
    assert office.no(certificates, **signature, representative=BY) == (
        "representative.none"
    )
    office.post(certificates, **signature)
    assert kinds(office, serial) == {"authentication": "active", "signature": "active"}
    history = office.get(f"/residents/{person}/history")
    assert [one["record"]["guardian"] for one in history] == [
        None,
        GUARDIAN,
        "法人後見つくば",
    ]
    assert [one["until"] for one in history] == [
        "2026-11-16",
        "2027-02-15",
        "2028-04-20",
    ]


@pytest.mark.parametrize(
    ("days", "state"), [(0, "revoked"), (1, "active")], ids=["that day", "the next"]
)
def test_a_card_in_use(office: Office, days: int, state: str) -> None:
    """R135: a signature certificate of the day on which guardianship began was given
    wrongly, and OCSP says so; one of the day before stays in force. The app and the
    store are closed to a ward"""
    office.at(day("2026-11-20T15:00"))
    serial = office.produced(office.applied(person := office.registered()))
    office.post(f"/cards/{serial}/handover", **HOLDER, pins=PINS)
    office.at(day("2026-12-01T10:00"))
    first = date(2026, 11, 20) + timedelta(days=days)
    office.post(
        f"/residents/{person}/guardianship",
        event="began",
        guardian=GUARDIAN,
        happened=first.isoformat(),
        paper_issued="2026-12-01",
    )
    assert kinds(office, serial) == {"authentication": "active", "signature": state}
    app = {"kind": "signature", "other": PINS["authentication"], "same_face": True}
    assert office.no(f"/cards/{serial}/pins/reservation", **app) == (
        "representative.needed"
    )
    answers = office.ocsp(serial)
    assert answers.count(StopReason.AFFILIATION_CHANGED) == (1 if days == 0 else 0)
    revoked = {
        one["kind"]: one["reason"]
        for one in office.get(f"/cards/{serial}/certificates")
        if one["stopped"]
    }
    assert revoked == ({"signature": "affiliationChanged"} if days == 0 else {})
