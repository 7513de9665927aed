"""Hand a produced card over to its holder, who sets the four PINs, or none (R081)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Work
from mynabox.usecases.card_waits import at_the_office
from mynabox.usecases.chip import set_pins
from mynabox.usecases.deliver import deliver, waits_for
from mynabox.usecases.following import demand_paid, open_requests
from mynabox.usecases.former_card import demand_fee_set
from mynabox.usecases.go_live import go_live
from mynabox.usecases.pins_typed import needed_pins
from mynabox.usecases.visitors import Visitor, demand_visitor
from mynabox.usecases.without_pins import become, demand_possible


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What happens at the counter.

    ``documents``  what the holder shows, in the rulebook's words (R053, R054)
    ``pins``       the secrets the holder typed, by kind (R070): ``authentication``,
                   ``juki``, ``input_support`` and, with a signature certificate,
                   ``signature``
    ``visitor``    who comes for the holder or with a child, if anybody does (R056, R058)
    ``without_pins``  whether it is to be a card without PINs; none are given then (R081)
    ``old_card``   False if the holder has an older card and does not hand it in (R055)
    """

    serial: str
    documents: tuple[str, ...]
    pins: Mapping[str, Pin]
    without_pins: bool = False
    old_card: bool = True
    visitor: Visitor | None = None


def hand_over(ask: HandOver, box: Box, *, actor: str = "counter") -> Card:
    """Check who came, set the PINs in the chip, make card and certificates live.

    The PINs go into the chip within the transaction, after everything was checked:
    a second clerk with the same card waits, is refused, and leaves the chip alone.
    If the box dies before the commit, the card is still not handed over and the
    holder sets the PINs again. An older card of the holder ends here (R055), so that
    nobody ever holds two (R030).

    Who wishes a card without PINs has none set (R081): the signature certificate that
    waits in it ends here.
    """
    at = box.clock.now()
    if ask.without_pins and ask.pins:
        raise Refused("face_only.pins_given", rules=("R081",))
    deliver(box)
    with box.store.look() as work:
        card = work.cards.get(ask.serial)
    _check(card, on=at.date())
    if waits_for(card.serial, box):
        raise Refused("hand_over.chip_not_ready", rules=("R050",))
    with box.store.look() as work:
        pins = {} if ask.without_pins else needed_pins(work, card, ask.pins)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        _check(card, on=at.date())
        _at_the_counter(work, card)
        resident = work.residents.get(card.resident)
        if resident.state is not ResidentState.REGISTERED:
            raise Refused("hand_over.not_registered", rules=("R029",))
        answered = demand_visitor(
            work, card, resident, ask.visitor, ask.documents, at=at
        )
        demand_paid(work, resident.id)
        if not ask.old_card:
            _demand_excused(work, card, on=at.date())
        demand_fee_set(work, card, old_card=ask.old_card)
        if ask.without_pins:
            demand_possible(work, card, at=at)
        else:
            set_pins(card.serial, pins, box)
        live, changed = go_live(work, card, at=at)
        if ask.without_pins:
            live, ended = become(work, box, live, without_pins=True, at=at)
            changed += ended
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="hand_over",
                subjects=(resident.id, card.serial, *changed, *answered),
                facts=_facts(ask),
            )
        )
    return live


def _facts(ask: HandOver) -> dict[str, str]:
    facts = {"documents": ", ".join(ask.documents)}
    if ask.without_pins:
        facts["without_pins"] = "yes"
    if ask.visitor is not None:
        facts["visitor"] = ask.visitor.kind.value
        facts["visitor_documents"] = ", ".join(ask.visitor.documents)
    return facts


def _demand_excused(work: Work, card: Card, *, on: date) -> None:
    """Without the old card only who asked for another one and paid for it (R163)."""
    for older in work.cards.of(card.resident):
        if older.serial == card.serial or not older.blocks_another_on(on):
            continue
        asked = open_requests(work, card.resident)
        if not any(one.card == older.serial and not one.old_card for one in asked):
            raise Refused("hand_over.old_card_missing", rules=("R055", "R163"))


def _at_the_counter(work: Work, card: Card) -> None:
    for delivery in work.deliveries.which(card=card.serial):
        if not at_the_office(delivery):
            raise Refused(
                "hand_over.not_waiting", rules=("R050",), state=delivery.state.value
            )


def _check(card: Card, *, on: date) -> None:
    if card.state is not CardState.PRODUCED:
        raise Refused("hand_over.not_waiting", rules=("R050",), state=card.state.value)
    if on > card.expires:
        raise Refused(
            "card.expired", rules=("R094", "R097"), expires=card.expires.isoformat()
        )
