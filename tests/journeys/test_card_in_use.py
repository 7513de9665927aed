"""Cards that are renewed, that lapsed and are had again, passwords at a store, first cards
within days: told over HTTP in both databases; everything agrees at the end."""

from contextlib import closing
from datetime import timedelta

import pytest

from mynabox.lifecycle.certificate import StopReason
from mynabox.sandbox.scenarios import stage
from mynabox.terminal.jpki import JpkiSession, Kind
from tests.journeys.offices import PASSPORT, PINS, Office, day, words_of
from tests.journeys.test_moving import GUEST
from tests.journeys.test_to_the_holder import RECORD_CODES

HANDED = {**PASSPORT, "pins": PINS}


def new_form(office: Office, person: str) -> str:
    """The application ID on a form with today's particulars."""
    return str(office.post(f"/residents/{person}/forms")["application_id"])


def test_renewed_in_its_window(office: Office) -> None:
    """R098, R099, R055: the letter comes and the window opens on the same day, not one
    before; the old card is handed in and ends in that moment"""
    card = stage("fresh", office.home.box).serial
    person = office.get(f"/cards/{card}")["resident"]
    assert office.get(f"/cards/{card}")["expires"] == "2036-04-12"
    office.at(day("2036-01-11T10:00"))
    form = new_form(office, person)
    opened = {"application_id": form, "email": "specimen@mynabox.invalid"}
    assert office.no("/applications", **opened) == "application.has_card"
    wish = {**PASSPORT, "reason": "renewal"}
    url = f"/residents/{person}/card-requests"
    assert office.no(url, **wish) == "renewal.too_early"
    before = len(office.papers("ending"))
    assert "tell_of_card" in office.at(day("2036-01-12T10:00"))
    letter = office.papers("ending")[before]
    assert "（2036-04-12）" in words_of(letter)
    new = office.produced(office.applied(person))
    assert office.state(card) == "active"
    hand = f"/cards/{new}/handover"
    assert office.no(hand, **HANDED, old_card=False) == "hand_over.old_card_missing"
    office.post(hand, **HANDED)
    assert (office.state(card), office.state(new)) == ("void", "active")
    assert office.get(f"/cards/{new}")["expires"] == "2045-04-12"
    assert office.ocsp(card) == [StopReason.SUPERSEDED] * 2
    assert office.ocsp(new) == [None, None]


def test_lapsed_with_the_stay(office: Office) -> None:
    """R114, R119, R164: the stay was prolonged, the card was not brought; the next one
    costs its fee, and only for the reason that the register knows"""
    office.at(day("2026-11-20T15:00"))
    person = office.registered(**GUEST)
    card = office.produced(office.applied(person))
    office.post(f"/cards/{card}/handover", **HANDED)
    office.at(day("2026-12-20T10:00"))
    office.post(
        f"/residents/{person}/residence",
        residence_status="mid_long_term",
        stay_until="2027-12-31",
    )
    office.at(day("2027-01-01T10:00"))
    office.post(f"/residents/{person}/forms")
    opened = office.applied_in_person(person)
    new = office.produced(opened)
    hand = f"/cards/{new}/handover"
    assert office.no(hand, **HANDED) == "hand_over.fee_not_set"
    url = f"/residents/{person}/card-requests"
    assert office.no(url, **PASSPORT, reason="expired") == (
        "card_request.reason_does_not_fit"
    )
    asked = office.post(url, **PASSPORT, reason="stay_lapsed")
    assert asked["fee"]["amount"] == 1000
    assert office.no(hand, **HANDED) == "fee.unpaid"
    office.post(f"/fees/{asked['fee']['id']}/payment", amount=1000)
    office.post(hand, **HANDED)
    assert (office.state(card), office.state(new)) == ("void", "active")


def test_handed_back_and_wanted_again(office: Office) -> None:
    """R179, R161: at any time; the certificates end at once; another one costs"""
    card = stage("fresh", office.home.box).serial
    person = office.get(f"/cards/{card}")["resident"]
    office.post(f"/cards/{card}/return", **PASSPORT)
    assert office.ocsp(card) == [StopReason.CESSATION_OF_OPERATION] * 2
    new = office.produced(office.applied(person))
    assert office.no(f"/cards/{new}/handover", **HANDED) == "hand_over.fee_not_set"
    asked = office.post(
        f"/residents/{person}/card-requests", **PASSPORT, reason="handed_back"
    )
    office.post(f"/fees/{asked['fee']['id']}/payment", amount=1000)
    office.post(f"/cards/{new}/handover", **HANDED)
    assert office.ocsp(new) == [None, None]


def test_a_first_card_within_days(office: Office) -> None:
    """R061: free for whoever came newly, before all others of the order"""
    office.at(day("2026-11-20T15:00"))
    plain = office.registered(record_code=RECORD_CODES[0])
    guest = office.registered(**GUEST)
    wish = {**PASSPORT, "reason": "first", "express": True}
    for person, why, code in (
        (guest, "", "express.not_for_this"),
        (guest, "infant", "express.contradicted"),
        (plain, "newly_registered", "express.contradicted"),
    ):
        said = {**wish, "express_for": why}
        assert office.no(f"/residents/{person}/card-requests", **said) == code
    asked = office.post(
        f"/residents/{guest}/card-requests", **wish, express_for="newly_registered"
    )
    assert (asked["express"], asked["fee"]["state"]) == ("newly_registered", "waived")
    orders = [office.applied(plain), office.applied(guest)]
    batch = office.post("/batches", applications=orders)
    assert [one["application"] for one in batch["items"]] == orders[::-1]
    office.at(day("2026-11-20T15:05"))
    (serial,) = [
        one["card"]
        for one in office.get(f"/batches/{batch['id']}")["items"]
        if one["application"] == orders[1]
    ]
    office.post(f"/cards/{serial}/handover", **HANDED)
    assert office.state(serial) == "active"


@pytest.mark.parametrize(("seconds", "code"), [
    (-60, None), (60, "pin_reset.store_too_late")
])  # fmt: skip
def test_the_authentication_pin_at_a_store(
    office: Office, seconds: int, code: str | None
) -> None:
    """R078, R079, R220: with the signature password, until twenty-four hours later, in
    one of the listed chains that is open; the other two PINs never"""
    card = stage("fresh", office.home.box).serial
    begun = day("2026-11-20T10:00")
    office.at(begun)
    app = f"/cards/{card}/pins/reservation"
    known = {"kind": "authentication", "other": PINS["signature"]}
    new = {**known, "new": "4711", "store": "lawson"}
    store = f"/cards/{card}/pins/at-store"
    assert office.no(store, **new) == "pin_reset.app_missing"
    for never in ("juki", "input_support"):
        told = office.client.post(
            f"/api/v1{app}", json={**known, "kind": never, "same_face": True}
        )
        assert told.status_code == 422
    office.post(app, **known, same_face=True)
    assert office.no(store, **{**new, "store": "familymart"}) == (
        "pin_reset.not_this_store"
    )
    office.at(day("2026-11-20T23:00"))
    assert office.no(store, **new) == "pin_reset.store_closed"
    office.at(begun + timedelta(hours=24, seconds=seconds))
    if code is not None:
        assert office.no(store, **new) == code
    else:
        assert office.post(store, **new)["state"] == "done"
        assert office.no(store, **new) == "pin_reset.app_missing"
    pin = "4711" if code is None else PINS["authentication"]
    with closing(office.home.cards.connect(card)) as connection:
        JpkiSession(connection).verify(Kind.AUTHENTICATION, pin)
    assert "4711" not in str(office.get(f"/journal/{card}"))
