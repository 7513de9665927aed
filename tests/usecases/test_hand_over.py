"""At the counter: who may take a card, with what, and until when."""

from collections.abc import Callable

import pytest

from mynabox.lifecycle.card import CardEvent, CardState
from mynabox.lifecycle.certificate import CertificateEvent, CertificateState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Missing
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.errors import WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.hand_over import HandOver, hand_over
from tests.usecases.places import Meanwhile, Place, foreigner, refused

At = Callable[[str], Place]


@pytest.mark.parametrize(
    ("documents", "taken"),
    [
        (("drivers_licence",), True),
        (("passport",), True),
        (("residence_card",), True),
        (("eligibility_certificate", "student_card"), True),
        (("student_card",), False),
        (("student_card", "student_card"), False),
        ((), False),
    ],
    ids=str,
)
def test_documents(at: At, documents: tuple[str, ...], taken: bool) -> None:
    """one with a photograph or two without (R053, R054)"""
    place = at("produced")
    if taken:
        assert place.hand_over(documents=documents).state is CardState.ACTIVE
        return
    said = refused(
        place,
        lambda: place.hand_over(documents=documents),
        "identity.not_enough",
        "R054",
    )
    assert said.facts["sets"]


@pytest.mark.parametrize(
    ("stage", "state"),
    [("active", "active"), ("suspended", "suspended"), ("reissued", "active")],
)
def test_a_card_is_handed_over_once(at: At, stage: str, state: str) -> None:
    """whatever became of it afterwards (R050)"""
    place = at(stage)
    said = refused(place, place.hand_over, "hand_over.not_waiting", "R050")
    assert said.facts == {"state": state}


def test_a_card_whose_holder_left_is_not_handed_over(at: At) -> None:
    """the record is deleted, the waiting card with it"""
    place = at("produced")
    place.leave()
    said = refused(place, place.hand_over, "hand_over.not_waiting", "R050")
    assert said.facts == {"state": "void"}


def test_there_must_be_such_a_card(at: At) -> None:
    """a serial that nobody has made"""
    place = at("produced")
    before = place.kept()
    ask = HandOver(serial="0" * 16, documents=("passport",), pins=SPECIMEN_PINS)
    with pytest.raises(Missing):
        hand_over(ask, place.box)
    assert place.kept() == before


PIN_FORMS = [
    # kind, value, code, rule
    ("authentication", "123", "pin.length", "R070"),
    ("authentication", "12345", "pin.length", "R070"),
    ("authentication", "", "pin.length", "R070"),
    ("authentication", "12a4", "pin.digits_only", "R070"),
    ("authentication", "１２３４", "pin.digits_only", "R070"),
    ("juki", "234", "pin.length", "R070"),
    ("juki", "23 4", "pin.digits_only", "R070"),
    ("input_support", "345678", "pin.length", "R070"),
    ("input_support", "34.6", "pin.digits_only", "R070"),
    ("signature", "ABC12", "pin.length", "R070"),
    ("signature", "ABCDEFGH123456789", "pin.length", "R070"),
    ("signature", "abc123", "pin.upper_case_only", "R072"),
    ("signature", "ABCDEF", "pin.needs_digit", "R072"),
    ("signature", "123456", "pin.needs_letter", "R072"),
    ("signature", "ABC-123", "pin.letters_and_digits_only", "R072"),
    ("signature", "ＡＢＣ１２３", "pin.letters_and_digits_only", "R072"),
    ("signature", "ABC123\n", "pin.letters_and_digits_only", "R072"),
]


@pytest.mark.parametrize(("kind", "value", "code", "rule"), PIN_FORMS)
def test_pins_of_the_wrong_form(
    at: At, kind: str, value: str, code: str, rule: str
) -> None:
    """named by kind of fault; the secret is never repeated"""
    place = at("produced")
    pins = {**SPECIMEN_PINS, kind: Pin(value)}
    said = refused(place, lambda: place.hand_over(pins=pins), code, rule)
    if value:
        assert value not in f"{said!r} {said}"


@pytest.mark.parametrize("kind", sorted(SPECIMEN_PINS))
def test_every_secret_is_needed(at: At, kind: str) -> None:
    """four for a card with both certificates (R070)"""
    place = at("produced")
    pins = {known: pin for known, pin in SPECIMEN_PINS.items() if known != kind}
    said = refused(place, lambda: place.hand_over(pins=pins), "pin.missing", "R070")
    assert said.facts == {"kinds": kind}


def test_all_that_are_missing_are_told_at_once(at: At) -> None:
    """nobody has to come four times"""
    place = at("produced")
    said = refused(place, lambda: place.hand_over(pins={}), "pin.missing", "R070")
    assert said.facts == {"kinds": "authentication, juki, input_support, signature"}


def test_without_certificates_two_secrets_are_enough(place: Place) -> None:
    """whoever declined both (R031) types neither of their PINs; one that is given all
    the same is set"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.apply(signature=False, authentication=False)
    hero.on("2026-05-01").produce()
    two = {kind: SPECIMEN_PINS[kind] for kind in ("juki", "input_support")}
    said = refused(hero, lambda: hero.hand_over(pins={}), "pin.missing", "R070")
    assert said.facts == {"kinds": "juki, input_support"}
    wrong = {**two, "authentication": Pin("12345")}
    refused(hero, lambda: hero.hand_over(pins=wrong), "pin.length", "R070")
    assert hero.hand_over(pins=two).state is CardState.ACTIVE
    assert hero.certificates == ()


def test_without_a_signature_certificate_three_secrets_are_enough(
    place: Place,
) -> None:
    """whoever declined it (R031) has no password to think of"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.apply(signature=False)
    hero.on("2026-05-01").produce()
    pins = {kind: pin for kind, pin in SPECIMEN_PINS.items() if kind != "signature"}
    assert hero.hand_over(pins=pins).state is CardState.ACTIVE


def test_the_three_short_secrets_may_be_equal(at: At) -> None:
    """R071"""
    place = at("produced")
    same = Pin("7788")
    pins = dict.fromkeys(SPECIMEN_PINS, same) | {
        "signature": SPECIMEN_PINS["signature"]
    }
    assert place.hand_over(pins=pins).state is CardState.ACTIVE


@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        ("2027-01-30T12:00:00", True),
        ("2027-01-31T00:00:00", True),
        ("2027-01-31T23:59:59", True),
        ("2027-02-01T00:00:00", False),
    ],
)
def test_the_last_day_belongs_to_the_card(
    place: Place, moment: str, taken: bool
) -> None:
    """R094: valid until the end of its last day, void a second later"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.apply()
    hero.on("2026-05-01").produce()
    hero.on(moment)
    if taken:
        assert hero.hand_over().valid_on(hero.today)
        return
    said = refused(hero, hero.hand_over, "card.expired", "R094", "R097")
    assert said.facts == {"expires": "2027-01-31"}


def test_the_chip_has_the_secrets_and_the_certificates_are_live(at: At) -> None:
    """what was typed at the counter opens the card, and nothing else does"""
    place = at("produced")
    place.hand_over()
    assert {certificate.state for certificate in place.certificates} == {
        CertificateState.ACTIVE
    }
    connection = place.box.cards.connect(place.card.serial)
    session = JpkiSession(connection)
    with pytest.raises(WrongPin):
        session.verify(Kind.AUTHENTICATION, "0000")
    session.verify(Kind.AUTHENTICATION, SPECIMEN_PINS["authentication"].characters)
    session.verify(Kind.SIGNATURE, SPECIMEN_PINS["signature"].characters)
    connection.close()


def test_a_new_card_ends_the_old_one(place: Place) -> None:
    """R055, R030, R150: nobody ever holds two"""
    hero = place.enter(foreigner("2026-06-30"))
    old = hero.have_card(produced="2026-04-10", collected="2026-04-12")
    held = hero.certificates
    hero.on("2026-04-20").open()
    hero.submit()
    hero.produce()
    assert hero.shown().cards[0].card.state is CardState.ACTIVE
    new = hero.hand_over()
    first, second = hero.shown().cards
    assert (first.card.serial, first.card.state) == (old.serial, CardState.VOID)
    assert (second.card.serial, second.card.state) == (new.serial, CardState.ACTIVE)
    assert [one.serial for one in first.certificates] == [one.serial for one in held]
    assert all(
        certificate.state is CertificateState.REVOKED
        and certificate.reason == "superseded"
        for certificate in first.certificates
    )


def _left(place: Place) -> None:
    """The record alone is gone: as if a card could outlive it."""
    with place.box.store.work() as work:
        work.residents.save(place.resident.after(ResidentEvent.LEFT_JAPAN))


def _void(place: Place) -> None:
    with place.box.store.work() as work:
        at = place.box.clock.now()
        for certificate in place.certificates:
            work.certificates.save(certificate.after(CertificateEvent.DISCARDED, at=at))
        work.cards.save(place.card.after(CardEvent.DISCARDED, at=at))


@pytest.mark.parametrize("looks", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("happens", "code", "rule"),
    [
        (_left, "hand_over.not_registered", "R029"),
        (_void, "hand_over.not_waiting", "R050"),
        (lambda place: place.hand_over(), "hand_over.not_waiting", "R050"),
    ],
    ids=["the holder left", "the card was discarded", "another clerk was faster"],
)
def test_what_changes_meanwhile_is_seen(
    at: At, happens: Callable[[Place], object], code: str, rule: str, looks: int
) -> None:
    """whenever somebody else acts in between, the loser changes nothing at all: not
    even a secret in the chip"""
    place = at("produced")
    after: dict[str, object] = {}

    def meanwhile() -> None:
        happens(place)
        after.update(place.kept())

    late = place.with_store(Meanwhile(place.box.store, meanwhile, looks))
    other = {**SPECIMEN_PINS, "authentication": Pin("9753")}
    with pytest.raises(Refused) as caught:
        late.hand_over(pins=other)
    assert (caught.value.code, caught.value.rules) == (code, (rule,))
    assert place.kept() == after


def test_the_box_dies_between_chip_and_store(at: At) -> None:
    """the card is still waiting, and the holder sets the secrets again"""
    from tests.usecases.places import Failing, PowerCut

    place = at("produced")
    rows = place.kept()
    with pytest.raises(PowerCut):
        place.with_store(Failing(place.box.store)).hand_over(
            pins={**SPECIMEN_PINS, "juki": Pin("8642")}
        )
    assert place.kept() | {"cards": None} == rows | {"cards": None}
    assert place.hand_over().state is CardState.ACTIVE
