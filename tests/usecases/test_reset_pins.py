"""PINs set anew at the counter, and a card handed back: who is refused, and why."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.reset_pins import ResetPins, reset_pins
from mynabox.usecases.return_card import ReturnCard, return_card
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates
from tests.usecases.places import LICENCE, Place, refused

At = Callable[[str], Place]
NEW = {"authentication": "4711"}


def ask(
    place: Place,
    pins: Mapping[str, str],
    documents: tuple[str, ...] = LICENCE,
) -> Callable[[], object]:
    wanted = ResetPins(
        serial=place.card.serial,
        documents=documents,
        pins={kind: Pin(value) for kind, value in pins.items()},
    )
    return lambda: reset_pins(wanted, place.box)


NO: dict[str, tuple[Mapping[str, str], tuple[str, ...], str, tuple[str, ...]]] = {
    "no PIN at all": ({}, LICENCE, "pin.missing", ("R076",)),
    "the card alone": (
        NEW,
        ("my_number_card",),
        "pin_reset.card_is_not_enough",
        ("R076",),
    ),
    "no document": (NEW, (), "pin_reset.no_document", ("R076",)),
    "three digits": ({"juki": "471"}, LICENCE, "pin.length", ("R070",)),
    "five digits": ({"juki": "47110"}, LICENCE, "pin.length", ("R070",)),
    "a letter": ({"input_support": "471A"}, LICENCE, "pin.digits_only", ("R070",)),
    "a password of five": ({"signature": "AB123"}, LICENCE, "pin.length", ("R070",)),
}


@pytest.mark.parametrize("name", NO)
def test_who_is_refused(at: At, name: str) -> None:
    """and nothing changes, in the chip either"""
    pins, documents, code, rules = NO[name]
    place = at("active")
    refused(place, ask(place, pins, documents), code, *rules)


@pytest.mark.parametrize("stage", ["produced", "suspended"])
def test_only_for_a_card_in_use(at: At, stage: str) -> None:
    place = at(stage)
    refused(place, ask(place, NEW), "card.not_possible_now", "R076")


def test_not_after_the_last_day(at: At) -> None:
    """R094: on the last day it is, on the day after it is not"""
    place = at("active")
    last = place.card.expires
    ask(place.on(f"{last}T16:00:00"), NEW)()
    after = place.on(f"{last + timedelta(days=1)}T09:00:00")
    refused(after, ask(after, NEW), "card.expired", "R094", "R097")


def test_no_signature_password_without_a_good_certificate(at: At) -> None:
    place = at("active")
    stop_certificates(
        StopCertificates(
            serial=place.card.serial,
            documents=LICENCE,
            kinds=(CertificateKind.SIGNATURE,),
        ),
        place.box,
    )
    refused(
        place,
        ask(place, {"signature": "NEW123"}),
        "certificate.not_possible_now",
        "R076",
    )
    ask(place, NEW)()


def test_handed_back_at_any_time_and_once(at: At) -> None:
    """R153, R179"""
    place = at("active")
    wanted = ReturnCard(serial=place.card.serial, documents=LICENCE)
    refused(
        place,
        lambda: return_card(
            ReturnCard(serial=place.card.serial, documents=()), place.box
        ),
        "identity.not_enough",
        "R267",
    )
    done = return_card(wanted, place.box)
    assert done.card.state is CardState.VOID
    assert {one.state for one in place.certificates} == {CertificateState.REVOKED}
    with pytest.raises(Refused, match="not_possible_now"):
        return_card(wanted, place.box)


def test_a_municipality_that_does_not_exist(at: At) -> None:
    place = at("active")
    refused(
        place,
        lambda: change_particulars(
            ChangeParticulars(
                resident=place.card.resident, address="箱の内", municipality="000000"
            ),
            place.box,
        ),
        "register.municipality_unknown",
        "R270",
    )
