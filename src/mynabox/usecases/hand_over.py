"""Hand a produced card over to its holder, who sets the four PINs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mynabox.law.identity import identity_documents
from mynabox.law.pins import pin_form
from mynabox.lifecycle.card import Card, CardEvent, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateEvent,
    CertificateState,
)
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Work
from mynabox.usecases.chip import PINS, set_pins
from mynabox.usecases.deliver import deliver, waits_for
from mynabox.usecases.endings import apply_event
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What happens at the counter.

    ``documents``  what the holder shows, in the rulebook's words (R053, R054)
    ``pins``       the secrets the holder typed, by kind (R070): ``authentication``,
                   ``juki``, ``input_support`` and, with a signature certificate,
                   ``signature``
    """

    serial: str
    documents: tuple[str, ...]
    pins: Mapping[str, Pin]


def hand_over(ask: HandOver, box: Box, *, actor: str = "counter") -> Card:
    """Check who came, set the PINs in the chip, make card and certificates live.

    The PINs go into the chip within the transaction, after everything was checked:
    a second clerk with the same card waits, is refused, and leaves the chip alone.
    If the box dies before the commit, the card is still not handed over and the
    holder sets the PINs again. An older card of the holder ends here (R055), so that
    nobody ever holds two (R030).
    """
    demand(identity_documents(documents=ask.documents, purpose="pickup"))
    at = box.clock.now()
    deliver(box)
    with box.store.look() as work:
        card = work.cards.get(ask.serial)
        kinds = {certificate.kind.value for certificate in _issued(work, card)}
    _check(card, on=at.date())
    if waits_for(card.serial, box):
        raise Refused("hand_over.chip_not_ready", rules=("R050",))
    needed = [kind for kind in PINS if kind != "signature" or kind in kinds]
    missing = [kind for kind in needed if kind not in ask.pins]
    if missing:
        raise Refused("pin.missing", rules=("R070",), kinds=", ".join(missing))
    for kind in needed:
        demand(pin_form(kind=kind, value=ask.pins[kind].characters))
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        _check(card, on=at.date())
        resident = work.residents.get(card.resident)
        if resident.state is not ResidentState.REGISTERED:
            raise Refused("hand_over.not_registered", rules=("R029",))
        set_pins(card.serial, {kind: ask.pins[kind] for kind in needed}, box)
        ended = _end_older_cards(work, card, at=at)
        live = card.after(CardEvent.HANDED_OVER, at=at)
        work.cards.save(live)
        for certificate in _issued(work, card):
            work.certificates.save(
                certificate.after(CertificateEvent.HANDED_OVER, at=at)
            )
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="hand_over",
                subjects=(resident.id, card.serial, *ended),
                facts={"documents": ", ".join(ask.documents)},
            )
        )
    return live


def _check(card: Card, *, on: date) -> None:
    if card.state is not CardState.PRODUCED:
        raise Refused("hand_over.not_waiting", rules=("R050",), state=card.state.value)
    if on > card.expires:
        raise Refused(
            "card.expired", rules=("R094", "R097"), expires=card.expires.isoformat()
        )


def _issued(work: Work, card: Card) -> list[Certificate]:
    return [
        certificate
        for certificate in work.certificates.of_card(card.serial)
        if certificate.state is CertificateState.ISSUED
    ]


def _end_older_cards(work: Work, card: Card, *, at: datetime) -> list[str]:
    ended: list[str] = []
    for older in work.cards.of(card.resident):
        if older.serial != card.serial and older.state is not CardState.VOID:
            ended += apply_event(
                work, older, "renewed", at=at, card_event=CardEvent.REPLACED
            ).subjects
    return ended
