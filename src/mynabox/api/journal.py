"""The journal: what happened to a subject, and whether the chains are whole."""

from fastapi import APIRouter

from mynabox.api.authority import By
from mynabox.api.schema import DamageAnswer, RowAnswer, Subject, VerificationAnswer
from mynabox.ports import Box
from mynabox.usecases.show import verify_journal


def routes(box: Box) -> APIRouter:
    """Routes of the journal."""
    router = APIRouter(tags=["journal"])

    @router.post("/journal/verification", operation_id="verifyJournal")
    def verified(by: By) -> VerificationAnswer:
        """Go over every row of every chain and say what is wrong."""
        damage = verify_journal(by.box)
        return VerificationAnswer(
            sound=not damage, damage=[DamageAnswer.of(found) for found in damage]
        )

    @router.get("/journal/{subject}", operation_id="listJournal")
    def about(by: By, subject: Subject) -> list[RowAnswer]:
        """Rows that touched a resident, an application, a card …, oldest first; to an
        auditor of one municipality, those of its own chain."""
        own = by.actor.municipality
        with by.box.store.look() as work:
            return [
                RowAnswer.of(row)
                for row in work.journal.about(subject)
                if own in (None, row.entry.municipality)
            ]

    return router
