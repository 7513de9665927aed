"""A longer stay is carried over to the card (在留期間の更新に伴う有効期間の変更)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from mynabox.law.answer import Verdict
from mynabox.law.stay import (
    extended_expiry,
    special_extension,
    special_extension_proofs,
    stay_extension,
)
from mynabox.law.validity import card_expiry, signature_certificate
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.card_note import NoteKind
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Work
from mynabox.usecases.card_writing import (
    check_bearer,
    check_usable,
    lines_due,
    space_left,
    write_on_card,
)
from mynabox.usecases.certify import certify
from mynabox.usecases.chip import generate_keys
from mynabox.usecases.deliver import deliver
from mynabox.usecases.endings import apply_event
from mynabox.usecases.roll_over import keep_generations
from mynabox.usecases.verdict import demand, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendCard:
    """``pin``           the four digits that open the card to the counter; None for a
                      card without PINs (R081)
    ``by_household``  brought by somebody of the same household (R060)
    ``certificates``  whether new certificates are issued in the same visit, which
                      only the holder can have (R118)
    """

    serial: str
    pin: Pin | None = None
    by_household: bool = False
    certificates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendSpecially:
    """``proof``  what shows that an application for the stay is pending (R116)"""

    serial: str
    proof: str
    pin: Pin | None = None
    by_household: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The card with its new last day, and certificates issued with it."""

    card: Card
    certificates: tuple[Certificate, ...] = field(default=())


def extend_card(ask: ExtendCard, box: Box, *, actor: str = "counter") -> Extended:
    """Write the last day that the register's period of stay allows on the card and into
    its chip (R114, R115): never beyond the birthday counted from the first issue, only
    while the card is valid, only if there is a free line (R122).

    The certificates keep their last day (R118) unless new ones are asked for: the
    former are then superseded.
    """
    check_bearer("stay_extension", by_household=ask.by_household)
    if ask.certificates:
        check_bearer("certificates", by_household=ask.by_household)
    at = box.clock.now()
    keep_generations(box)
    with box.store.work() as work:
        card, person = _brought(work, ask.serial, at=at)
        demand(
            stay_extension(
                expiry=card.expires,
                on=at.date(),
                space_left=_space(work, card, person),
            )
        )
        until = _until(work, card, person)
        if until <= card.expires:
            raise Refused("card.up_to_date", rules=("R114",))
        issued: tuple[Certificate, ...] = ()
        card = write_on_card(
            work, box, card, person, pin=ask.pin, stay=(NoteKind.STAY, until)
        )
        if ask.certificates:
            issued = _certificates(work, card, person, box, at=at)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="extend_card",
                subjects=(
                    person.id,
                    card.serial,
                    *_named(work, card, at=at, issued=issued),
                ),
                facts={"expires": until.isoformat()},
            )
        )
    deliver(box)
    return Extended(card=card, certificates=issued)


def extend_specially(ask: ExtendSpecially, box: Box, *, actor: str = "counter") -> Card:
    """Let the card go on while an application for the stay is pending (特例期間延長):
    asked for while the card is valid, once, with a proof (R116, R117). Ends two months
    behind the last day, as printed, and never behind the birthday counted from the first
    issue (R115); a decision before that is carried over by a visit
    (:func:`extend_card`), or ends the record (R124)."""
    check_bearer("stay_extension", by_household=ask.by_household)
    proofs = special_extension_proofs().value
    if ask.proof not in proofs:
        raise Refused("stay.no_proof", rules=("R116",), proofs=", ".join(proofs))
    at = box.clock.now()
    with box.store.work() as work:
        card, person = _brought(work, ask.serial, at=at)
        if person.stay_until is None or card.expires != person.stay_until:
            raise Refused("stay.not_by_the_stay", rules=("R116",))
        stays = [
            note.kind
            for note in work.card_notes.of(card.serial)
            if note.kind in (NoteKind.STAY, NoteKind.SPECIAL)
        ]
        allowed = special_extension(
            expiry=card.expires,
            requested=at.date(),
            already_extended=stays[-1:] == [NoteKind.SPECIAL],
        ).value
        if isinstance(allowed, Verdict):
            raise refused(allowed)
        allowed = min(allowed, _limit(work, card, person))
        if allowed <= card.expires:
            raise Refused("stay.not_by_the_stay", rules=("R116",))
        demand(
            stay_extension(
                expiry=card.expires,
                on=at.date(),
                space_left=_space(work, card, person),
            )
        )
        card = write_on_card(
            work, box, card, person, pin=ask.pin, stay=(NoteKind.SPECIAL, allowed)
        )
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="extend_specially",
                subjects=(person.id, card.serial),
                facts={"expires": card.expires.isoformat(), "proof": ask.proof},
            )
        )
    return card


def _brought(work: Work, serial: str, *, at: datetime) -> tuple[Card, Resident]:
    card = work.cards.get(serial)
    if not card.over_on(at.date()):
        check_usable(card, on=at.date())
    person = work.residents.get(card.resident)
    if person.municipality != card.municipality:
        raise Refused("move.take_over_first", rules=("R172",))
    return card, person


def _space(work: Work, card: Card, person: Resident) -> bool:
    return space_left(work, card) > len(lines_due(work, card, person))


def _until(work: Work, card: Card, person: Resident) -> date:
    """The last day by the register's status, counted from the first issue (R115)."""
    limit = _limit(work, card, person)
    if person.stay_until is None:
        return limit
    return extended_expiry(limit, person.stay_until).value


def _limit(work: Work, card: Card, person: Resident) -> date:
    """The birthday beyond which the card never goes (R110, R115)."""
    received = work.applications.get(card.application).received
    return card_expiry(
        born=person.born,
        applied=card.issued if received is None else received.date(),
        issued=card.issued,
        residence_status="permanent",
    ).value


def _certificates(
    work: Work, card: Card, person: Resident, box: Box, *, at: datetime
) -> tuple[Certificate, ...]:
    """New certificates for those that are live, which are superseded."""
    may_sign = signature_certificate(
        born=person.born, on=at.date(), ward=person.ward
    ).value
    kinds = tuple(
        known.kind
        for known in work.certificates.of_card(card.serial)
        if known.state is CertificateState.ACTIVE
        and (known.kind is not CertificateKind.SIGNATURE or may_sign)
    )
    if not kinds:
        raise Refused("certificates.none_to_stop", rules=("R118",))
    keys = generate_keys(card.serial, kinds, box)
    apply_event(work, card, "renewed", at=at, kinds=kinds)
    issued = tuple(
        certificate.after(CertificateEvent.HANDED_OVER, at=at)
        for certificate in certify(
            work, box, resident=person, card=card, keys=keys, at=at
        )
    )
    for certificate in issued:
        work.certificates.save(certificate)
    return issued


def _named(
    work: Work, card: Card, *, at: datetime, issued: tuple[Certificate, ...]
) -> tuple[str, ...]:
    """The certificates that the visit issued or ended."""
    if not issued:
        return ()
    return tuple(
        f"cert-{known.serial}"
        for known in work.certificates.of_card(card.serial)
        if known.not_before >= at.replace(microsecond=0) or known.stopped == at
    )
