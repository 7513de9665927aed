"""Lay a named specimen card in the reader, in its documented state."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from mynabox.card import CARD, PROFILES, Profile
from mynabox.law.errors import NotYetInForce
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
    StopReason,
)
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box
from mynabox.sandbox.scenarios import forgery
from mynabox.sandbox.scenarios.acts import make
from mynabox.sandbox.scenarios.catalogue import Scenario, scenarios
from mynabox.sandbox.scenarios.way import Applicant, leave
from mynabox.terminal.card_face import Opener
from mynabox.terminal.connection import Connection
from mynabox.terminal.errors import PinLocked, WrongPin
from mynabox.terminal.issuer import CardSecret
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.chip import issuer_session, set_pins, take_pins
from mynabox.usecases.chip_content import birth_digits, number_b
from mynabox.usecases.deliver import deliver
from mynabox.usecases.number_looks import OWN, look_at_number
from mynabox.usecases.open_box import open_box

_WRONG = {Kind.AUTHENTICATION: "0000", Kind.SIGNATURE: "WRONG0"}
_OVER, _ABSENT, _UNAUTHORIZED = "over", "none", "unauthorized"


class UnknownScenario(KeyError):
    """There is no scenario of this name."""


class NotStageable(Exception):
    """This box cannot show this scenario (any more); the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCard:
    """A certificate as it is on the card: what the register has under the issuance
    number, which a forgery shares, and the bytes on the chip."""

    kind: CertificateKind
    issuance_number: int
    issuer: str
    state: CertificateState
    reason: StopReason | None
    not_before: datetime
    not_after: datetime
    der: bytes
    authority: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A card that lies in a reader, and all that a test needs to know of it.

    ``verification_a`` and ``verification_b`` are the numbers printed on the card,
    ``birth`` the six digits that open the age record; a telephone has none of them.
    ``attributes`` is what the register says: ``name``, ``address``, ``born``, ``sex``.
    """

    scenario: Scenario
    serial: str
    slot: int
    atr: bytes
    resident: str
    state: str
    expires: date
    number: IndividualNumber
    pins: Mapping[str, str | None] = field(repr=False)
    verification_a: str | None = field(repr=False)
    verification_b: str | None = field(repr=False)
    birth: str | None = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)
    certificates: Mapping[CertificateKind, OnCard]
    former: tuple[Certificate, ...]


def stage(
    name: str,
    box: Box,
    *,
    slot: int = 0,
    before: Callable[[str], None] = lambda serial: None,
) -> Staged:
    """Lay the card of a scenario in a reader, made first if need be.

    It is taken out while it is worked on; ``before`` is told its serial when all is
    done and it is about to be laid in.

    Asked again, the same card is brought back to its documented state: PINs and tries
    always, and where the register says otherwise of card or certificates than the
    scenario does, its holder leaves the register, comes back and gets another card.

    Raises :class:`UnknownScenario`, :class:`NotStageable`; what the procedures refuse
    comes through as ``Refused``.
    """
    try:
        scenario = scenarios()[name]
    except KeyError:
        raise UnknownScenario(name) from None
    open_box(box)
    card = _known(scenario, box)
    if card is None:
        card = _made(scenario, box)
        if not _as_documented(scenario, card, box):
            raise NotStageable(f"this box's clock is too early or too late for {name}")
    tray = box.cards.tray()
    if card.serial in tray:
        box.cards.eject(tray.index(card.serial))
    deliver(box)
    _unlock(scenario, card, box)
    _forge(scenario, card, box)
    _spend(scenario, card, box)
    before(card.serial)
    box.cards.insert(card.serial, slot)
    return _staged(scenario, card, slot, box)


def _known(scenario: Scenario, box: Box) -> Card | None:
    """The card that was made before, if it still is what it should be."""
    with box.store.look() as work:
        resident = work.residents.by_record_code(scenario.person["record_code"])
        if resident is None:
            return None
        if resident.state is ResidentState.DEAD:
            raise NotStageable("the holder has died in this box: use another box")
        cards = tuple(work.cards.of(resident.id))
    if resident.stay_until and resident.stay_until < box.clock.now().date():
        raise NotStageable(
            f"the holder's stay ended on {resident.stay_until}: use another box"
        )
    if cards and _as_documented(scenario, cards[-1], box):
        return cards[-1]
    if cards and resident.stay_until is not None:
        raise NotStageable(
            "the holder's card is not as it was, and a new one needs a new period of "
            "stay: use another box"
        )
    if cards:
        leave(resident, box)
    return None


def _made(scenario: Scenario, box: Box) -> Card:
    who = Applicant(
        person=scenario.registration(on=box.clock.now().date()),
        mail=scenario.mail,
        pins=scenario.pins,
        substitutes=scenario.substitutes,
        signs=not scenario.without_pins,
        without_pins=scenario.without_pins,
    )
    try:
        serial = make(scenario, who, box).serial
    except NotYetInForce as early:
        raise NotStageable(
            f"this box's clock is too early for {scenario.name}: its card would have "
            f"to be older than the rules ({early})"
        ) from None
    with box.store.look() as work:
        return work.cards.get(serial)


def _as_documented(scenario: Scenario, card: Card, box: Box) -> bool:
    """Whether the register says of the card what the scenario does."""
    now = box.clock.now()
    over = _OVER in scenario.status.values()
    newest = _newest(card, box)
    return (
        card.state is scenario.card
        and card.without_pins is scenario.without_pins
        and card.over_on(now.date()) is over
        and all(
            _standing(newest.get(kind), now) == wanted.replace(_UNAUTHORIZED, "good")
            for kind, wanted in scenario.status.items()
        )
    )


def _standing(certificate: Certificate | None, now: datetime) -> str:
    if certificate is None:
        return _ABSENT
    if certificate.stopped_by(now, now=now):
        reason = certificate.reason or StopReason.UNSPECIFIED
        return f"revoked {reason.value}"
    return _OVER if now > certificate.not_after else "good"


def _newest(card: Card, box: Box) -> dict[CertificateKind, Certificate]:
    with box.store.look() as work:
        return {one.kind: one for one in work.certificates.of_card(card.serial)}


def _profile(scenario: Scenario) -> Profile:
    return CARD if scenario.profile is None else PROFILES[scenario.profile]


def _unlock(scenario: Scenario, card: Card, box: Box) -> None:
    """Give every secret its documented value and all its tries back."""
    pins = {kind: pin for kind, pin in scenario.pins.items() if kind in scenario.tries}
    set_pins(card.serial, pins, box)
    if scenario.without_pins:
        take_pins(card.serial, box)
    if scenario.profile is not None:
        return
    number, resident = _holder(card, box)
    with issuer_session(card.serial, box) as session:
        session.set_pin(CardSecret.NUMBER_A, number.digits)
        session.set_pin(CardSecret.NUMBER_B, number_b(card, resident, profile=CARD))
        session.set_pin(CardSecret.BIRTH, birth_digits(resident, profile=CARD))


def _spend(scenario: Scenario, card: Card, box: Box) -> None:
    """Present wrong values until as many tries are left as the scenario says."""
    with _in_hand(card, box) as connection:
        session = JpkiSession(connection)
        for kind, wrong in _WRONG.items():
            while session.tries_left(kind) > scenario.tries[kind.value]:
                try:
                    session.verify(kind, wrong, last_try=True)
                except (WrongPin, PinLocked):
                    continue


def _forge(scenario: Scenario, card: Card, box: Box) -> None:
    if scenario.altered_birth is not None:
        _, resident = _holder(card, box)
        opener = {
            Opener.BIRTH: birth_digits(resident, profile=CARD),
            Opener.NUMBER_B: number_b(card, resident, profile=CARD),
        }
        forgery.alter_birth(
            card.serial,
            born=scenario.born,
            altered=scenario.altered_birth,
            opener=opener,
            box=box,
        )
    if _UNAUTHORIZED in scenario.status.values():
        forgery.certify_by_stranger(card.serial, _newest(card, box).values(), box)
    if scenario.strange_roots:
        forgery.certify_municipality_by_stranger(card.serial, box)


def _staged(scenario: Scenario, card: Card, slot: int, box: Box) -> Staged:
    number, resident = _holder(card, box)
    newest = _newest(card, box)
    with box.store.look() as work:
        every = tuple(work.certificates.of_card(card.serial))
    with _in_hand(card, box) as connection:
        atr = connection.atr
        certificates = _on_card(scenario, newest, connection)
    current = {one.serial for one in newest.values()}
    faced = scenario.profile is None
    return Staged(
        scenario=scenario,
        serial=card.serial,
        slot=slot,
        atr=atr,
        resident=card.resident,
        state=card.state.value,
        expires=card.expires,
        number=number,
        pins={
            kind: scenario.pins[kind].characters if kind in scenario.pins else None
            for kind in ("authentication", "signature", "juki", "input_support")
        },
        verification_a=number.digits if faced else None,
        verification_b=number_b(card, resident, profile=CARD) if faced else None,
        birth=birth_digits(resident, profile=CARD) if faced else None,
        attributes={
            "name": resident.name,
            "address": scenario.person["address"],
            "born": resident.born.isoformat(),
            "sex": resident.sex.value,
        },
        certificates=certificates,
        former=tuple(one for one in every if one.serial not in current),
    )


def _on_card(
    scenario: Scenario,
    newest: Mapping[CertificateKind, Certificate],
    connection: Connection,
) -> dict[CertificateKind, OnCard]:
    """The certificates with the bytes that a reader gets: those of the register,
    unless they were forged on the card."""
    session = JpkiSession(connection)
    found = {}
    for kind, certificate in newest.items():
        der = certificate.der
        if scenario.status[kind] == _UNAUTHORIZED:
            session.verify(Kind(kind.value), scenario.pins[kind.value].characters)
            der = session.certificate(Kind(kind.value))
        found[kind] = OnCard(
            kind=kind,
            issuance_number=certificate.serial,
            issuer=certificate.issuer,
            state=certificate.state,
            reason=certificate.reason,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            der=der,
            authority=session.ca_certificate(Kind(kind.value)),
        )
    return found


def _holder(card: Card, box: Box) -> tuple[IndividualNumber, Resident]:
    """Whose card it is, and the number it bears: who stages a card is told it, and
    the holder's access log says so."""
    with box.store.work() as work:
        resident = work.residents.get(card.resident)
        if work.numbers.current(resident.id) is None:
            raise NotStageable("the holder has no number in this box: use another box")
        number = look_at_number(
            resident.id,
            work,
            requester=OWN,
            purpose="card_issue",
            what=f"scenario card {card.serial}",
            actor="sandbox",
            at=box.clock.now(),
        )
    return number, resident


@contextmanager
def _in_hand(card: Card, box: Box) -> Iterator[Connection]:
    connection = box.cards.connect(card.serial)
    try:
        yield connection
    finally:
        connection.close()


__all__ = ["NotStageable", "OnCard", "Staged", "UnknownScenario", "stage"]
