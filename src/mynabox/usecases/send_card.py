"""A produced card is mailed to the holder who came to apply (郵送交付)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.delivery import Delivery, DeliveryEvent, DeliveryWay
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.usecases.card_waits import delivery_of, still_agreed
from mynabox.usecases.chip import set_pins
from mynabox.usecases.deliver import deliver, waits_for
from mynabox.usecases.following import demand_paid
from mynabox.usecases.former_card import demand_fee_set
from mynabox.usecases.pins_typed import needed_pins
from mynabox.usecases.waiting_letters import sleeve


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCard:
    """``pins``  as the clerk reads them off the form that the applicant handed in
    sealed; the form goes along with the card (R075)"""

    serial: str
    pins: Mapping[str, Pin]


def send_card(ask: SendCard, box: Box, *, actor: str = "counter") -> Delivery:
    """Set the PINs and put the card into the post (R051, R052).

    It opens nothing on its way: card and certificates go live when the holder has it
    (:mod:`mynabox.usecases.note_delivery`). If name or address are no longer those of
    the application, it is refused: the holder is called to the counter instead.
    """
    at = box.clock.now()
    deliver(box)
    with box.store.look() as work:
        card = work.cards.get(ask.serial)
        pins = needed_pins(work, card, ask.pins)
        person = work.residents.get(card.resident)
    if waits_for(card.serial, box):
        raise Refused("hand_over.chip_not_ready", rules=("R050",))
    letter = sleeve(card, person, box, at=at)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        resident = work.residents.get(card.resident)
        delivery = delivery_of(work, card)
        sent = delivery.after(DeliveryEvent.SENT, at=at)
        if card.state is not CardState.PRODUCED or card.over_on(at.date()):
            raise Refused(
                "hand_over.not_waiting", rules=("R050",), state=card.state.value
            )
        if delivery.way is not DeliveryWay.MAIL:
            raise Refused("delivery.pickup_agreed", rules=("R051", "R052"))
        if (
            not still_agreed(delivery, resident)
            or resident != person
            or resident.state is not ResidentState.REGISTERED
        ):
            raise Refused("delivery.particulars_changed", rules=("R052",))
        demand_fee_set(work, card, old_card=True)
        demand_paid(work, resident.id)
        set_pins(card.serial, pins, box)
        work.deliveries.save(replace(sent, remind_at=None))
        work.outbox.add(letter)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="send_card",
                subjects=(resident.id, card.serial, delivery.id),
                facts={"letter": letter.id},
            )
        )
    return sent
