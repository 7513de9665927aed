"""A produced card is discarded before it is handed over (R156)."""

from mynabox.lifecycle.journal import Entry
from mynabox.ports import Box
from mynabox.usecases.endings import Applied, apply_event


def discard_card(
    serial: str, box: Box, *, reason: str, actor: str = "counter"
) -> Applied:
    """End a card that waits for its holder; its certificates were never delivered
    and are revoked without a reason (*unspecified*).

    ``reason``  why, for the journal: not collected, misprinted, ...
    """
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(serial)
        applied = apply_event(work, card, "discarded", at=at)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="discard_card",
                subjects=(card.resident, *applied.subjects),
                facts={"reason": reason},
            )
        )
    return applied
