"""The post says what became of a card it carried."""

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.delivery import Delivery, DeliveryEvent, DeliveryState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.ports import Box
from mynabox.usecases.card_waits import delivery_of
from mynabox.usecases.endings import apply_event
from mynabox.usecases.go_live import go_live

_ACTIONS = {
    (True, False): "card_received",
    (True, True): "card_received_late",
    (False, False): "card_came_back",
}
"""What the journal calls it: received, and its last day over."""


def note_delivery(
    serial: str, *, received: bool, box: Box, actor: str = "post"
) -> Delivery:
    """The holder has the card, which makes it good (R051); or it came back and lies at
    the municipality, where the holder can be called to.

    A card whose last day is over (R094) does not become good any more, whenever it
    reached its holder: it is void as one that is discarded before it was ever in force
    (R156), an older card stays what it is, and the holder may have another.
    """
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(serial)
        delivery = delivery_of(work, card)
        resident = work.residents.get(card.resident)
        event = DeliveryEvent.RECEIVED if received else DeliveryEvent.CAME_BACK
        if delivery.state is not DeliveryState.ON_THE_WAY:
            raise Refused(
                "delivery.not_possible_now",
                rules=("R051",),
                state=delivery.state.value,
                event=event.value,
            )
        noted = delivery.after(event, at=at)
        subjects: tuple[str, ...] = (resident.id, card.serial, delivery.id)
        over = received and card.over_on(at.date())
        if received:
            if resident.state is not ResidentState.REGISTERED:
                raise Refused("hand_over.not_registered", rules=("R029",))
            if card.state is not CardState.PRODUCED:
                raise Refused(
                    "hand_over.not_waiting", rules=("R050",), state=card.state.value
                )
        if over:
            work.deliveries.save(noted)
            ended = apply_event(work, card, "discarded", at=at)
            subjects = tuple(dict.fromkeys((*subjects, *ended.subjects)))
        elif received:
            _, changed = go_live(work, card, at=at)
            subjects = tuple(dict.fromkeys((*subjects, *changed)))
        else:
            work.deliveries.save(noted)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action=_ACTIONS[received, over],
                subjects=subjects,
                facts={},
            )
        )
    return noted
