"""A new name or address is written on the card (券面記載事項の変更)."""

from mynabox.lifecycle.card import Card
from mynabox.lifecycle.journal import Entry
from mynabox.ports import Box
from mynabox.usecases.card_writing import (
    check_at_home,
    check_bearer,
    write_on_card,
)
from mynabox.usecases.take_over_card import BringCard


def update_card(ask: BringCard, box: Box, *, actor: str = "counter") -> Card:
    """Bring the card up to date with the register: a line for each change, and the
    chip anew (R170). Late or not: no card lapses over it."""
    check_bearer("particulars", by_household=ask.by_household)
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        check_at_home(work, card, on=at.date())
        person = work.residents.get(card.resident)
        written = write_on_card(work, box, card, person, pin=ask.pin)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="update_card",
                subjects=(person.id, card.serial),
                facts={},
            )
        )
    return written
