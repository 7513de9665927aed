"""Applications for a card: the web form, the booth, the post and the counter; and what
a clerk decides about them."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from mynabox.api.authority import By
from mynabox.api.paging import LINKED, Limit, link_next
from mynabox.api.refusal import answers
from mynabox.api.schema import ResidentId
from mynabox.api.schema_applying import (
    ApplicationAnswer,
    ApplicationKey,
    ApplicationsAnswer,
    OpenAsk,
    SendBackAsk,
    StatusAnswer,
    StatusAsk,
    TokenAsk,
)
from mynabox.law.answer import Verdict
from mynabox.law.applications import application_id_clean
from mynabox.lifecycle.application import Applicant, Channel, HeadCover
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box, Missing
from mynabox.usecases.apply_in_person import (
    ApplyAtBooth,
    ApplyAtCounter,
    apply_at_booth,
    apply_at_counter,
)
from mynabox.usecases.deliver import deliver
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.receive_form import ReceiveForm, receive_form
from mynabox.usecases.review_application import (
    accept_application,
    applications_to_review,
    send_back_application,
)
from mynabox.usecases.show import status_of_application
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.usecases.verdict import refused
from mynabox.usecases.withdraw_application import (
    withdraw_application,
    withdraw_by_link,
)

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "As it goes on the card"}
}

_Photo = Annotated[
    UploadFile | None,
    File(description="A JPEG (R045); may be left out where a card bears none (R047)"),
]
_Taken = Annotated[date | None, Form(description="The day of the photo (R040)")]
_Born = Annotated[date, Form(description="The applicant's birth date")]
_Wanted = Annotated[bool, Form(description="false declines it (R031)")]
_Applicant = Annotated[Applicant, Form(description="Who applies (R058)")]
_Name = Annotated[
    str, Form(max_length=200, description="Whoever applies for the holder")
]
_HeadCover = Annotated[
    HeadCover | None, Form(description="Why the head is covered on the photo (R044)")
]
_Substitutes = Annotated[
    list[Annotated[str, Form(max_length=20)]],
    Form(
        max_length=50,
        description="What shall stand in the signature certificate for characters that "
        "it cannot hold (代替文字), each as `character=substitute`",
        examples=[["𠮷=吉"]],
    ),
]


def routes(box: Box) -> APIRouter:
    """Routes of applications."""
    router = APIRouter(tags=["applications"])
    _over_the_web(router, box)
    _in_person(router, box)
    _decided(router, box)

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


def _over_the_web(router: APIRouter, box: Box) -> None:
    @router.post(
        "/applications",
        operation_id="openApplication",
        status_code=201,
    )
    def opened(ask: OpenAsk) -> ApplicationAnswer:
        """Begin an application: the link to its second page goes out by mail, and
        only there is the token that `submitApplication` wants. Also to mend one that
        was sent back."""
        application = open_application(
            OpenApplication(
                application_id=ask.application_id,
                email=ask.email,
                channel=Channel(ask.channel),
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
        born: _Born,
        photo_taken: _Taken = None,
        photo: _Photo = None,
        signature_certificate: _Wanted = True,
        authentication_certificate: _Wanted = True,
        applicant: _Applicant = Applicant.HOLDER,
        applicant_name: _Name = "",
        head_cover: _HeadCover = None,
        substitutes: _Substitutes = [],  # noqa: B006 (never changed)
    ) -> ApplicationAnswer:
        """Send the form with its photo. A refusal changes nothing: mend what it says
        and send again."""
        application = submit_application(
            SubmitApplication(
                token=token,
                born=born,
                photo=_bytes(photo),
                photo_taken=photo_taken,
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=_pairs(substitutes),
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
            raise refused(cleaned)
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
                faults=list(application.faults),
            )
            for application in found
        ]

    @router.post(
        "/applications/withdrawal",
        operation_id="withdrawByLink",
    )
    def given_up(ask: TokenAsk) -> ApplicationAnswer:
        """The applicant withdraws the application with its mailed link."""
        return ApplicationAnswer.of(withdraw_by_link(ask.token, box))


def _in_person(router: APIRouter, box: Box) -> None:
    @router.post(
        "/applications/booth",
        operation_id="applyAtBooth",
        status_code=201,
        responses=answers(409),
    )
    def booth(
        application_id: Annotated[
            str, Form(max_length=100, description="Read from the form's QR code")
        ],
        born: _Born,
        paid: Annotated[bool, Form(description="The booth was paid for its photo")],
        photo: _Photo = None,
        signature_certificate: _Wanted = True,
        authentication_certificate: _Wanted = True,
        applicant: _Applicant = Applicant.HOLDER,
        applicant_name: _Name = "",
        head_cover: _HeadCover = None,
        substitutes: _Substitutes = [],  # noqa: B006 (never changed)
    ) -> ApplicationAnswer:
        """What a photo booth sends after it took the photo (R024)."""
        application = apply_at_booth(
            ApplyAtBooth(
                application_id=application_id,
                born=born,
                paid=paid,
                photo=_bytes(photo),
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=_pairs(substitutes),
            ),
            box,
        )
        return ApplicationAnswer.of(application)

    @router.post(
        "/applications/post",
        operation_id="receiveForm",
        status_code=201,
        responses=answers(409),
    )
    def by_post(
        by: By,
        scan: Annotated[UploadFile, File(description="The form: PDF, PNG or JPEG")],
        signed: Annotated[bool, Form(description="It bears a signature")] = True,
        photo_taken: _Taken = None,
        applicant: _Applicant = Applicant.HOLDER,
        applicant_name: _Name = "",
        head_cover: _HeadCover = None,
        substitutes: _Substitutes = [],  # noqa: B006 (never changed)
    ) -> ApplicationAnswer:
        """Take in a form that came by post: its codes say whose it is, the photo and
        the ticked boxes are read from the scan; what is handwritten is typed. What is
        wrong with it is sent back to the applicant by letter."""
        application = receive_form(
            ReceiveForm(
                scan=scan.file.read(),
                signed=signed,
                photo_taken=photo_taken,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=_pairs(substitutes),
            ),
            by.box,
        )
        deliver(box)
        return ApplicationAnswer.of(application)

    @router.post(
        "/residents/{resident}/applications",
        operation_id="applyAtCounter",
        status_code=201,
        responses=answers(404, 409),
    )
    def counter(
        by: By,
        resident: ResidentId,
        application_id: Annotated[
            str,
            Form(max_length=100, description="Of the person's form; empty without one"),
        ] = "",
        documents: Annotated[
            list[Annotated[str, Form(max_length=50)]],
            Form(
                max_length=20,
                description="What the holder shows; empty if they show it when the "
                "card is handed over",
                examples=[["passport", "pin"]],
            ),
        ] = [],  # noqa: B006 (never changed)
        photo: _Photo = None,
        photo_taken: _Taken = None,
        signature_certificate: _Wanted = True,
        authentication_certificate: _Wanted = True,
        applicant: _Applicant = Applicant.HOLDER,
        applicant_name: _Name = "",
        head_cover: _HeadCover = None,
        substitutes: _Substitutes = [],  # noqa: B006 (never changed)
    ) -> ApplicationAnswer:
        """Apply at the counter, without the number and, if need be, without a form; with
        documents, who they are is checked now (R051)."""
        application = apply_at_counter(
            ApplyAtCounter(
                resident=resident,
                application_id=application_id,
                documents=tuple(documents),
                photo=_bytes(photo),
                photo_taken=photo_taken,
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=_pairs(substitutes),
            ),
            by.box,
        )
        return ApplicationAnswer.of(application)


def _decided(router: APIRouter, box: Box) -> None:
    @router.get(
        "/applications",
        operation_id="listApplicationsToReview",
        responses={**LINKED, **answers(404)},
    )
    def waiting(
        by: By,
        request: Request,
        response: Response,
        municipality: Annotated[
            str | None,
            Query(pattern=r"^[0-9]{6}$", description="Six-digit municipality code"),
        ] = None,
        after: Annotated[
            str,
            Query(
                pattern=r"^[a-z0-9-]{0,64}$",
                description="`next` of the page before, to go on behind it",
            ),
        ] = "",
        limit: Limit = 50,
    ) -> ApplicationsAnswer:
        """Applications that came in and that no clerk has looked at, oldest first."""
        found = applications_to_review(
            by.box, municipality=by.within(municipality), after=after, limit=limit + 1
        )
        page = found[:limit]
        more = page[-1].id if len(found) > limit else None
        link_next(request, response, more)
        return ApplicationsAnswer(
            applications=[ApplicationAnswer.of(one) for one in page], next=more
        )

    @router.get(
        "/applications/{application}/photo",
        operation_id="getApplicationPhoto",
        response_class=Response,
        responses={**_JPEG, **answers(404)},
    )
    def photo(by: By, application: ApplicationKey) -> Response:
        """The photo of an application."""
        with by.box.store.look() as work:
            picture = work.applications.get(application).photo
        if picture is None:
            raise Missing("photo", application)
        return Response(
            picture, media_type="image/jpeg", headers={"cache-control": "no-store"}
        )

    @router.post(
        "/applications/{application}/acceptance",
        operation_id="acceptApplication",
        responses=answers(404),
    )
    def accepted(by: By, application: ApplicationKey) -> ApplicationAnswer:
        """The clerk finds nothing wrong (R042, R043)."""
        return ApplicationAnswer.of(accept_application(application, by.box))

    @router.post(
        "/applications/{application}/return",
        operation_id="sendBackApplication",
        responses=answers(404),
    )
    def sent_back(
        by: By, application: ApplicationKey, ask: SendBackAsk
    ) -> ApplicationAnswer:
        """Send it back with every reason; the applicant hears of it by mail with a new
        link, or by letter, and applies once more on any channel."""
        back = send_back_application(application, tuple(ask.faults), by.box)
        deliver(box)
        return ApplicationAnswer.of(back)

    @router.post(
        "/applications/{application}/withdrawal",
        operation_id="withdrawApplication",
        responses=answers(404),
    )
    def withdrawn(by: By, application: ApplicationKey) -> ApplicationAnswer:
        """The applicant withdraws it at the counter, before the card is produced."""
        return ApplicationAnswer.of(withdraw_application(application, by.box))


def _bytes(file: UploadFile | None) -> bytes | None:
    return None if file is None else file.file.read()


def _pairs(substitutes: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in substitutes:
        character, sign, wish = pair.partition("=")
        if not sign:
            raise Refused("application.substitute_not_possible", rules=("R145",))
        pairs[character] = wish
    return pairs
