"""Lost cards, requests for another one, and what it costs."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mynabox.api.authority import By
from mynabox.api.counter import Documents
from mynabox.api.paging import (
    LINKED,
    LONGEST,
    After,
    Limit,
    link_next,
    page_of,
)
from mynabox.api.refusal import answers
from mynabox.api.schema import ResidentId, Wire
from mynabox.lifecycle.card_request import CardReason, CardRequest, RequestState
from mynabox.lifecycle.fee import Fee, FeeState, Means
from mynabox.lifecycle.loss import Loss, LossState, Proof, Told
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver
from mynabox.usecases.note_proof import NoteProof, note_proof
from mynabox.usecases.pay_fee import PayFee, pay_fee
from mynabox.usecases.request_card import (
    RequestCard,
    request_card,
    withdraw_request,
)

_ID = r"^[a-z]{1,8}-[a-z0-9]{1,32}$"
Receipt = Annotated[
    str, Path(pattern=r"^[0-9]{10}$", description="Ten digits that the hotline gave")
]
RequestKey = Annotated[str, Path(pattern=_ID, description="Id of a request: `req-…`")]
FeeKey = Annotated[str, Path(pattern=_ID, description="Id of a fee: `fee-…`")]
_Text = Annotated[str, Field(min_length=1, max_length=100)]


class LossProofAsk(Wire):
    """A paper that shows how a card was lost (R181, R183)."""

    proof: Proof
    authority: _Text = Field(examples=["つくば警察署"])
    number: _Text = Field(examples=["令和8年 第1234号"])
    day: date


class LossAnswer(BaseModel):
    """One loss of one card."""

    model_config = ConfigDict(from_attributes=True)

    receipt: str
    card: str
    resident: str
    municipality: str
    reported: datetime
    told: Told
    caller: str
    callback: str
    proof: Proof | None
    authority: str
    number: str
    proved: date | None
    state: LossState

    @classmethod
    def of(cls, loss: Loss) -> Self:
        """The answer for a loss."""
        return cls.model_validate(loss)


class CardRequestAsk(Wire):
    """Why the holder wants another card (R160-R164)."""

    reason: CardReason
    documents: Documents
    old_card: bool = Field(
        default=True, description="The old card is handed in (R055, R163)"
    )
    certificates: bool = Field(default=True, description="With certificates on it")
    express: bool = Field(default=False, description="Made within days (R061)")
    express_for: Literal[
        "", "infant", "from_abroad", "newly_registered", "released"
    ] = Field(default="", description="Why a first card is made within days")


class FeeAnswer(BaseModel):
    """A fee, in yen."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: str = Field(description="Ten digits on slip and receipt")
    request: str
    resident: str
    amount: int = Field(description="The whole, in yen")
    card: int
    certificates: int
    express: int
    rules: list[str] = Field(description="On which it rests")
    state: FeeState
    settled: datetime | None
    means: Means | None

    @classmethod
    def of(cls, fee: Fee) -> Self:
        """The answer for a fee."""
        members = {name: getattr(fee, name) for name in cls.model_fields}
        return cls.model_validate(members | {"rules": fee.rules.split()})


class CardRequestAnswer(BaseModel):
    """A request for another card, and what it costs."""

    id: str
    resident: str
    reason: CardReason
    card: str | None = Field(description="The card that it is to replace")
    old_card: bool
    express: str
    asked: datetime
    state: RequestState
    fee: FeeAnswer

    @classmethod
    def of(cls, request: CardRequest, fee: Fee) -> Self:
        """The answer for a request."""
        return cls(
            id=request.id,
            resident=request.resident,
            reason=request.reason,
            card=request.card,
            old_card=request.old_card,
            express=request.express,
            asked=request.asked,
            state=request.state,
            fee=FeeAnswer.of(fee),
        )


class PayAsk(Wire):
    """What was taken at the counter."""

    amount: int = Field(ge=0, le=1_000_000, description="Yen", examples=[1000])
    means: Means = Means.CASH


def routes(box: Box) -> APIRouter:
    """Routes of losses, requests and fees."""
    router = APIRouter(tags=["replacement"])

    @router.get("/losses/{receipt}", operation_id="getLoss", responses=answers(404))
    def loss(by: By, receipt: Receipt) -> LossAnswer:
        """What is known of a loss, for whoever calls back with its receipt."""
        with by.box.store.look() as work:
            return LossAnswer.of(work.losses.get(receipt))

    @router.post(
        "/losses/{receipt}/proof",
        operation_id="noteProof",
        responses=answers(404, 409),
    )
    def proved(by: By, receipt: Receipt, ask: LossProofAsk) -> LossAnswer:
        """The police's or the fire office's paper is shown; the receipt for the
        report is posted."""
        noted = note_proof(NoteProof(receipt=receipt, **ask.model_dump()), by.box)
        deliver(box)
        return LossAnswer.of(noted)

    @router.post(
        "/residents/{resident}/card-requests",
        operation_id="requestCard",
        status_code=201,
        responses=answers(404, 409),
    )
    def requested(
        by: By, resident: ResidentId, ask: CardRequestAsk
    ) -> CardRequestAnswer:
        """Ask for another card in place of the one there is or was. The slip for the
        fee is posted; after this an application is received."""
        done = request_card(
            RequestCard(
                resident=resident,
                reason=ask.reason,
                documents=tuple(ask.documents),
                old_card=ask.old_card,
                certificates=ask.certificates,
                express=ask.express,
                express_for=ask.express_for,
            ),
            by.box,
        )
        deliver(box)
        return CardRequestAnswer.of(done.request, done.fee)

    @router.get(
        "/residents/{resident}/card-requests",
        operation_id="listCardRequests",
        responses={**LINKED, **answers(404)},
    )
    def listed(
        by: By,
        resident: ResidentId,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[CardRequestAnswer]:
        """A person's requests for another card, oldest first."""
        with by.box.store.look() as work:
            person = work.residents.get(resident)
            found = work.card_requests.which(order="asked", resident=person.id)
            page, more = page_of(found, lambda one: one.id, after=after, limit=limit)
            link_next(request, response, more)
            return [
                CardRequestAnswer.of(one, work.fees.which(request=one.id)[0])
                for one in page
            ]

    @router.post(
        "/card-requests/{card_request}/withdrawal",
        operation_id="withdrawCardRequest",
        responses=answers(404, 409),
    )
    def withdrawn(by: By, card_request: RequestKey) -> CardRequestAnswer:
        """The holder does not want it after all; what was paid goes back."""
        after = withdraw_request(card_request, by.box)
        with by.box.store.look() as work:
            return CardRequestAnswer.of(after, work.fees.which(request=after.id)[0])

    @router.get("/fees/{fee}", operation_id="getFee", responses=answers(404))
    def fee(by: By, fee: FeeKey) -> FeeAnswer:
        """One fee."""
        with by.box.store.look() as work:
            return FeeAnswer.of(work.fees.get(fee))

    @router.post(
        "/fees/{fee}/payment", operation_id="payFee", responses=answers(404, 409)
    )
    def paid(by: By, fee: FeeKey, ask: PayAsk) -> FeeAnswer:
        """The fee is paid, once and whole; the receipt is posted."""
        done = pay_fee(PayFee(fee=fee, amount=ask.amount, means=ask.means), by.box)
        deliver(box)
        return FeeAnswer.of(done)

    return router
