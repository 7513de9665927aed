"""Cards: produced, handed over, lost, found, their certificates and faces."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from mynabox.api.authority import By
from mynabox.api.counter import representative
from mynabox.api.paging import LINKED, LONGEST, After, Limit, link_next, page_of
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    CardAnswer,
    CardsAnswer,
    CertificateAnswer,
    FoundAsk,
    HandOverAsk,
    IssuanceNumber,
    LostAsk,
    ProduceAsk,
    ProducedAnswer,
    PurposeAsk,
    ReissueAsk,
    ResidentId,
    Serial,
    SuspendedAnswer,
    VisitorAsk,
)
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Missing
from mynabox.usecases.deliver import deliver
from mynabox.usecases.faces import show_back, show_front
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.produce_card import produce_card
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.report_found import ReportFound, report_found
from mynabox.usecases.report_lost import Report, report_lost
from mynabox.usecases.show import list_cards, show_card
from mynabox.usecases.visitors import Visitor


def routes(box: Box) -> APIRouter:
    """Routes of cards and the certificates on them."""
    router = APIRouter(tags=["cards"])

    @router.get("/cards", operation_id="listCards", responses=LINKED)
    def listed(
        by: By,
        request: Request,
        response: Response,
        after: Annotated[
            str,
            Query(
                pattern=r"^[0-9]{0,16}$",
                description="`next` of the page before, to go on behind it",
            ),
        ] = "",
        limit: Limit = 50,
    ) -> CardsAnswer:
        """Cards, in the order of their manufacturing numbers."""
        found = list_cards(
            by.box, municipality=by.within(None), after=after, limit=limit + 1
        )
        page = found[:limit]
        more = page[-1].serial if len(found) > limit else None
        link_next(request, response, more)
        return CardsAnswer(cards=[CardAnswer.of(card) for card in page], next=more)

    @router.post(
        "/cards",
        operation_id="produceCard",
        status_code=201,
        responses=answers(404, 409),
    )
    def produced(by: By, ask: ProduceAsk) -> ProducedAnswer:
        """Produce the card of an application that was received (R050)."""
        done = produce_card(ask.application, by.box)
        deliver(box)
        return ProducedAnswer(
            card=CardAnswer.of(done.card),
            certificates=[CertificateAnswer.of(known) for known in done.certificates],
        )

    @router.get("/cards/{serial}", operation_id="getCard", responses=answers(404))
    def one(by: By, serial: Serial) -> CardAnswer:
        """One card."""
        return CardAnswer.of(show_card(serial, by.box).card)

    @router.post(
        "/cards/{serial}/handover",
        operation_id="handOverCard",
        responses=answers(404, 409),
    )
    def handed_over(by: By, serial: Serial, ask: HandOverAsk) -> CardAnswer:
        """Check who came (R053, R054), set the PINs (R070), or none (R081), make the
        card live."""
        pins = {
            kind: Pin(secret.get_secret_value())
            for kind, secret in ask.pins.given().items()
        }
        return CardAnswer.of(
            hand_over(
                HandOver(
                    serial=serial,
                    documents=tuple(ask.documents),
                    pins=pins,
                    without_pins=ask.without_pins,
                    old_card=ask.old_card,
                    visitor=_visitor(ask.visitor),
                ),
                by.box,
            )
        )

    @router.post(
        "/residents/{resident}/lost",
        operation_id="reportLost",
        responses=answers(404),
    )
    def lost(
        by: By, resident: ResidentId, ask: LostAsk | None = None
    ) -> SuspendedAnswer:
        """Stop the person's card and put its certificates on hold (R148, R180), at any
        hour. The receipt is for whoever calls back."""
        how = Report() if ask is None else Report(**ask.model_dump())
        suspended = report_lost(resident, by.box, report=how)
        deliver(box)
        return SuspendedAnswer(
            card=CardAnswer.of(suspended.card),
            receipt=suspended.receipt,
            certificates=[str(serial) for serial in suspended.certificates],
        )

    @router.post(
        "/cards/{serial}/found",
        operation_id="reportFound",
        responses=answers(404, 409),
    )
    def found(by: By, serial: Serial, ask: FoundAsk) -> CardAnswer:
        """Lift the suspension; certificates on hold end for good (R149)."""
        return CardAnswer.of(
            report_found(
                ReportFound(
                    serial=serial, documents=tuple(ask.documents), place=ask.place
                ),
                by.box,
            )
        )

    @router.get(
        "/cards/{serial}/certificates",
        operation_id="listCertificates",
        responses={**LINKED, **answers(404)},
    )
    def certificates(
        by: By,
        serial: Serial,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[CertificateAnswer]:
        """Every certificate ever written to the card, oldest first."""
        found = show_card(serial, by.box).certificates
        page, more = page_of(
            found, lambda one: str(one.serial), after=after, limit=limit
        )
        link_next(request, response, more)
        return [CertificateAnswer.of(certificate) for certificate in page]

    @router.post(
        "/cards/{serial}/certificates",
        operation_id="reissueCertificates",
        status_code=201,
        responses=answers(404, 409),
    )
    def reissued(by: By, serial: Serial, ask: ReissueAsk) -> list[CertificateAnswer]:
        """Issue new certificates for a card that has lost its old ones (R141)."""
        issued = reissue_certificates(
            ReissueCertificates(
                serial=serial,
                documents=tuple(ask.documents),
                kinds=tuple(dict.fromkeys(ask.kinds)) if ask.kinds else None,
                representative=representative(ask.representative),
            ),
            by.box,
        )
        return [CertificateAnswer.of(certificate) for certificate in issued]

    @router.get(
        "/certificates/{issuance_number}",
        operation_id="getCertificate",
        responses=answers(404),
    )
    def certificate(by: By, issuance_number: IssuanceNumber) -> CertificateAnswer:
        """One certificate by its issuance number."""
        with by.box.store.look() as work:
            found = work.certificates.find(int(issuance_number))
        if found is None:
            raise Missing("certificate", issuance_number)
        return CertificateAnswer.of(found)

    @router.get(
        "/cards/{serial}/front",
        operation_id="getCardFront",
        response_class=Response,
        responses={**_PNG, **answers(404)},
    )
    def front(by: By, serial: Serial) -> Response:
        """The front of the card as a specimen picture."""
        return _png(show_front(serial, by.box))

    @router.post(
        "/cards/{serial}/back",
        operation_id="getCardBack",
        response_class=Response,
        responses={**_PNG, **answers(404)},
    )
    def back(by: By, serial: Serial, ask: PurposeAsk) -> Response:
        """The back of the card. It shows the Individual Number, so it wants a purpose
        of the law (R011, R261) and the journal keeps who asked and why."""
        return _png(
            show_back(serial, by.box, requester=ask.requester, purpose=ask.purpose)
        )

    return router


_PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A picture",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _visitor(ask: VisitorAsk | None) -> Visitor | None:
    if ask is None:
        return None
    members = ask.model_dump()
    code = "".join(ask.inquiry.split()).upper()
    return Visitor(**{**members, "documents": tuple(ask.documents), "inquiry": code})


def _png(picture: bytes) -> Response:
    return Response(
        picture, media_type="image/png", headers={"cache-control": "no-store"}
    )
