"""What holders do at the counter with a card they have, told over HTTP in a box in a file
and in a box in PostgreSQL; at the end register, chip, OCSP, papers and journal agree."""

from contextlib import closing
from datetime import timedelta
from typing import cast

import pytest

from mynabox.client import Client
from mynabox.client.models import PinsAsk
from mynabox.lifecycle.certificate import StopReason
from mynabox.ports import Box
from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.errors import PinLocked, WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.show import show_card
from mynabox.usecases.status import status_of, view
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.site import program_of, says

PASSPORT = ["passport"]


def pins(**other: str) -> PinsAsk:
    """What the specimen's holder types, some of it otherwise."""
    typed = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
    return cast(PinsAsk, {**typed, **other})


PINS = pins()
AUTHENTICATION = SPECIMEN_PINS["authentication"].characters


@pytest.fixture
def serial(home: Home) -> str:
    return stage("fresh", home.box).serial


@pytest.fixture
def box(home: Home) -> Client:
    return program_of(home)


def reasons(serial: str, box: Box) -> list[StopReason | None]:
    """What OCSP says of each certificate of the card."""
    told = []
    with box.store.look() as work:
        for certificate in show_card(serial, box).certificates:
            status = status_of(
                work, certificate.issuer, certificate.serial, seen=view(box)
            )
            told.append(getattr(status, "reason", None))
    return told


def type_pin(home: Home, serial: str, pin: str) -> None:
    with closing(home.cards.connect(serial)) as connection:
        session = JpkiSession(connection)
        session.verify(Kind.AUTHENTICATION, pin, last_try=True)


def lock(home: Home, serial: str) -> None:
    for _ in range(3):
        with pytest.raises((WrongPin, PinLocked)):
            type_pin(home, serial, "0000")
    with pytest.raises(PinLocked):
        type_pin(home, serial, AUTHENTICATION)


def test_a_locked_pin_is_set_anew(home: Home, box: Client, serial: str) -> None:
    """R076: with a document that is not the card; the chip takes the new one, knows the
    old one no more, and no answer and no journal row shows either"""
    lock(home, serial)
    new: PinsAsk = {"authentication": "4711"}
    with says("pin_reset.card_is_not_enough") as alone:
        box.reset_pins(serial, documents=["my_number_card"], pins=new)
    with says("pin.digits_only") as lettered:
        box.reset_pins(serial, documents=PASSPORT, pins={"authentication": "47x1"})
    with says("pin.missing"):
        box.reset_pins(serial, documents=PASSPORT, pins={})
    with pytest.raises(PinLocked):
        type_pin(home, serial, "4711")
    done = box.reset_pins(serial, documents=PASSPORT, pins=new)
    assert done["state"] == "active"
    type_pin(home, serial, "4711")
    with pytest.raises(WrongPin):
        type_pin(home, serial, AUTHENTICATION)
    told = repr(list(box.list_journal(serial)))
    assert "reset_pins" in told
    said = [told, done, vars(alone.value), vars(lettered.value)]
    assert "4711" not in repr(said)


@pytest.mark.parametrize("state", ["suspended", "void"])
def test_a_card_that_is_not_in_use_gets_no_pins(
    home: Home, box: Client, serial: str, state: str
) -> None:
    if state == "suspended":
        box.report_lost(box.get_card(serial).value["resident"])
    else:
        box.return_card(serial, documents=PASSPORT)
    with says("card.not_possible_now"):
        box.reset_pins(serial, documents=PASSPORT, pins={"authentication": "4711"})


def test_no_signature_password_without_its_certificate(
    home: Home, box: Client, serial: str
) -> None:
    stopped = box.stop_certificates(serial, documents=PASSPORT, kinds=["signature"])
    assert {one["kind"]: one["state"] for one in stopped} == {
        "signature": "revoked",
        "authentication": "active",
    }
    with says("certificate.not_possible_now"):
        box.reset_pins(serial, documents=PASSPORT, pins={"signature": "NEW123"})


def test_renewed_in_the_window_with_the_right_pins(
    home: Home, box: Client, serial: str
) -> None:
    """R098: not a day earlier; a wrong PIN costs a try, the last one is not spent"""
    with says("renewal.too_early"):
        box.renew_certificates(serial, pins=PINS)
    opens = NOW.replace(year=2031, month=1, day=12)
    home.clock.set(opens - timedelta(days=1))
    with says("renewal.too_early"):
        box.renew_certificates(serial, pins=PINS)
    home.clock.set(opens)
    wrong = pins(authentication="0000")
    for code in ("authority.wrong_pin", "authority.wrong_pin", "pin.last_try"):
        with says(code):
            box.renew_certificates(serial, pins=wrong)
    set_anew = pins(authentication="4711")
    box.reset_pins(serial, documents=PASSPORT, pins=set_anew)
    renewed = box.renew_certificates(serial, pins=set_anew)
    assert {one["state"] for one in renewed} == {"active"}
    assert reasons(serial, home.box) == [StopReason.SUPERSEDED] * 2 + [None] * 2


def test_given_up_and_had_again(home: Home, box: Client, serial: str) -> None:
    """R147, R157: each ends the certificates for its own reason; new ones are free"""
    for end, reason in (
        (box.stop_certificates, StopReason.CESSATION_OF_OPERATION),
        (box.report_compromise, StopReason.KEY_COMPROMISE),
    ):
        end(serial, documents=PASSPORT)
        assert reasons(serial, home.box)[-2:] == [reason] * 2
        with says("certificates.none_to_stop"):
            end(serial, documents=PASSPORT)
        box.reissue_certificates(serial, documents=PASSPORT)
        assert reasons(serial, home.box)[-2:] == [None] * 2


def test_a_new_address_ends_the_signature_certificate_tomorrow(
    home: Home, box: Client, serial: str
) -> None:
    """R145: good until midnight, revoked from then on; the other one stays"""
    holder = box.get_card(serial).value["resident"]
    with says("particulars.address_missing"):
        box.change_particulars(holder, municipality="082201")
    address = "茨城県つくば市箱の内七丁目7番地7"
    moved = box.change_particulars(holder, address=address)
    assert moved["address"] == address
    with says("particulars.nothing_new"):
        box.change_particulars(holder, address=address)
    kinds = [one.kind.value for one in show_card(serial, home.box).certificates]
    assert reasons(serial, home.box) == [None, None]
    home.clock.set(NOW.replace(hour=0, minute=0) + timedelta(days=1))
    assert dict(zip(kinds, reasons(serial, home.box), strict=True)) == {
        "signature": StopReason.AFFILIATION_CHANGED,
        "authentication": None,
    }


def test_handed_back(home: Home, box: Client, serial: str) -> None:
    """R153, R179: at any time, once; nothing of it works any more"""
    with says("api.request_shape"):
        box.return_card(serial, documents=[])
    assert box.return_card(serial, documents=PASSPORT)["state"] == "void"
    assert reasons(serial, home.box) == [StopReason.CESSATION_OF_OPERATION] * 2
    with says("card.not_possible_now"):
        box.return_card(serial, documents=PASSPORT)
