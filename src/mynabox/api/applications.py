"""Applications for a card, as the web form takes them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    ApplicationAnswer,
    ApplicationKey,
    OpenAsk,
    StatusAnswer,
    StatusAsk,
)
from mynabox.law.answer import Verdict
from mynabox.law.applications import application_id_clean
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.show import status_of_application
from mynabox.usecases.submit_application import SubmitApplication, submit_application


def routes(box: Box) -> APIRouter:
    """Routes of applications."""
    router = APIRouter(tags=["applications"])

    @router.post(
        "/applications",
        operation_id="openApplication",
        status_code=201,
    )
    def opened(ask: OpenAsk) -> ApplicationAnswer:
        """Begin an application: the link to its second page goes out by mail, and
        only there is the token that `submitApplication` wants."""
        application = open_application(
            OpenApplication(
                application_id=ask.application_id, email=ask.email, channel=ask.channel
            ),
            box,
        )
        deliver(box)
        return ApplicationAnswer.of(application)

    @router.post(
        "/applications/submission",
        operation_id="submitApplication",
    )
    def submitted(
        token: Annotated[
            str, Form(max_length=200, description="The last part of the mailed link")
        ],
        born: Annotated[date, Form(description="The applicant's birth date")],
        photo_taken: Annotated[date, Form(description="The day of the photo (R040)")],
        photo: Annotated[UploadFile, File(description="A JPEG (R045)")],
        signature_certificate: Annotated[
            bool, Form(description="false declines it (R031)")
        ] = True,
        authentication_certificate: Annotated[
            bool, Form(description="false declines it (R031)")
        ] = True,
    ) -> ApplicationAnswer:
        """Send the form with its photo. A refusal changes nothing: mend what it says
        and send again."""
        application = submit_application(
            SubmitApplication(
                token=token,
                born=born,
                photo=photo.file.read(),
                photo_taken=photo_taken,
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
            ),
            box,
        )
        deliver(box)
        return ApplicationAnswer.of(application)

    @router.post(
        "/applications/status",
        operation_id="getApplicationStatus",
        responses=answers(404),
    )
    def status(ask: StatusAsk) -> list[StatusAnswer]:
        """How the applications under an application ID stand, oldest first."""
        cleaned = application_id_clean(ask.application_id).value
        if isinstance(cleaned, Verdict):
            raise Refused(cleaned.codes[0], rules=("R025",))
        found = status_of_application(cleaned, box)
        with box.store.look() as work:
            states = {
                card.application: card.state
                for application in found
                for card in work.cards.of(application.resident)
            }
        return [
            StatusAnswer(
                application=application.state,
                received=application.received,
                card=states.get(application.id),
            )
            for application in found
        ]

    @router.get(
        "/applications/{application}",
        operation_id="getApplication",
        responses=answers(404),
    )
    def one(by: By, application: ApplicationKey) -> ApplicationAnswer:
        """One application."""
        with by.box.store.look() as work:
            return ApplicationAnswer.of(work.applications.get(application))

    return router
