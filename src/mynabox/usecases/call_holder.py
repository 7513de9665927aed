"""The holder of a card that waits is called to the counter by postcard, once more or
because the card cannot be mailed."""

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.delivery import Delivery, DeliveryEvent
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.ports import Box
from mynabox.usecases.card_waits import delivery_of, kept_for_pickup, kept_until
from mynabox.usecases.waiting_letters import postcard


def call_holder(serial: str, box: Box, *, actor: str = "counter") -> Delivery:
    """Post another postcard; the card is kept from today on (R050, R052)."""
    at = box.clock.now()
    with box.store.look() as work:
        card = work.cards.get(serial)
        person = work.residents.get(card.resident)
        delivery = delivery_of(work, card)
    delivery.after(DeliveryEvent.CALLED, at=at)
    if card.over_on(at.date()):
        raise Refused(
            "card.expired", rules=("R094", "R097"), expires=card.expires.isoformat()
        )
    letter = postcard(person, box, until=kept_until(card, at.date()), at=at)
    with box.store.work() as work:
        card = work.cards.get(serial)
        resident = work.residents.get(card.resident)
        if card.state is not CardState.PRODUCED:
            raise Refused(
                "hand_over.not_waiting", rules=("R050",), state=card.state.value
            )
        if resident.state is not ResidentState.REGISTERED:
            raise Refused("hand_over.not_registered", rules=("R029",))
        now = delivery_of(work, card)
        called = kept_for_pickup(now.after(DeliveryEvent.CALLED, at=at), card, at=at)
        work.deliveries.save(called)
        work.outbox.add(letter)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="call_holder",
                subjects=(resident.id, card.serial, called.id),
                facts={"until": str(called.until), "letter": letter.id},
            )
        )
    return called
