"""The journal: what happened to a subject, and whether the chains are whole."""

from fastapi import APIRouter, Request, Response

from mynabox.api.authority import By
from mynabox.api.paging import LINKED, LONGEST, PLACE, After, Limit, link_next
from mynabox.api.schema import DamageAnswer, RowAnswer, Subject, VerificationAnswer
from mynabox.law.errors import BadArgument
from mynabox.lifecycle.journal import Row
from mynabox.ports import Box, Missing
from mynabox.usecases.show import page_of_journal, verify_journal


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

    @router.get("/journal/{subject}", operation_id="listJournal", responses=LINKED)
    def about(
        by: By,
        subject: Subject,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[RowAnswer]:
        """Rows that touched a resident, an application, a card …, oldest first; to an
        auditor of one municipality, those of its own chain."""
        try:
            found = page_of_journal(
                subject,
                by.box,
                municipality=by.actor.municipality,
                after=_place(after),
                limit=limit + 1,
            )
        except Missing:
            raise BadArgument("after", PLACE) from None
        page = found[:limit]
        more = len(found) > limit
        link_next(request, response, _name(page[-1]) if more else None)
        return [RowAnswer.of(row) for row in page]

    return router


def _name(row: Row) -> str:
    return f"{row.entry.municipality}.{row.sequence}"


def _place(after: str) -> tuple[str, int] | None:
    if not after:
        return None
    chain, _, sequence = after.partition(".")
    if not (sequence.isascii() and sequence.isdecimal() and len(sequence) <= 18):
        raise BadArgument("after", PLACE)
    return chain, int(sequence)
