"""Cards without PINs (R081): who gets one, what it is not for, and the way back."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from mynabox.card import CARD as CHIP
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.card_note import NoteKind
from mynabox.lifecycle.certificate import CertificateKind, CertificateState, StopReason
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.card_face import CardFaceSession, Opener
from mynabox.terminal.card_record import COMMON_AID, JUKI_AID, JukiPinSession
from mynabox.terminal.errors import PinLocked
from mynabox.terminal.input_support import InputSupportSession
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.card_lines import card_lines
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.chip_content import number_b
from mynabox.usecases.deliver import deliver
from mynabox.usecases.extend_card import ExtendSpecially, extend_specially
from mynabox.usecases.give_up_pins import GiveUpPins, give_up_pins
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.prove_resident import sign_with_card
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.reset_at_store import ReserveReset, reserve_reset
from mynabox.usecases.reset_pins import ResetPins, reset_pins
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates
from mynabox.usecases.take_over_card import BringCard
from mynabox.usecases.take_up_pins import TakeUpPins, take_up_pins
from mynabox.usecases.update_card import update_card
from tests.usecases.places import (
    LICENCE,
    Meanwhile,
    Place,
    foreigner,
    particulars,
    refused,
)

At = Callable[[str], Place]
CARD = ("my_number_card",)
FOUR_DIGITS = {
    kind: SPECIMEN_PINS[kind] for kind in ("authentication", "juki", "input_support")
}


def receive(place: Place, pins: dict[str, Pin] | None = None) -> None:
    ask = HandOver(
        serial=place.card.serial,
        documents=LICENCE,
        pins=pins or {},
        without_pins=True,
    )
    hand_over(ask, place.box)


def give_up(place: Place, documents: tuple[str, ...] = CARD) -> None:
    give_up_pins(GiveUpPins(serial=place.card.serial, documents=documents), place.box)


def take_up(
    place: Place,
    pins: dict[str, Pin] = FOUR_DIGITS,
    documents: tuple[str, ...] = LICENCE,
) -> None:
    ask = TakeUpPins(serial=place.card.serial, documents=documents, pins=pins)
    take_up_pins(ask, place.box)


def without(at: At) -> Place:
    """A card in use that became one without PINs."""
    place = at("active")
    give_up(place)
    return place


def tries(place: Place) -> list[int]:
    """Of every place in the chip in which one of the four secrets is."""
    with closing(place.box.cards.connect(place.card.serial)) as card:
        jpki = JpkiSession(card)
        left = [jpki.tries_left(kind) for kind in Kind]
        left += [
            JukiPinSession(card, aid).tries_left() for aid in (COMMON_AID, JUKI_AID)
        ]
        return [*left, InputSupportSession(card).tries_left()]


def states(place: Place) -> dict[CertificateKind, tuple[object, object]]:
    return {one.kind: (one.state, one.reason) for one in place.certificates}


AFTER = {
    CertificateKind.SIGNATURE: (
        CertificateState.REVOKED,
        StopReason.CESSATION_OF_OPERATION,
    ),
    CertificateKind.AUTHENTICATION: (CertificateState.ACTIVE, None),
}


def is_one_without(place: Place) -> None:
    """Register, chip and face say so, and everything tells one story."""
    assert place.card.without_pins
    assert states(place) == AFTER
    assert tries(place) == [0] * 5
    (line,) = card_lines(place.card.serial, place.box).lines
    assert (line.kind, line.text) == (NoteKind.WITHOUT_PINS, "顔認証")
    assert (line.day, line.nth) == (place.today, 1)
    with closing(place.box.cards.connect(place.card.serial)) as card:
        session = JpkiSession(card)
        assert not session.has_certificate(Kind.SIGNATURE)
        assert session.has_certificate(Kind.AUTHENTICATION)
        for kind, pin in (
            (Kind.AUTHENTICATION, SPECIMEN_PINS["authentication"]),
            (Kind.SIGNATURE, SPECIMEN_PINS["signature"]),
        ):
            with pytest.raises(PinLocked):
                session.verify(kind, pin.characters, last_try=True)
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def test_received_without_pins(at: At) -> None:
    place = at("produced").on("2026-06-10")
    receive(place)
    is_one_without(place)
    row = place.shown().journal[-1].entry
    assert (row.action, row.facts["without_pins"]) == ("hand_over", "yes")


def test_changed_at_the_counter(at: At) -> None:
    place = without(at)
    is_one_without(place)
    assert place.shown().journal[-1].entry.action == "give_up_pins"


def test_no_pins_with_it(at: At) -> None:
    place = at("produced").on("2026-06-10")
    refused(
        place,
        lambda: receive(place, dict(SPECIMEN_PINS)),
        "face_only.pins_given",
        "R081",
    )


@pytest.mark.parametrize(
    ("day", "allowed"), [("2023-12-14T23:59:59", False), ("2023-12-15T00:00:00", True)]
)
@pytest.mark.parametrize("when", ["at hand-over", "later"])
def test_from_its_day_on(place: Place, when: str, day: str, allowed: bool) -> None:
    """R081: the day before it is refused, on the day it is done"""
    place = place.on("2023-10-02").enter(particulars(registered="2023-10-01"))
    place.apply()
    place.on("2023-11-06").produce()
    if when == "later":
        place.on("2023-11-20").hand_over()
    place.on(day)
    deliver(place.box)
    act = receive if when == "at hand-over" else give_up
    if allowed:
        act(place)
        is_one_without(place)
    else:
        told = refused(place, lambda: act(place), "face_only.not_yet", "R081")
        assert told.facts == {"from": "2023-12-15"}


def test_only_with_the_certificate_that_readers_ask_for(at: At) -> None:
    """at the counter, and when it is received; with a new certificate it is possible"""
    place = at("active")
    stop_certificates(
        StopCertificates(
            serial=place.card.serial,
            documents=LICENCE,
            kinds=(CertificateKind.AUTHENTICATION,),
        ),
        place.box,
    )
    needs = "face_only.needs_authentication"
    refused(place, lambda: give_up(place), needs, "R081")
    place.reissue(CertificateKind.AUTHENTICATION)
    deliver(place.box)
    give_up(place)


def test_received_without_that_certificate_only_with_pins(at: At) -> None:
    place = at("opened").on("2026-05-11")
    place.submit(authentication=False)
    place.on("2026-06-01").produce()
    place.on("2026-06-10")
    deliver(place.box)
    needs = "face_only.needs_authentication"
    refused(place, lambda: receive(place), needs, "R081")


def test_the_card_itself_is_shown(at: At) -> None:
    place = at("active")
    refused(place, lambda: give_up(place, LICENCE), "identity.not_enough", "R081")


def test_once(at: At) -> None:
    place = without(at)
    refused(place, lambda: give_up(place), "face_only.already", "R081")


@pytest.mark.parametrize(
    ("stage", "rules"),
    [("produced", ("R094", "R176")), ("suspended", ("R094", "R176"))],
)
def test_only_a_card_in_use(at: At, stage: str, rules: tuple[str, ...]) -> None:
    place = at(stage)
    for act in (give_up, take_up):
        with pytest.raises(Refused, match=r"card\.not_valid") as no:
            act(place)
        assert no.value.rules == rules


def test_not_on_a_face_that_is_full(at: At) -> None:
    """R122: such a card is replaced free of charge"""
    place = at("active")
    fill(place)
    refused(place, lambda: give_up(place), "card.no_lines", "R122", "R162")


def test_not_back_on_a_face_that_is_full(at: At) -> None:
    place = without(at)
    fill(place, pin=None)
    refused(place, lambda: take_up(place), "card.no_lines", "R122", "R162")


def fill(place: Place, pin: Pin | None = SPECIMEN_PINS["juki"]) -> None:
    for door in range(card_lines(place.card.serial, place.box).left):
        address = f"茨城県つくば市箱の内二丁目1番地{door + 1}"
        change_particulars(
            ChangeParticulars(resident=place.hero, address=address), place.box
        )
        update_card(BringCard(serial=place.card.serial, pin=pin), place.box)


def test_a_new_address_is_written_without_a_pin(at: At) -> None:
    """the counter looks at the face; a PIN that is typed all the same is refused, as
    is none for a card that has one"""
    place = without(at)
    move = ChangeParticulars(resident=place.hero, address="茨城県つくば市箱の内9")
    change_particulars(move, place.box)
    typed = BringCard(serial=place.card.serial, pin=SPECIMEN_PINS["juki"])
    refused(
        place, lambda: update_card(typed, place.box), "face_only.pins_given", "R081"
    )
    update_card(BringCard(serial=place.card.serial), place.box)
    assert tries(place) == [0] * 5
    kinds = [one.kind for one in card_lines(place.card.serial, place.box).lines]
    assert kinds == [NoteKind.WITHOUT_PINS, NoteKind.ADDRESS]
    assert reconcile(place.box).findings == ()


def test_a_card_with_pins_takes_none_for_granted(at: At) -> None:
    place = at("active")
    move = ChangeParticulars(resident=place.hero, address="茨城県つくば市箱の内9")
    change_particulars(move, place.box)
    bare = BringCard(serial=place.card.serial)
    refused(place, lambda: update_card(bare, place.box), "pin.missing", "R070")


PIN = SPECIMEN_PINS["authentication"]
NOT_FOR: dict[str, tuple[Callable[[Place], object], str]] = {
    "the portal": (
        lambda p: sign_with_card(p.card.serial, PIN, p.box),
        "portal_login",
    ),
    "a PIN set anew at the counter": (
        lambda p: reset_pins(
            ResetPins(serial=p.card.serial, documents=LICENCE, pins=FOUR_DIGITS), p.box
        ),
        "pin_reset",
    ),
    "a password set anew at a store": (
        lambda p: reserve_reset(
            ReserveReset(
                serial=p.card.serial, kind="signature", other=PIN, same_face=True
            ),
            p.box,
        ),
        "store_reset",
    ),
    "a signature certificate": (
        lambda p: reissue_certificates(
            ReissueCertificates(
                serial=p.card.serial,
                documents=LICENCE,
                kinds=(CertificateKind.SIGNATURE,),
            ),
            p.box,
        ),
        "signature_certificate",
    ),
}


@pytest.mark.parametrize("name", NOT_FOR)
def test_what_it_is_not_for(at: At, name: str) -> None:
    """refused with R081 and what to do, and no try is lost: there is none"""
    act, use = NOT_FOR[name]
    place = without(at)
    place.box.cards.insert(place.card.serial)
    told = refused(place, lambda: act(place), "face_only.not_for_this", "R081")
    assert told.facts == {"use": use}


def test_nothing_lacks_on_it(at: At) -> None:
    """every certificate that it lacks and may have: none"""
    place = without(at)
    refused(place, place.reissue, "certificates.none_lacking", "R165")


def test_its_certificate_is_renewed_without_a_pin(at: At) -> None:
    """in its window; a PIN that is typed all the same is refused"""
    place = without(at)
    (good,) = (one for one in place.certificates if one.reason is None)
    place.on((good.not_after.date() - timedelta(days=10)).isoformat())
    typed = RenewCertificates(serial=place.card.serial, pins={"authentication": PIN})
    with pytest.raises(Refused, match=r"face_only\.pins_given"):
        renew_certificates(typed, place.box)
    assert states(place) == AFTER
    ask = RenewCertificates(serial=place.card.serial, pins={})
    (new,) = renew_certificates(ask, place.box)
    assert new.kind is CertificateKind.AUTHENTICATION
    assert new.not_after > good.not_after
    assert tries(place) == [0] * 5
    assert reconcile(place.box).findings == ()


def test_a_health_card_reader_still_reads_its_face(at: At) -> None:
    """R082: what is printed opens the picture that faces are compared with, and the
    certificate is free to read"""
    place = without(at)
    deliver(place.box)
    digits = number_b(place.card, place.resident, profile=CHIP)
    with closing(place.box.cards.connect(place.card.serial)) as card:
        face = CardFaceSession(card)
        face.verify(Opener.NUMBER_B, digits)
        assert face.face_record().parts
        good = place.certificates[0]
        assert JpkiSession(card).certificate(Kind.AUTHENTICATION) == good.der


def test_pins_again(at: At) -> None:
    """three secrets with all their tries; the signature certificate comes afterwards,
    and then its password"""
    place = without(at)
    take_up(place)
    assert not place.card.without_pins
    assert states(place) == AFTER
    assert tries(place) == [0, 3, 3, 3, 3]
    assert [one.kind for one in card_lines(place.card.serial, place.box).lines] == [
        NoteKind.WITHOUT_PINS,
        NoteKind.WITH_PINS,
    ]
    place.box.cards.insert(place.card.serial)
    assert sign_with_card(place.card.serial, PIN, place.box).signature
    deliver(place.box)
    assert reconcile(place.box).findings == ()
    place.reissue(CertificateKind.SIGNATURE)
    password = {"signature": SPECIMEN_PINS["signature"]}
    reset_pins(
        ResetPins(serial=place.card.serial, documents=LICENCE, pins=password), place.box
    )
    assert tries(place) == [5, 3, 3, 3, 3]
    give_up(place)
    assert place.card.without_pins
    assert tries(place) == [0] * 5
    assert reconcile(place.box).findings == ()


NOT_BACK: dict[str, tuple[dict[str, Pin], tuple[str, ...], str, tuple[str, ...]]] = {
    "one too few": (
        {kind: FOUR_DIGITS[kind] for kind in ("authentication", "juki")},
        LICENCE,
        "pin.missing",
        ("R070",),
    ),
    "the card alone": (FOUR_DIGITS, CARD, "pin_reset.card_is_not_enough", ("R076",)),
    "three digits": (
        {**FOUR_DIGITS, "juki": Pin("471")},
        LICENCE,
        "pin.length",
        ("R070",),
    ),
    "a password without its certificate": (
        dict(SPECIMEN_PINS),
        LICENCE,
        "certificate.not_possible_now",
        ("R076",),
    ),
}


@pytest.mark.parametrize("name", NOT_BACK)
def test_what_is_not_set(at: At, name: str) -> None:
    """and the card stays without PINs, in the chip too"""
    pins, documents, code, rules = NOT_BACK[name]
    place = without(at)
    refused(place, lambda: take_up(place, pins, documents), code, *rules)
    assert tries(place) == [0] * 5


def test_only_where_there_are_none(at: At) -> None:
    place = at("active")
    refused(place, lambda: take_up(place), "face_only.has_pins", "R081")


def test_lost_and_found_it_is_still_one(at: At) -> None:
    place = without(at).on("2026-07-01T23:40:00")
    place.lose()
    place.on("2026-07-02").find()
    place.reissue()
    assert place.card.without_pins
    assert [one.kind for one in place.certificates][
        -1
    ] is CertificateKind.AUTHENTICATION
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def test_a_remark_behind_a_special_extension_brings_no_letter(at: At) -> None:
    """R116: the holder of a card that goes on while an application is pending is not
    told to renew it, whatever was written on it since"""
    guest = foreigner("2026-09-30", record_code="20012345675")
    place = at("registered").enter(guest)
    place.on("2026-05-11").have_card(produced="2026-06-01", collected="2026-06-10")
    do_duties(place.on("2026-09-20").box)
    deliver(place.box)
    before = len(place.kept()["post"])  # type: ignore[arg-type]
    ask = ExtendSpecially(
        serial=place.card.serial,
        pin=SPECIMEN_PINS["juki"],
        proof="stamped_residence_card",
    )
    extend_specially(ask, place.box)
    give_up(place)
    do_duties(place.on("2026-10-05").box)
    deliver(place.box)
    assert len(place.kept()["post"]) == before  # type: ignore[arg-type]


def test_the_certificate_ends_while_the_clerk_looks(at: At) -> None:
    """what was there when the clerk looked is looked at again in the transaction"""
    place = at("produced").on("2026-06-10")
    deliver(place.box)
    stop = StopCertificates(
        serial=place.card.serial,
        documents=LICENCE,
        kinds=(CertificateKind.AUTHENTICATION,),
    )
    store = Meanwhile(place.box.store, lambda: stop_certificates(stop, place.box))
    with pytest.raises(Refused, match=r"face_only\.needs_authentication"):
        receive(place.with_store(store))
    assert store.done
    assert place.card.state is CardState.PRODUCED
    assert not place.card.without_pins
