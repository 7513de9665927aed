"""A suspended card that was found again is brought to the counter."""

from dataclasses import dataclass
from datetime import datetime

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box, Work
from mynabox.usecases.endings import apply_event
from mynabox.usecases.following import give_up, open_requests
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFound:
    """``place`` is ``counter`` or ``hotline``: only the counter lifts it (R185)."""

    serial: str
    documents: tuple[str, ...]
    place: str = "counter"


def report_found(ask: ReportFound, box: Box, *, actor: str = "counter") -> Card:
    """Lift the suspension of the card; its certificates on hold end (R149, A17).

    A hold is never lifted: the held certificates are revoked for good, and the
    holder may have new ones issued (:mod:`mynabox.usecases.reissue_certificates`).
    """
    if ask.place != "counter":
        raise Refused("found.only_at_the_counter", rules=("R185",))
    demand(identity_documents(documents=ask.documents, purpose="identity"))
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        if at.date() > card.expires:
            raise Refused(
                "card.expired", rules=("R094",), expires=card.expires.isoformat()
            )
        given_up = _nothing_instead(work, card, at=at)
        found = apply_event(work, card, "found", at=at)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="report_found",
                subjects=(card.resident, *found.subjects, *given_up),
                facts={"documents": ", ".join(ask.documents)},
            )
        )
    return found.card


def _nothing_instead(work: Work, card: Card, *, at: datetime) -> tuple[str, ...]:
    """Give up the request for a card in place of the one that was found; refused if
    that card is made already: then the one that was found is handed in for it."""
    if card.state is not CardState.SUSPENDED:
        return ()
    changed: tuple[str, ...] = ()
    for request in open_requests(work, card.resident):
        for other in work.cards.of(card.resident):
            if other.state is CardState.PRODUCED:
                raise Refused(
                    "found.replacement_waits", rules=("R030", "R055"), card=other.serial
                )
        changed += give_up(work, request, at=at)
    return changed
