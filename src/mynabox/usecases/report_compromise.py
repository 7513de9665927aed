"""The holder gives notice that a private key of the card is no longer safe."""

from dataclasses import dataclass

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.endings import Applied, apply_event
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCompromise:
    """``place`` is ``counter`` or ``hotline``: only the counter takes it (R157)."""

    serial: str
    documents: tuple[str, ...]
    place: str = "counter"


def report_compromise(
    ask: ReportCompromise, box: Box, *, actor: str = "counter"
) -> Applied:
    """Revoke both certificates of the card with reason keyCompromise, at once (R157).

    The card itself stays in use; new keys and certificates are had at the counter
    (:mod:`mynabox.usecases.reissue_certificates`).
    """
    if ask.place != "counter":
        raise Refused("compromise.only_at_the_counter", rules=("R157",))
    demand(identity_documents(documents=ask.documents, purpose="identity"))
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        applied = apply_event(work, card, "key_compromised", at=at)
        if not applied.stopped:
            raise Refused("certificates.none_to_stop", rules=("R157",))
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="report_compromise",
                subjects=(card.resident, *applied.subjects),
                facts={"documents": ", ".join(ask.documents)},
            )
        )
    return applied
