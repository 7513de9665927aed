"""Applications that came in: a clerk looks at each, accepts it or sends it back."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mynabox.lifecycle.application import UNDER_WAY, Fault
from mynabox.ports import Box, Missing
from mynabox.usecases.deliver import deliver
from mynabox.usecases.review_application import (
    accept_application,
    applications_to_review,
    send_back_application,
)
from mynabox.web.authority import ToApplication, ToApplications
from mynabox.web.forms import SentForm
from mynabox.web.language import chosen
from mynabox.web.page import Pages

PAGE = 50


def routes(box: Box, pages: Pages) -> APIRouter:
    """Pages of the review."""
    router = APIRouter(include_in_schema=False)

    @router.get("/applications")
    def waiting(request: Request, by: ToApplications, after: str = "") -> Response:
        found = applications_to_review(
            by.box, municipality=by.within(None), after=after, limit=PAGE + 1
        )
        page = found[:PAGE]
        with by.box.store.look() as work:
            people = {one.id: work.residents.get(one.resident) for one in page}
        return pages.show(
            request,
            "counter/applications.html",
            applications=page,
            people=people,
            after=page[-1].id if len(found) > PAGE else None,
        )

    @router.get("/applications/{application}")
    def one(request: Request, by: ToApplication, application: str) -> Response:
        with by.box.store.look() as work:
            found = work.applications.get(application)
            person = work.residents.get(found.resident)
        return pages.show(
            request,
            "counter/application.html",
            application=found,
            person=person,
            open=found.state in UNDER_WAY,
            faults=list(Fault),
        )

    @router.get("/applications/{application}/photo.jpg")
    def photo(by: ToApplication, application: str) -> Response:
        with by.box.store.look() as work:
            picture = work.applications.get(application).photo
        if picture is None:
            raise Missing("photo", application)
        return Response(picture, media_type="image/jpeg")

    @router.post("/applications/{application}/accept")
    def accepted(request: Request, by: ToApplication, application: str) -> Response:
        accept_application(application, by.box)
        return _to_the_next(request)

    @router.post("/applications/{application}/return")
    def sent_back(
        request: Request, by: ToApplication, application: str, sent: SentForm
    ) -> Response:
        faults = tuple(fault for fault in Fault if sent.ticked(fault.value))
        send_back_application(application, faults, by.box)
        deliver(box)
        return _to_the_next(request)

    return router


def _to_the_next(request: Request) -> RedirectResponse:
    language = chosen(request)
    query = f"?lang={language}" if language else ""
    return RedirectResponse(f"/applications{query}", 303)
