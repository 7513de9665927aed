"""Application forms: printed, printed again, and whether they can still be used."""

from typing import Any

from fastapi import APIRouter, Request, Response

from mynabox.api.authority import By
from mynabox.api.paging import (
    LINKED,
    LONGEST,
    After,
    Limit,
    link_next,
    page_of,
)
from mynabox.api.refusal import answers
from mynabox.api.schema import ResidentId
from mynabox.api.schema_applying import FormAnswer, FormAsk, FormIdAsk, UsableAnswer
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver
from mynabox.usecases.print_form import form_paper, form_usable, print_form

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "One A4 page"}
}


def routes(box: Box) -> APIRouter:
    """Routes of application forms."""
    router = APIRouter(tags=["applications"])

    @router.post(
        "/residents/{resident}/forms",
        operation_id="printForm",
        status_code=201,
        responses=answers(404),
    )
    def printed(by: By, resident: ResidentId, ask: FormAsk) -> FormAnswer:
        """Print a form with today's particulars and a new application ID (R025, R026);
        its paper is posted, or had from `getFormPaper`."""
        form = print_form(resident, by.box, post=ask.post)
        deliver(box)
        return FormAnswer.of(form)

    @router.get(
        "/residents/{resident}/forms",
        operation_id="listForms",
        responses={**LINKED, **answers(404)},
    )
    def listed(
        by: By,
        resident: ResidentId,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[FormAnswer]:
        """The person's forms that were printed by themselves, oldest first. The one
        printed with the notice is among the notices."""
        with by.box.store.look() as work:
            person = work.residents.get(resident)
            found = tuple(work.forms.of(person.id))
        page, more = page_of(found, lambda one: one.id, after=after, limit=limit)
        link_next(request, response, more)
        return [FormAnswer.of(form) for form in page]

    @router.post(
        "/forms/paper",
        operation_id="getFormPaper",
        response_class=Response,
        responses=_PDF,
    )
    def paper(by: By, ask: FormIdAsk) -> Response:
        """The form as a PDF, as long as it can be used."""
        return Response(
            form_paper(ask.application_id, by.box, within=by.actor.municipality),
            media_type="application/pdf",
            headers={"cache-control": "no-store"},
        )

    @router.post("/forms/check", operation_id="checkForm")
    def checked(ask: FormIdAsk) -> UsableAnswer:
        """Whether the form can be sent today (R026, R027); usable with a reason is
        advice, as where the stay ends soon (R028)."""
        judged = form_usable(ask.application_id, box)
        return UsableAnswer(
            usable=judged.value.allowed,
            reasons=list(judged.value.codes),
            next=judged.next,
        )

    return router
