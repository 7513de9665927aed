"""A card in use becomes one without PINs (顔認証マイナンバーカードへの切替)."""

from dataclasses import dataclass

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.card_writing import check_at_home
from mynabox.usecases.deliver import deliver, waits_for
from mynabox.usecases.representatives import Representative, demand_represented
from mynabox.usecases.verdict import demand
from mynabox.usecases.without_pins import become, demand_possible


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpPins:
    """``documents``  what the holder shows: the card itself suffices
    ``representative``  who acts for a child or an adult ward (R136)
    """

    serial: str
    documents: tuple[str, ...]
    representative: Representative | None = None


def give_up_pins(ask: GiveUpPins, box: Box, *, actor: str = "counter") -> Card:
    """Take all PINs out of the card, revoke its signature certificate, and write on
    the face that it is one without PINs (R081). Health-card use goes on."""
    demand(identity_documents(documents=ask.documents, purpose="without_pins"))
    at = box.clock.now()
    deliver(box)
    if waits_for(ask.serial, box):
        raise Refused("hand_over.chip_not_ready", rules=("R050",))
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        check_at_home(work, card, on=at.date())
        if card.without_pins:
            raise Refused("face_only.already", rules=("R081",))
        demand_possible(work, card, at=at)
        acting = demand_represented(
            work.residents.get(card.resident), ask.representative, on=at.date()
        )
        after, ended = become(work, box, card, without_pins=True, at=at)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="give_up_pins",
                subjects=(card.resident, card.serial, *ended),
                facts={"documents": ", ".join(ask.documents), **acting},
            )
        )
    return after
