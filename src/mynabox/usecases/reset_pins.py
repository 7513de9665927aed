"""Forgotten or locked secrets of a card are set anew at the counter (暗証番号の初期化)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mynabox.law.pins import PinKind, pin_form, pin_reset
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Work
from mynabox.usecases.chip import PINS, set_pins
from mynabox.usecases.representatives import Representative, demand_represented
from mynabox.usecases.verdict import demand
from mynabox.usecases.without_pins import demand_pins


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPins:
    """``pins``  what is typed, for each secret that is to be set anew: by the holder, or
    for a child or an adult ward by the representative (R136)"""

    serial: str
    documents: tuple[str, ...]
    pins: Mapping[str, Pin]
    representative: Representative | None = None


def reset_pins(ask: ResetPins, box: Box, *, actor: str = "counter") -> Card:
    """Set the secrets that the holder asks for; each has all its tries again (R076).

    The holder comes in person, with a document that is not the card itself. Old values
    are neither asked for nor known (R075). The chip takes the new ones through its
    issuer's way in, within the transaction, after everything was checked.
    """
    at = box.clock.now()
    kinds = tuple(kind for kind in PINS if kind in ask.pins)
    if not kinds:
        raise Refused("pin.missing", rules=("R076",), kinds=", ".join(PINS))
    for kind in kinds:
        demand(pin_reset(kind, "counter", at, ask.documents))
        demand(pin_form(kind=kind, value=ask.pins[kind].characters))
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        _check(work, card, kinds, at=at)
        acting = demand_represented(
            work.residents.get(card.resident), ask.representative, on=at.date()
        )
        set_pins(card.serial, {kind: ask.pins[kind] for kind in kinds}, box)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="reset_pins",
                subjects=(card.resident, card.serial),
                facts={
                    "kinds": ", ".join(kinds),
                    "documents": ", ".join(ask.documents),
                    **acting,
                },
            )
        )
    return card


def _check(work: Work, card: Card, kinds: tuple[PinKind, ...], *, at: datetime) -> None:
    if card.state is not CardState.ACTIVE:
        raise Refused("card.not_possible_now", rules=("R076",), state=card.state.value)
    if card.over_on(at.date()):
        raise Refused(
            "card.expired", rules=("R094", "R097"), expires=card.expires.isoformat()
        )
    demand_pins(card, "pin_reset")
    if "signature" not in kinds:
        return
    states = [
        certificate.state
        for certificate in work.certificates.of_card(card.serial)
        if certificate.kind is CertificateKind.SIGNATURE
    ]
    if CertificateState.ACTIVE not in states:
        last = states[-1] if states else CertificateState.REVOKED
        raise Refused("certificate.not_possible_now", rules=("R076",), state=last.value)
