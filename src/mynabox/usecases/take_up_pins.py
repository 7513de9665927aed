"""The holder of a card without PINs has PINs again (顔認証マイナンバーカードからの切替)."""

from collections.abc import Mapping
from dataclasses import dataclass

from mynabox.law.pins import PinKind, pin_form, pin_reset
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.usecases.card_writing import check_at_home
from mynabox.usecases.chip import set_pins
from mynabox.usecases.representatives import Representative, demand_represented
from mynabox.usecases.verdict import demand
from mynabox.usecases.without_pins import become, demand_line

_KINDS: tuple[PinKind, ...] = ("authentication", "juki", "input_support")
"""What is set. The password comes with a signature certificate, which such a card has
not: that is issued afterwards (R141), and then its password is set (R076)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUpPins:
    """``documents``  what the holder shows, as for a PIN that is reset (R076)
    ``pins``       what is typed: the three secrets of four digits; for a child or an
                   adult ward by the ``representative`` (R136)
    """

    serial: str
    documents: tuple[str, ...]
    pins: Mapping[str, Pin]
    representative: Representative | None = None


def take_up_pins(ask: TakeUpPins, box: Box, *, actor: str = "counter") -> Card:
    """Set PINs in a card without PINs and write on the face that it has them (R081);
    its signature certificate does not come back. PINs go into the chip last, within
    the transaction."""
    at = box.clock.now()
    missing = [kind for kind in _KINDS if kind not in ask.pins]
    if missing:
        raise Refused("pin.missing", rules=("R070",), kinds=", ".join(missing))
    for kind in _KINDS:
        demand(pin_reset(kind, "counter", at, ask.documents))
        demand(pin_form(kind=kind, value=ask.pins[kind].characters))
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        check_at_home(work, card, on=at.date())
        if not card.without_pins:
            raise Refused("face_only.has_pins", rules=("R081",))
        if "signature" in ask.pins:
            raise Refused(
                "certificate.not_possible_now", rules=("R076",), state="revoked"
            )
        demand_line(work, card)
        acting = demand_represented(
            work.residents.get(card.resident), ask.representative, on=at.date()
        )
        after, _ = become(work, box, card, without_pins=False, at=at)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="take_up_pins",
                subjects=(card.resident, card.serial),
                facts={
                    "kinds": ", ".join(_KINDS),
                    "documents": ", ".join(ask.documents),
                    **acting,
                },
            )
        )
        set_pins(card.serial, {kind: ask.pins[kind] for kind in _KINDS}, box)
    return after
