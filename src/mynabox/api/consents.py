"""What residents consent to, and take back."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from mynabox.api.authority import By
from mynabox.api.paging import LINKED, LONGEST, After, Limit, link_next, page_of
from mynabox.api.refusal import answers
from mynabox.api.schema import ResidentId, Wire
from mynabox.api.verifiers import VerifierKey
from mynabox.lifecycle.consent import Consent, ConsentState
from mynabox.lifecycle.verifier import Verifier
from mynabox.ports import Box
from mynabox.usecases.consents import give_consent, list_consents, revoke_consent
from mynabox.usecases.register_verifier import show_verifier


class ConsentAsk(Wire):
    """Who may be told."""

    verifier: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,40}$")] = Field(
        description="Id or name", examples=["bank"]
    )


class ConsentAnswer(BaseModel):
    """A consent."""

    id: str
    verifier: str = Field(description="Name of the verifier")
    purpose: str = Field(description="What the verifier says it is for")
    given: datetime
    expires: datetime
    ended: datetime | None
    state: ConsentState

    @classmethod
    def of(cls, consent: Consent, verifier: Verifier) -> Self:
        """The answer for a consent."""
        return cls(
            id=consent.id,
            verifier=verifier.name,
            purpose=verifier.purpose,
            given=consent.given,
            expires=consent.expires,
            ended=consent.ended,
            state=consent.state,
        )


def routes(box: Box) -> APIRouter:
    """Routes of consents."""
    router = APIRouter(tags=["consents"])

    @router.post(
        "/residents/{resident}/consents",
        operation_id="giveConsent",
        status_code=201,
        responses=answers(404, 409),
    )
    def given(by: By, resident: ResidentId, ask: ConsentAsk) -> ConsentAnswer:
        """Consent that a verifier is told the four items that the register has of you
        at any time of the next ten years."""
        consent = give_consent(resident, ask.verifier, by.box)
        return ConsentAnswer.of(consent, show_verifier(consent.verifier, by.box))

    @router.get(
        "/residents/{resident}/consents",
        operation_id="listConsents",
        responses={**LINKED, **answers(404)},
    )
    def listed(
        by: By,
        resident: ResidentId,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[ConsentAnswer]:
        """What was consented to, oldest first."""
        found = list_consents(resident, by.box)
        page, more = page_of(found, lambda one: one[0].id, after=after, limit=limit)
        link_next(request, response, more)
        return [ConsentAnswer.of(consent, verifier) for consent, verifier in page]

    @router.delete(
        "/residents/{resident}/consents/{verifier}",
        operation_id="revokeConsent",
        responses=answers(404),
    )
    def revoked(by: By, resident: ResidentId, verifier: VerifierKey) -> ConsentAnswer:
        """Take a consent back; nothing is told any more from now on."""
        consent = revoke_consent(resident, verifier, by.box)
        return ConsentAnswer.of(consent, show_verifier(consent.verifier, by.box))

    return router
