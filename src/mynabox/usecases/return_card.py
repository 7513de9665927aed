"""A card is handed back to the municipality (カードの返納)."""

from dataclasses import dataclass

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.journal import Entry
from mynabox.ports import Box
from mynabox.usecases.endings import Applied, apply_event
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCard:
    """``documents``  what shows that the holder hands it back"""

    serial: str
    documents: tuple[str, ...]


def return_card(ask: ReturnCard, box: Box, *, actor: str = "counter") -> Applied:
    """End the card and what is left of its certificates (R153, R179). It may be done
    at any time; the Individual Number stays, and another card may be asked for."""
    demand(identity_documents(documents=ask.documents, purpose="identity"))
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        applied = apply_event(work, card, "returned", at=at)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="return_card",
                subjects=(card.resident, *applied.subjects),
                facts={"documents": ", ".join(ask.documents)},
            )
        )
    return applied
