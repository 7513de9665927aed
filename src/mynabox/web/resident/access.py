"""Residents read, with their card, who saw their Individual Number."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.usecases.access_log import access_log
from mynabox.usecases.acting import permit
from mynabox.usecases.prove_resident import open_resident_session, sign_with_card
from mynabox.web.authority import keep, looking
from mynabox.web.forms import Sent, SentForm
from mynabox.web.page import Mistake, Pages


def routes(box: Box, pages: Pages) -> APIRouter:
    """Pages of the access log."""
    router = APIRouter(include_in_schema=False)

    def form(
        request: Request, sent: Sent, mistakes: tuple[Mistake, ...] = ()
    ) -> Response:
        return pages.show(
            request,
            "resident/prove.html",
            status=422 if mistakes else 200,
            mistakes=mistakes,
            cards=[serial for serial in box.cards.tray() if serial],
            card=sent.text("card"),
        )

    @router.get("/me")
    def ask(request: Request) -> Response:
        return form(request, Sent())

    @router.post("/me")
    def proven(request: Request, sent: SentForm) -> Response:
        pin = Pin(sent.fields.get("pin", ""))
        try:
            proof = sign_with_card(sent.text("card"), pin, box)
            opened = open_resident_session(proof, box)
        except Refused as refused:
            text = " ".join(pages.refusal(request, refused))
            return form(request, sent, (Mistake(field="pin", text=text),))
        answer = RedirectResponse("/me/access-log", 303)
        keep(answer, opened, request)
        return answer

    @router.get("/me/access-log")
    def log(request: Request) -> Response:
        actor = looking(request)
        if actor.resident is None:
            return RedirectResponse("/me", 303)
        permit(actor, "getAccessLog", resident=actor.resident)
        return pages.show(
            request, "resident/access_log.html", log=access_log(actor.resident, box)
        )

    return router
