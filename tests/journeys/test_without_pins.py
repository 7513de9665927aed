"""A card without PINs, from the hand-over on and back again, told over HTTP in both
databases; register, chip, face, OCSP and journal agree at the end."""

from contextlib import closing
from datetime import timedelta

import pytest

from mynabox.lifecycle.certificate import StopReason
from mynabox.terminal.errors import PinLocked
from mynabox.terminal.jpki import JpkiSession, Kind
from tests.journeys.offices import PASSPORT, PINS, Office, words_of

CARD = {"documents": ["my_number_card"]}
FOUR_DIGITS = {kind: pin for kind, pin in PINS.items() if kind != "signature"}
GIVEN_UP = StopReason.CESSATION_OF_OPERATION


def types(office: Office, serial: str) -> None:
    with closing(office.home.cards.connect(serial)) as connection:
        session = JpkiSession(connection)
        session.verify(Kind.AUTHENTICATION, PINS["authentication"], last_try=True)


def page_of(office: Office, person: str) -> str:
    return str(office.client.get(f"/residents/{person}").text)


def test_received_without_pins_used_and_changed_back(office: Office) -> None:
    person = office.registered()
    serial = office.produced(office.applied(person))
    card = f"/cards/{serial}"
    assert office.no(f"{card}/handover", **PASSPORT, without_pins=True, pins=PINS) == (
        "face_only.pins_given"
    )
    assert office.no(f"{card}/handover", **PASSPORT) == "pin.missing"
    assert office.state(serial) == "produced"
    received = office.post(f"{card}/handover", **PASSPORT, without_pins=True)
    assert (received["state"], received["without_pins"]) == ("active", True)
    assert office.ocsp(serial) == [None, GIVEN_UP]
    front = office.client.get(f"/api/v1{card}/front").content
    assert front.startswith(b"\x89PNG")
    (line,) = office.get(f"{card}/lines")["lines"]
    assert (line["kind"], line["text"]) == ("without_pins", "顔認証")
    assert "checked by the face" in page_of(office, person)

    with pytest.raises(PinLocked):
        types(office, serial)
    office.home.cards.insert(serial)
    sent = {"card": serial, "pin": PINS["authentication"]}
    portal = office.client.post("/me", data=sent)
    assert portal.status_code == 422
    assert "cannot be used for this" in portal.text
    for path, said in (
        ("pins", {**PASSPORT, "pins": FOUR_DIGITS}),
        ("pins/reservation", {"kind": "signature", "other": "1234", "same_face": True}),
        ("certificates", {**PASSPORT, "kinds": ["signature"]}),
    ):
        assert office.no(f"{card}/{path}", **said) == "face_only.not_for_this"
    assert office.no(f"{card}/pins/none", **CARD) == "face_only.already"

    office.post(f"/residents/{person}/particulars", address="茨城県つくば市箱の内9")
    office.post(f"{card}/particulars")
    good = office.get(f"{card}/certificates")[0]
    ends = office.home.box.clock.now().fromisoformat(good["not_after"])
    office.at(ends - timedelta(days=20))
    assert "暗証番号は使わず" in words_of(office.papers("ending")[-1])
    (new,) = office.post(f"{card}/certificates/renewal")
    assert new["kind"] == "authentication"

    assert office.no(f"{card}/pins/again", **CARD, pins=FOUR_DIGITS) == (
        "pin_reset.card_is_not_enough"
    )
    back = office.post(f"{card}/pins/again", **PASSPORT, pins=FOUR_DIGITS)
    assert not back["without_pins"]
    types(office, serial)
    assert office.client.post("/me", data=sent).status_code == 200
    office.post(f"{card}/certificates", **PASSPORT, kinds=["signature"])
    office.post(f"{card}/pins", **PASSPORT, pins={"signature": PINS["signature"]})
    assert office.ocsp(serial) == [StopReason.SUPERSEDED, GIVEN_UP, None, None]
    assert "checked by the face" not in page_of(office, person)
    assert [line["kind"] for line in office.get(f"{card}/lines")["lines"]] == [
        "without_pins",
        "address",
        "with_pins",
    ]


def test_a_card_in_use_is_changed(office: Office) -> None:
    """the card itself is shown; what a verifier is told changes at once"""
    person = office.registered()
    serial = office.produced(office.applied(person))
    office.post(f"/cards/{serial}/handover", **PASSPORT, pins=PINS)
    assert office.ocsp(serial) == [None, None]
    none = f"/cards/{serial}/pins/none"
    assert office.no(none, **PASSPORT) == "identity.not_enough"
    again = f"/cards/{serial}/pins/again"
    assert office.no(again, **PASSPORT, pins=FOUR_DIGITS) == "face_only.has_pins"
    assert office.post(none, **CARD)["without_pins"]
    assert office.ocsp(serial) == [None, GIVEN_UP]
    assert office.actions(serial)[-1] == "give_up_pins"
    with pytest.raises(PinLocked):
        types(office, serial)
